"""Where something was found in a request: told by place, length and a mask, until it is erased."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import command
from tests.conftest import ROOT
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway
from tests.gateway.test_detection import CARD, PLACES
from tests.gateway.test_who_answers import two_homes
from tests.gateway.traces import traces

from freehold.ledger import Spotted, erase, verify

MAIL = "quilla.verholt@trystine-mail.com"
SAID = f"write to {MAIL}, please"
SPOTTED = Spotted("EMAIL_ADDRESS", "messages", 1, 9, len(MAIL))


@pytest.fixture(autouse=True)
def _rented_key(tmp_path: Path) -> None:
    (tmp_path / "rented.key").write_text("sk-rented-secret\n")


def _asked() -> dict[str, Any]:
    return {"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": SAID}]}


async def _ask(house: Gateway, body: dict[str, Any], path: str = "chat/completions") -> Answer:
    return await house.ask(f"/v1/{path}", {"model": "support"} | body)


async def _explained(house: Gateway, answer: Answer, *more: str) -> str:
    """What `freehold explain` prints, as a process of its own."""
    words = command("explain", answer.headers["x-request-id"], "--config", str(house.config), *more)
    asked = await asyncio.create_subprocess_exec(
        *words, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asyncio.wait_for(asked.communicate(), 60)
    assert asked.returncode == 0
    return told.decode()


async def test_a_record_says_where_a_value_stands_and_no_sign_of_it(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            answer = await _ask(house, _asked())
            record = await house.record(answer)
            assert record.spans == (SPOTTED,)
            told = await _explained(house, answer)
            assert "EMAIL_ADDRESS  messages[1], signs 10–41  ••••••••" in told
            spans = json.loads(await _explained(house, answer, "--json"))["spans"]
    mask = "•" * 13
    assert spans == [
        {"type": "EMAIL_ADDRESS", "place": "messages[1]", "start": 9, "length": len(MAIL), "masked": mask}
    ]
    for text in (MAIL, MAIL.partition("@")[0], "trystine"):
        assert traces(text, tmp_path) == []


async def test_the_first_sign_is_shown_where_content_is_stored_and_nothing_after_an_erasure(
    tmp_path: Path,
) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, "store = true")) as house:
            answer = await _ask(house, _asked())
            assert json.loads(await _explained(house, answer, "--json"))["spans"][0]["masked"] == (
                "q" + "•" * 12
            )
            path, id_ = house.running.ledger_path, answer.headers["x-request-id"]
            await asyncio.to_thread(erase, path, "request", id_, who="dpo", why=None)
            record = await house.record(answer)
            assert (record.found, record.spans) == ({"EMAIL_ADDRESS": 1}, None)
            assert json.loads(await _explained(house, answer, "--json"))["spans"] is None
            assert "signs" not in await _explained(house, answer)
            assert (await asyncio.to_thread(verify, path)).findings == ()


async def test_every_place_is_named_by_the_protocol_and_never_by_what_a_client_wrote(tmp_path: Path) -> None:
    """A key of an object or an unknown field may be the value itself."""
    odd = {"messages": [{"role": "user", "content": "hi"}], MAIL: "x", "metadata": {MAIL: CARD}}
    can = 'retries = 0\ncan = ["chat", "tools", "json_schema", "images", "logprobs"]'
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, "", can)) as house:
            for name, place in PLACES.items():
                record = await house.record(await _ask(house, place(CARD)))
                assert record.spans, name
                fields = {span.field for span in record.spans}
                known = {"messages", "tools", "response_format", "metadata", "stop", "prediction", "user", ""}
                assert fields <= known, name
            await _ask(house, odd)
            assert traces(MAIL, tmp_path) == []
            assert traces(CARD, tmp_path) == []


async def test_of_very_many_values_the_first_are_placed_and_all_are_counted(tmp_path: Path) -> None:
    many = " ".join(f"someone{number}@trystine-mail.com" for number in range(70))
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            answer = await house.chat(content=many)
            record = await house.record(answer)
            assert record.found == {"EMAIL_ADDRESS": 70}
            assert record.spans is not None
            assert [span.start for span in record.spans[:2]] == [0, many.index("someone1@")]
            assert len(record.spans) == 50
            assert "and 20 more" in await _explained(house, answer)


async def test_a_value_over_the_end_of_a_string_has_no_single_place(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": text} for text in (CARD[:8], CARD[8:])]
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, "store = true")) as house:
            answer = await house.chat(content=parts)
            record = await house.record(answer)
            assert record.spans is not None
            assert ("CREDIT_CARD", None) in [(span.type, span.start) for span in record.spans]
            assert "messages[0], over several strings" in await _explained(house, answer)


async def test_where_values_stand_cannot_be_changed_but_by_an_erasure(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            await house.record(await _ask(house, _asked()))
            path = house.running.ledger_path
    changing = "UPDATE records SET spans = '[]'"
    with closing(sqlite3.connect(path)) as raw:
        for change in (changing, "UPDATE records SET spans = NULL"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(change)
        raw.execute("DROP TRIGGER records_spans")
        raw.execute(changing)
        raw.commit()
    assert [finding.where.split()[0] for finding in verify(path).findings] == ["record"]
