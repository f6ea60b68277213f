"""What operators do to a running gateway, under load: reload, drain, budgets, kills. Real processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from tests.faults.test_upstream import config, kept, real
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, until_ready
from tests.gateway.test_budgets import budgeted, rented
from tests.gateway.test_death import started, until_deaf
from tests.waiting import HANGS_SECONDS, until


async def test_a_reload_under_load_fails_no_request(tmp_path: Path, free_port: int) -> None:
    answers: list[Answer] = []
    async with up.upstream(up.says()) as rent:
        text = config({"gpt": rent.url})
        async with real(tmp_path, free_port, text) as house:
            over = asyncio.Event()

            async def client() -> None:
                while not over.is_set():
                    answers.append(await house.chat("gpt"))

            clients = [asyncio.create_task(client()) for _ in range(8)]
            for number in range(4):
                house.config.write_text(f"{text}ttft_seconds = {number + 1}.0\n")
                await asyncio.sleep(0.5)
                house.config.write_text("this is [no config")  # a bad one changes nothing
                await asyncio.sleep(0.5)
            await until(lambda: len(answers) > 50)
            over.set()
            await asyncio.gather(*clients)
    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["x-request-id"] for answer in answers} <= kept(tmp_path).keys()


async def test_streams_that_outlast_the_drain_end_in_a_typed_error_and_others_whole(
    tmp_path: Path, free_port: int
) -> None:
    """A plain request that outlasts it is answered with the same error, as a 503."""
    short, long = (
        up.streams(*up.WHOLE, pause_seconds=0.2),
        up.streams(*([up.chunk("x")] * 200), pause_seconds=0.3),
    )
    async with up.upstream(short) as quick, up.upstream(long) as endless, up.upstream(up.hangs) as hanging:
        house = Gateway(cast("Any", None), free_port, tmp_path / "freehold.toml")
        house.config.write_text(
            "[server]\ndrain_seconds = 4\n"
            + config({"quick": quick.url, "endless": endless.url, "hanging": hanging.url}).replace(
                "= 1.0", "= 60.0"
            )
        )
        with started(tmp_path, free_port) as process:
            await until_ready(house)
            both = [asyncio.create_task(house.chat(name, stream=True)) for name in ("quick", "endless")]
            plain = asyncio.create_task(house.chat("hanging"))
            await until(lambda: quick.requests and endless.requests and hanging.requests)
            process.send_signal(signal.SIGTERM)
            await until_deaf(free_port)
            whole, cut, unanswered = await asyncio.gather(*both, plain)
            assert process.wait(HANGS_SECONDS) == 0
    assert whole.body.endswith(up.DONE)
    assert not cut.body.endswith(up.DONE)
    last = cut.body.strip().rpartition(b"data: ")[2]
    assert json.loads(last)["error"]["code"] == "server_stopped"
    assert (unanswered.status, unanswered.error["code"]) == (503, "server_stopped")
    records = kept(tmp_path)
    assert records[whole.headers["x-request-id"]].error is None
    for answer in (cut, unanswered):
        record = records[answer.headers["x-request-id"]]
        assert (record.status, bool(record.error)) == (503, True)


async def test_two_hundred_requests_at_once_never_overrun_a_budget(tmp_path: Path, free_port: int) -> None:
    cap = Decimal("0.004")
    headers = budgeted(tmp_path, str(cap))
    async with up.upstream(up.says()) as rent, real(tmp_path, free_port, rented(rent.url)) as house:
        answers = await asyncio.gather(*(house.chat(max_tokens=100, headers=headers) for _ in range(200)))
        more = [await house.chat(max_tokens=100, headers=headers) for _ in range(20)]
    statuses = [answer.status for answer in answers + more]
    assert set(statuses) == {200, 429}
    refused = [answer for answer in answers + more if answer.status == 429]
    assert {answer.error["code"] for answer in refused} == {"insufficient_quota"}
    spent = sum((record.cost_usd or Decimal(0)) for record in kept(tmp_path).values())
    # An answer costs 0.0002 and holds 0.0011 while it is on its way: the rest of the cap is less than a hold.
    assert cap - Decimal("0.0011") < spent <= cap
    assert statuses.count(200) == len(rent.requests)


@pytest.mark.slow
async def test_five_kills_of_the_process_group_under_load_lose_nothing_acknowledged(
    tmp_path: Path, free_port: int
) -> None:
    acknowledged: set[str] = set()
    async with up.upstream(up.says()) as rent:
        house = Gateway(cast("Any", None), free_port, tmp_path / "freehold.toml")
        house.config.write_text(config({"gpt": rent.url}))

        async def client() -> None:
            while True:
                try:
                    answer = await house.chat("gpt")
                except (ConnectionError, IndexError, asyncio.IncompleteReadError):
                    return
                if answer.status == 200 and answer.whole:
                    acknowledged.add(answer.headers["x-request-id"])

        for _ in range(5):
            with started(tmp_path, free_port) as process:
                await until_ready(house)
                clients = [asyncio.create_task(client()) for _ in range(16)]
                before = len(acknowledged)
                await until(lambda: len(acknowledged) > before + 100)  # noqa: B023 - it is over before the next
                os.killpg(process.pid, signal.SIGKILL)
                await asyncio.wait_for(asyncio.gather(*clients), 60)
    assert acknowledged <= kept(tmp_path).keys()
