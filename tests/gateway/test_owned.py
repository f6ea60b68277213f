"""An owned model through the whole gateway: a real engine child, its death, and money to the cent."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.engine.tiny_gguf import Shape, write_gguf
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway, hang_up
from tests.waiting import HANGS_SECONDS, until

from freehold.gateway import plan
from freehold.ledger import LedgerReader

pytest.importorskip("xllamacpp", reason="the owned engine needs the [own] extra")

HOURLY = Decimal(36)
SLOTS = 2


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("weights") / "tiny.gguf", Shape(context_tokens=2048))


def owned(weights: Path, more: str = "", rent: str = "") -> str:
    return f"""
[models.llama]
tenure = "owned"
provider = "llamacpp"
weights = "{weights}"
slots = {SLOTS}
context_tokens = 1024
hourly_cost_usd = {HOURLY}
embeddings = true
retries = 0
{rent}
[routes.support]
own = "llama"
home = "own"
{more}
"""


def child_pid(house: Gateway) -> int:
    pid = house.running.engines["llama"].state.pid
    assert pid is not None
    return pid


@pytest.fixture
def mine(tmp_path: Path, weights: Path) -> Path:
    """Weights of one test alone, which may take them away."""
    return Path(shutil.copy(weights, tmp_path / "mine.gguf"))


async def dies(house: Gateway, mine: Path) -> None:
    """Its engine is dead, that is known, and nothing is there that another could be started from."""
    mine.rename(mine.with_name("gone.gguf"))
    os.kill(child_pid(house), signal.SIGKILL)
    await until(lambda: not house.running.engines["llama"].ready)


async def wait_for_another(house: Gateway, before: int) -> None:
    """Until another child than `before` answers; its death may not have been noticed yet."""
    engine = house.running.engines["llama"]
    await until(lambda: engine.ready and engine.state.pid != before)


async def test_the_engine_answers_plain_streamed_and_with_embeddings(tmp_path: Path, weights: Path) -> None:
    async with gateway(tmp_path, owned(weights)) as house:
        plain = await house.chat(max_tokens=8, temperature=0)
        streamed = await house.chat(max_tokens=8, temperature=0, stream=True)
        legacy = await house.ask("/v1/completions", {"model": "support", "prompt": "once", "max_tokens": 4})
        vectors = await house.ask("/v1/embeddings", {"model": "support", "input": ["a", "b"]})
        records = await house.records()
    assert [a.status for a in (plain, streamed, legacy, vectors)] == [200] * 4
    text = plain.json["choices"][0]["message"]["content"]
    pieces = [json.loads(e[6:]) for e in streamed.body.split(b"\n\n") if e.startswith(b"data: {")]
    assert "".join(p["choices"][0]["delta"].get("content") or "" for p in pieces if p["choices"]) == text
    assert len(vectors.json["data"]) == 2
    assert all(r.usage is not None and r.cost_usd is not None and r.cost_usd > 0 for r in records)


async def test_grammar_schema_and_logprobs_reach_the_engine(tmp_path: Path, weights: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    async with gateway(tmp_path, owned(weights)) as house:
        # Under a schema random weights pad with white space, which llama.cpp bounds: room for all of it.
        by_schema = await house.chat(max_tokens=400, response_format=wanted)
        by_grammar = await house.chat(max_tokens=20, grammar='root ::= "yes" | "no"')
        probable = await house.chat(max_tokens=3, logprobs=True, top_logprobs=2)
    assert by_grammar.json["choices"][0]["message"]["content"] in ("yes", "no")
    assert by_schema.json["choices"][0]["finish_reason"] == "stop"
    assert set(json.loads(by_schema.json["choices"][0]["message"]["content"])) == {"a"}
    assert probable.json["choices"][0]["logprobs"]["content"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an engine that is being started again."""
    monkeypatch.setattr(plan, "PATIENCE_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
async def test_a_dead_engine_is_an_error_for_its_requests_then_a_503_then_it_is_back(
    tmp_path: Path, mine: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway(tmp_path, owned(mine)) as house:
        before = child_pid(house)
        os.kill(before, signal.SIGSTOP)  # or it might be done before it dies
        running = asyncio.create_task(house.chat(max_tokens=900, ignore_eos=True))
        sent = tmp_path / "freehold.db.underway"
        await until(lambda: sent.stat().st_size)
        await dies(house, mine)
        cut = await running
        down = await house.chat(max_tokens=4)
        mine.with_name("gone.gguf").rename(mine)
        await wait_for_another(house, before)
        back = await house.chat(max_tokens=4)
        assert child_pid(house) != before
    assert (cut.status, cut.error["code"]) == (503, "upstream_cut")
    assert down.status == 503
    assert back.status == 200
    assert "the engine of llama is restarting" in caplog.text
    assert "the engine of llama is ready again" in caplog.text


@pytest.mark.usefixtures("impatient")
async def test_with_the_engine_dead_a_simulated_model_does_not_stand_in(tmp_path: Path, mine: Path) -> None:
    rent = '[models.gpt]\ntenure = "rented"\nprovider = "sandbox"'
    async with gateway(tmp_path, owned(mine, more='rent = "gpt"', rent=rent)) as house:
        await dies(house, mine)
        down = await house.chat(max_tokens=4)
        asked = await house.chat(headers={"x_freehold_home": "rent"})
    assert down.status == 503
    assert "does not stand in" in down.error["message"]
    assert (asked.status, asked.headers["x-freehold-simulated"]) == (200, "true")


@pytest.mark.usefixtures("impatient")
async def test_a_real_rented_model_stands_in_where_the_label_allows(tmp_path: Path, mine: Path) -> None:
    async with up.upstream(up.says()) as server:
        rent = f'[models.gpt]\ntenure = "rented"\nprovider = "compatible"\nurl = "{server.url}"'
        async with gateway(tmp_path, owned(mine, more='rent = "gpt"', rent=rent)) as house:
            await dies(house, mine)
            internal = await house.chat(max_tokens=4)
            personal = await house.chat(max_tokens=4, headers={"x_freehold_label": "personal"})
    assert (internal.status, internal.headers["x-freehold-model"]) == (200, "gpt")
    assert personal.status == 503
    assert len(server.requests) == 1


async def test_records_and_idle_time_add_up_to_the_hours_to_the_cent(tmp_path: Path, weights: Path) -> None:
    async with gateway(tmp_path, owned(weights)) as house:
        await asyncio.gather(*(house.chat(max_tokens=40, ignore_eos=True) for _ in range(7)))
        await asyncio.sleep(0.5)
        ledger = house.running.ledger_path
    with LedgerReader.open(ledger) as reader:
        records, idle = reader.requests(100), reader.idle()
        stats = reader.stats()
    spent = sum((r.cost_usd for r in records if r.cost_usd is not None), Decimal(0))
    unused = sum((i.cost_usd for i in idle if i.cost_usd is not None), Decimal(0))
    up_seconds = Decimal(repr(max(i.to for i in idle))) - Decimal(repr(min(i.from_ for i in idle)))
    assert abs(spent + unused - up_seconds / 3600 * HOURLY) < Decimal("0.005")
    assert spent > 0
    assert unused > 0
    assert (stats.cost_usd, stats.idle_cost_usd) == (spent, unused)


async def test_more_requests_than_slots_wait_their_turn(tmp_path: Path, weights: Path) -> None:
    async with gateway(tmp_path, owned(weights)) as house:
        answers: list[Any] = await asyncio.gather(*(house.chat(max_tokens=5) for _ in range(12)))
    assert [a.status for a in answers] == [200] * 12


async def test_hanging_up_frees_the_engine(tmp_path: Path, weights: Path) -> None:
    async with gateway(tmp_path, owned(weights)) as house:
        body = {
            "model": "support", "stream": True, "max_tokens": 1000, "ignore_eos": True,
            "messages": [{"role": "user", "content": "hi"}],
        }  # fmt: skip
        writers = []
        for _ in range(SLOTS):
            reader, writer = await house.open("/v1/chat/completions", body)
            await reader.readuntil(b"data: ")
            writers.append(writer)
        for writer in writers:
            await hang_up(writer)
        answer = await asyncio.wait_for(house.chat(max_tokens=2), HANGS_SECONDS)
    assert answer.status == 200


async def test_a_routes_grammar_binds_the_answer_and_takes_no_chances(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server:
        config = f"""
[models.llama]
tenure = "owned"
provider = "llamacpp"
url = "{server.url}"
[routes.support]
own = "llama"
grammar = "ticket"
"""
        async with gateway(tmp_path, config) as house:
            await house.chat(content="order 4711 is late", response_format={"type": "json_object"})
            await house.chat(content="order 4711 is late", temperature=0.7)
            await house.chat(content="order 4711 is late", grammar='root ::= "yes"')
    bound, warm, own = (request.json for request in server.requests)
    assert "4711" in bound["grammar"]
    assert (bound["temperature"], warm["temperature"]) == (0, 0.7)
    assert "response_format" not in bound
    assert own["grammar"] == 'root ::= "yes"'
    assert "temperature" not in own
