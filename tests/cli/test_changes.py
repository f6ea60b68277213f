"""What a running gateway says of changed files, and of its end."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway

from freehold.cli.changes import changed_keys
from freehold.config import Settings, parse

CONFIG = """\
[models.gpt]
tenure = "rented"
provider = "openai"
key_env = "GPT_KEY"

[models.old]
tenure = "rented"
provider = "sandbox"

[routes.support]
rent = "gpt"
"""

RULES = """\
[models.guard]
tenure = "owned"
provider = "rules"
rules = "rules.toml"
"""
RULE = """\
[[rules]]
category = "harassment"
phrases = ["{phrase}"]
"""


def read(text: str, base: Path, gpt_key: str = "sk-one") -> Settings:
    return parse(
        text,
        source="freehold.toml",
        base=base,
        environ={"GPT_KEY": gpt_key, "OTHER": "sk-three"},
        providers=("openai", "sandbox"),
        grammars=(),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key_env", "retries = 5\nkey_env", ["models.gpt.retries"]),
        ("GPT_KEY", "OTHER", ["models.gpt.key_env"]),
        ("[models.old]", "[models.new]", ["models.old (gone)", "models.new (new)"]),
        ('rent = "gpt"', 'rent = "old"\nlabel = "public"', ["routes.support.rent", "routes.support.label"]),
        ("[models.gpt]", "[server]\nport = 1\n[models.gpt]", ["server.port"]),
        ("[models.gpt]", "[ledger]\npath = 'b.db'\n[models.gpt]", ["ledger.path"]),
        ("[models.gpt]", "# a remark\n[models.gpt]", []),
    ],
)
def test_what_changed_is_told_by_key(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    before = read(CONFIG, tmp_path)
    assert changed_keys(before, read(CONFIG.replace(old, new), tmp_path)) == said


def test_another_secret_is_a_change_and_is_not_told(tmp_path: Path) -> None:
    said = changed_keys(read(CONFIG, tmp_path), read(CONFIG, tmp_path, "sk-two"))
    assert said == ["models.gpt (its key)"]


async def logged(caplog: pytest.LogCaptureFixture, text: str) -> logging.LogRecord:
    async with asyncio.timeout(60):
        while True:
            for record in caplog.records:
                if text in record.getMessage():
                    return record
            await asyncio.sleep(0.05)


SANDBOX = '[models.play]\ntenure = "rented"\nprovider = "sandbox"\nttft_seconds = 0\n'


async def test_a_changed_config_is_told_as_information(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "freehold")
    async with gateway(tmp_path, SANDBOX) as house:
        house.config.write_text(SANDBOX + "retries = 1\n")
        record = await logged(caplog, "the changed config is in use: models.play.retries")
    assert record.levelno == logging.INFO


async def flagged(house: Gateway) -> bool:
    answer = await house.ask("/v1/moderations", {"model": "guard", "input": "the zebra came"})
    result: bool = answer.json["results"][0]["flagged"]
    return result


async def test_a_changed_file_of_rules_is_taken_up_though_the_config_is_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "freehold")
    rules = tmp_path / "rules.toml"
    rules.write_text(RULE.format(phrase="lion"))
    async with gateway(tmp_path, RULES) as house:
        assert not await flagged(house)
        rules.write_text("[[rules]]\nnonsense = 1\n")
        await logged(caplog, "is not used, the one before keeps running")
        assert not await flagged(house)
        rules.write_text(RULE.format(phrase="zebra"))
        await logged(caplog, "the changed config is in use: the rules of guard")
        assert await flagged(house)


async def test_the_end_says_how_many_requests_were_drained(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "freehold")
    go_on = asyncio.Event()

    async def waits(exchange: up.Exchange) -> None:
        await go_on.wait()
        await up.says()(exchange)

    async with up.upstream(waits) as server:
        config = f'[models.gpt]\ntenure = "rented"\nprovider = "compatible"\nurl = "{server.url}"\n'
        async with gateway(tmp_path, config) as house:
            asking = asyncio.create_task(house.chat("gpt"))
            while not server.requests:  # noqa: ASYNC110 - it is on its way
                await asyncio.sleep(0.01)
            house.running.stop()
            await logged(caplog, "stopping: 1 under way may finish for 30 s")
            go_on.set()
            assert (await asking).status == 200
    await logged(caplog, "stopped; drained 1 request")


async def test_models_were_created_when_the_config_was_written(tmp_path: Path) -> None:
    async with gateway(tmp_path, SANDBOX) as house:
        listed = await house.ask("/v1/models")
        one = await house.ask("/v1/models/play")
        written = int(house.config.stat().st_mtime)
    assert [model["created"] for model in listed.json["data"]] == [written]
    assert one.json["created"] == written


async def test_a_response_that_is_not_there_is_filed_under_its_route(tmp_path: Path) -> None:
    async with gateway(tmp_path, SANDBOX + '[routes.desk]\nrent = "play"\nstore = true\n') as house:
        body = {"model": "desk", "input": "hi", "previous_response_id": "resp_none"}
        answer = await house.ask("/v1/responses", body)
        record = await house.record(answer)
    assert (answer.status, record.route, record.status) == (404, "desk", 404)
