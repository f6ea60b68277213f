"""Erasure while a gateway serves: nothing of the subject is left in any file, and the log still verifies."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway
from tests.gateway.traces import forms, traces

from freehold.audit import SigningKey
from freehold.ledger import Erasure, LedgerReader, Payload, erase, take_checkpoint, verify

ALICE = 'Alice "Ace" Ödön+ace@example.com'
BOB = "bob-4711@example.com"
ASKED = 'Mein Zeichen ist QX77-ÄLPHA/"81"?'
ANSWERED = "Antwort für Zeichen ZZ19-ÖMEGA"


def config(url: str) -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
model = "gpt-4o-mini"
clearance = "secret"
retries = 0
input_usd_per_million = 1
output_usd_per_million = 10

[routes.support]
rent = "gpt"
store = true
"""


def answers(text: str) -> up.Step:
    message = {"role": "assistant", "content": text}
    return up.says(up.ANSWER | {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


async def erased(house: Gateway, by: Any, name: str) -> Erasure:
    return await asyncio.to_thread(erase, house.running.ledger_path, by, name, who="dpo", why=None)


async def payload(house: Gateway, request_id: str) -> Payload | None:
    def read() -> Payload | None:
        with LedgerReader.open(house.running.ledger_path) as reader:
            return reader.payload(request_id)

    return await asyncio.to_thread(read)


def test_the_search_finds_a_text_in_every_form() -> None:
    for form in (ASKED.encode(), base64.b64encode(b"ab" + ASKED.encode() + b"z")):
        assert any(wanted in form for wanted in forms(ASKED))


async def test_content_is_never_in_a_file_in_clear(tmp_path: Path) -> None:
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        answer = await house.chat(content=ASKED, user=ALICE)
        assert [traces(text, tmp_path) for text in (ASKED, ANSWERED, ALICE)] == [[], [], []]
        kept = await payload(house, answer.headers["x-request-id"])
        assert [traces(text, tmp_path) for text in (ASKED, ANSWERED, ALICE)] == [[], [], []]
    assert kept is not None
    assert json.loads(kept.prompt)["messages"][0]["content"] == ASKED
    assert json.loads(kept.answer)["choices"][0]["message"]["content"] == ANSWERED
    assert [traces(text, tmp_path) for text in (ASKED, ANSWERED, ALICE)] == [[], [], []]


@pytest.mark.parametrize("field", ["user", "safety_identifier"])
async def test_a_subject_is_gone_from_every_file_while_the_gateway_runs(tmp_path: Path, field: str) -> None:
    echo = up.fails("400 Bad Request", message=f"{ALICE} may not ask: {ASKED}")
    async with up.upstream(answers(ANSWERED), echo, answers("bob's answer")) as server:
        async with gateway(tmp_path, config(server.url)) as house:
            path = house.running.ledger_path
            asked = await house.chat(content=ASKED, **{field: ALICE})
            refused = await house.chat(content=ASKED, **{field: ALICE})
            bobs = await house.chat(content="bob's question", **{field: BOB})
            kept = await asyncio.to_thread(take_checkpoint, path, SigningKey.create())
            before = await house.record(asked)
            assert before.subject
            assert traces(before.subject, tmp_path), "there is something to erase, and the search finds it"

            done = await erased(house, "subject", ALICE)

            assert (done.requests, done.payloads, done.keys) == (2, 1, 1)
            for text in (ASKED, ANSWERED, ALICE, before.subject):
                assert traces(text, tmp_path) == [], text
            verdict = await asyncio.to_thread(verify, path, [kept])
            assert verdict.findings == ()
            assert verdict.erased == 2
            assert await payload(house, asked.headers["x-request-id"]) is None
            assert await payload(house, bobs.headers["x-request-id"]) is not None
            records = [await house.record(answer) for answer in (asked, refused)]
            assert [(r.subject, r.error, r.reason) for r in records] == [(None, None, "")] * 2
            sent = [attempt.sent for record in records for attempt in record.attempts]
            assert [permit and permit.digest for permit in sent] == [None, None]
            assert records[0].cost_usd == before.cost_usd  # what it cost is still known

            again = await house.chat(content="alice is back", **{field: ALICE})
            assert await payload(house, again.headers["x-request-id"]) is not None
        for text in (ASKED, ANSWERED, ALICE):
            assert traces(text, tmp_path) == [], text
        assert verify(path, [kept]).intact


async def test_what_was_encrypted_is_noise_without_its_key(tmp_path: Path) -> None:
    """A copy of the ciphertext, kept from before, is put back after the erasure."""
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        path = house.running.ledger_path
        asked = await house.chat(content=ASKED, user=ALICE)
        assert await payload(house, asked.headers["x-request-id"]) is not None
        with closing(sqlite3.connect(path)) as raw:
            row = raw.execute("SELECT * FROM payloads").fetchone()
        await erased(house, "subject", ALICE)
        with closing(sqlite3.connect(path)) as raw, raw:
            raw.execute(f"INSERT INTO payloads VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608  only marks
        assert await payload(house, asked.headers["x-request-id"]) is None


async def test_one_request_is_gone_and_the_others_of_its_subject_stay(tmp_path: Path) -> None:
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        first = await house.chat(content=ASKED, user=ALICE)
        second = await house.chat(content="another", user=ALICE)
        done = await erased(house, "request", first.headers["x-request-id"])
        assert (done.requests, done.payloads) == (1, 1)
        assert await payload(house, first.headers["x-request-id"]) is None
        assert await payload(house, second.headers["x-request-id"]) is not None
        path = house.running.ledger_path
    assert verify(path).intact


async def test_a_conversation_is_gone_as_a_whole_named_by_any_of_its_responses(tmp_path: Path) -> None:
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        turns: list[Any] = []
        for number in range(3):
            previous = {"previous_response_id": turns[-1].json["id"]} if turns else {}
            body = {"model": "support", "input": f"{ASKED} {number}", **previous}
            turns.append(await house.ask("/v1/responses", body))
        other = await house.ask("/v1/responses", {"model": "support", "input": "another"})
        done = await erased(house, "conversation", turns[1].json["id"])
        assert (done.requests, done.payloads, done.keys) == (3, 3, 1)
        shown = [await house.ask(f"/v1/responses/{turn.json['id']}") for turn in (*turns, other)]
        assert [answer.status for answer in shown] == [404, 404, 404, 200]
        path = house.running.ledger_path
    assert verify(path).intact


async def test_the_rest_of_a_conversation_stays_readable_without_its_first_request(tmp_path: Path) -> None:
    """Its turns share the first one's key."""
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        first = await house.ask("/v1/responses", {"model": "support", "input": ASKED})
        body = {"model": "support", "input": "more", "previous_response_id": first.json["id"]}
        second = await house.ask("/v1/responses", body)
        assert (await erased(house, "request", first.json["id"])).payloads == 1
        assert (await house.ask(f"/v1/responses/{first.json['id']}")).status == 404
        assert (await house.ask(f"/v1/responses/{second.json['id']}")).status == 200
        path = house.running.ledger_path
    assert verify(path).intact


async def test_nothing_is_said_to_be_erased_where_nothing_was_found(tmp_path: Path) -> None:
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        await house.chat(content=ASKED, user=BOB)
        for by, name in (("subject", ALICE), ("request", "req_0"), ("conversation", "resp_0")):
            done = await erased(house, by, name)
            assert (done.requests, done.event) == (0, None)


async def test_an_erasure_that_no_event_names_is_tampering(tmp_path: Path) -> None:
    async with up.upstream(answers(ANSWERED)) as server, gateway(tmp_path, config(server.url)) as house:
        await house.chat(content=ASKED, user=ALICE)
        await erased(house, "subject", ALICE)
        path = house.running.ledger_path
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    shutil.copy(path.with_name(f"{path.name}.secret"), tmp_path / "copy.db.secret")
    with closing(sqlite3.connect(copy)) as raw, raw:
        raw.execute("DROP TRIGGER events_delete")
        raw.execute("DELETE FROM events WHERE kind = 'content.erased'")
    said = [finding.what for finding in verify(copy).findings]
    assert any("no erasure says so" in what for what in said)
    assert any("no event says why" in what for what in said)
