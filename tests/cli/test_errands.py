"""Commands that send something themselves: what left is a leaf in the ledger of their config."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Ended, Freehold, Wrote
from tests.cli.visits import RENTED, SECRET, WELL
from tests.conftest import ROOT
from tests.engine.stand_in_hub import stand_in_hub
from tests.gateway.upstream import Upstream, says, upstream
from tests.ledger.samples import a_record

from freehold.ledger import LedgerReader, events, outgoing, verify

NOTHING = sha256(b"").hexdigest()


def sent(ledger: Path) -> list[dict[str, Any]]:
    return [event.body for event in events(ledger, "egress.sent")]


def digests(bodies: list[dict[str, Any]]) -> list[str]:
    return [digest for body in bodies for digest in body.get("digests") or [body["digest"]]]


@pytest.fixture
def beside(
    freehold: Freehold, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Ended, Upstream]]:
    """Runs a command beside an upstream that its config names."""
    monkeypatch.setenv("UPSTREAM_KEY", SECRET)

    def run(*arguments: str) -> tuple[Ended, Upstream]:
        async def go() -> tuple[Ended, Upstream]:
            async with upstream(WELL) as served:
                (folder / "freehold.toml").write_text(RENTED.format(url=served.url, more=""))
                said = [argument.replace("URL", served.url) for argument in arguments]
                return await asyncio.to_thread(freehold, *said), served

        return asyncio.run(go())

    return run


def test_what_the_doctor_asks_is_a_leaf_with_the_digest_of_what_the_upstream_received(
    beside: Callable[..., tuple[Ended, Upstream]], wrote: Wrote
) -> None:
    ledger = wrote(a_record("r1"))
    ended, served = beside("doctor", "--json")
    assert ended.code == 0, ended.out
    said = sent(ledger)
    assert digests(said) == [sha256(request.body).hexdigest() for request in served.requests]
    assert {(body["policy"], body["label"], body["clearance"]) for body in said} == {
        ("doctor", "public", "internal")
    }
    assert verify(ledger).intact
    told = outgoing(ledger)
    assert [(place.models, place.attempts) for place in told.destinations] == [(("(doctor)",), 2)]


def test_without_a_ledger_the_doctor_asks_and_makes_none(
    beside: Callable[..., tuple[Ended, Upstream]], folder: Path
) -> None:
    _, served = beside("doctor", "--json")
    assert len(served.requests) == 2
    assert not (folder / "freehold.db").exists()


def test_a_ledger_that_cannot_be_written_does_not_keep_the_doctor_from_looking(
    beside: Callable[..., tuple[Ended, Upstream]], folder: Path
) -> None:
    (folder / "freehold.db").write_bytes(b"this is no ledger" * 100)
    ended, served = beside("doctor", "--json")
    assert ended.code == 1
    assert len(served.requests) == 2


def test_all_that_a_bench_sends_is_one_leaf_with_every_digest(
    beside: Callable[..., tuple[Ended, Upstream]], folder: Path
) -> None:
    small = ("--concurrency", "1,2", "--requests", "3", "--input-tokens", "20", "--output-tokens", "8")
    ended, served = beside("bench", "gpt-4o-mini", "--url", "URL", *small, "--json")
    assert ended.code == 0, ended.err
    ledger = folder / "freehold.db"
    (body,) = sent(ledger)
    assert sorted(digests([body])) == sorted(sha256(r.body).hexdigest() for r in served.requests)
    assert len(served.requests) == 7
    assert [place.attempts for place in outgoing(ledger).destinations] == [7]


def test_try_asks_the_gateway_by_a_permit_that_is_a_leaf(
    freehold: Freehold, folder: Path, config: Path
) -> None:
    assert config.exists()
    ended = freehold("try", "support", "hello", "--home", "rent", "--json")
    assert ended.code == 0, ended.err
    ledger = folder / "freehold.db"
    asked = [body for body in sent(ledger) if body["label"] == "secret"]
    assert [body["policy"] for body in asked] == ["try"]
    assert asked[0]["destination"].startswith("http://127.0.0.1:")
    assert asked[0]["digest"] != NOTHING
    assert verify(ledger).intact


@pytest.mark.parametrize("arguments", [("pull", "org/M-GGUF"), ("fit", "org/M-GGUF")])
def test_what_is_asked_of_a_hub_is_a_leaf(
    arguments: tuple[str, ...],
    freehold: Freehold,
    config: Path,
    wrote: Wrote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert config.exists()
    ledger = wrote(a_record("r1"))
    with stand_in_hub() as hub:
        hub.add("org/M-GGUF", {"m-Q4_K_M.gguf": bytes(4096)})
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        freehold(*arguments)
        host = hub.url
    said = sent(ledger)
    assert {(body["policy"], body["digest"]) for body in said} == {("pull", NOTHING)}
    assert host in {body["destination"] for body in said}
    assert len(said) == len({body["destination"] for body in said})  # each place once


def test_nobody_but_the_gateway_for_its_records_has_a_client_that_tells_nobody() -> None:
    """Records hold what is sent for a request; whoever else opens the door tells what passes."""
    silent = [
        file.relative_to(ROOT / "src" / "freehold").as_posix()
        for file in sorted((ROOT / "src" / "freehold").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Client"
        and not any(keyword.arg == "tell" for keyword in node.keywords)
    ]
    # The room that measures and the one that pulls are handed the client that tells by the command line.
    assert silent == ["cli/running.py", "engine/bench/measure.py", "engine/hub/address.py"]


def test_a_checkpoint_that_a_command_hands_on_is_written_down_before(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    ledger = wrote(a_record("r1"))

    async def go() -> Upstream:
        async with upstream(says({})) as auditor:
            text = f'\n[audit]\ncheckpoint_url = "{auditor.url}/checkpoints"\n'
            config.write_text(config.read_text() + text)
            ended = await asyncio.to_thread(freehold, "audit", "checkpoint", "--json")
            assert ended.code == 0, ended.err
            return auditor

    auditor = asyncio.run(go())
    assert digests(sent(ledger)) == [sha256(request.body).hexdigest() for request in auditor.requests]
    with LedgerReader.open(ledger) as reader:
        assert len(reader.requests(10)) == 1
