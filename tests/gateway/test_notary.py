"""A gateway signs its log and says by which config it serves, unasked."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from pathlib import Path

from tests.gateway import upstream as up
from tests.gateway.house import gateway
from tests.waiting import until

from freehold.audit import Checkpoint
from freehold.ledger import events, verify


def config(url: str, audit: str = "") -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
model = "gpt-4o-mini"
input_usd_per_million = 1
output_usd_per_million = 10

[routes.support]
rent = "gpt"

[audit]
checkpoint_file = "elsewhere.jsonl"
{audit}
"""


def kept(folder: Path) -> list[Checkpoint]:
    file = folder / "elsewhere.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [Checkpoint.parse(json.loads(line)) for line in lines]


async def test_what_was_served_is_signed_when_the_gateway_stops(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server:
        async with gateway(tmp_path, config(server.url)) as house:
            await house.chat()
            path = house.running.ledger_path
    (checkpoint,) = kept(tmp_path)
    verdict = verify(path, [checkpoint])
    assert verdict.findings == ()
    assert checkpoint.tree_size == verdict.tree_size
    assert verdict.sent == 1


async def test_it_signs_every_so_often_if_there_is_anything_new(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server:
        async with gateway(tmp_path, config(server.url, "checkpoint_seconds = 0.1")) as house:
            await house.chat()
            await until(lambda: kept(tmp_path))
            before = len(kept(tmp_path))
            await house.chat()
            await until(lambda: len(kept(tmp_path)) > before)
            sizes = [checkpoint.tree_size for checkpoint in kept(tmp_path)]
    assert sizes == sorted(set(sizes))


async def test_a_checkpoint_is_handed_on_and_that_is_written_down_before(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server, up.upstream(up.says({})) as auditor:
        url = f'checkpoint_url = "{auditor.url}/checkpoints"'
        async with gateway(tmp_path, config(server.url, url)) as house:
            await house.chat()
            path = house.running.ledger_path
    (handed,) = auditor.requests
    assert handed.head.startswith("POST /v1/checkpoints HTTP/1.1")
    assert Checkpoint.parse(handed.json).is_genuine()
    (event,) = events(path, "egress.sent")
    assert event.body["digest"] == sha256(handed.body).hexdigest()
    assert event.body["policy"] == "audit"
    assert verify(path, [Checkpoint.parse(handed.json)]).intact


async def test_an_auditor_who_does_not_answer_stops_nothing(tmp_path: Path) -> None:
    refused = 'checkpoint_url = "http://127.0.0.1:9/checkpoints"'
    async with up.upstream(up.says()) as server:
        async with gateway(tmp_path, config(server.url, refused)) as house:
            assert (await house.chat()).status == 200
    assert len(kept(tmp_path)) == 1


async def test_the_log_says_by_which_config_was_served(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server:
        for label in ("public", "internal", "internal"):
            text = config(server.url) + f'\n[routes.other]\nrent = "gpt"\nlabel = "{label}"\n'
            async with gateway(tmp_path, text) as house:
                path = house.running.ledger_path
                await until(lambda: events(path, "config.used"))  # noqa: B023  it is over before the next
                await asyncio.sleep(0.6)
            digest = sha256(text.encode()).hexdigest()
            assert events(path, "config.used")[-1].body["digest"] == digest
    assert len(events(path, "config.used")) == 2  # once for each change
