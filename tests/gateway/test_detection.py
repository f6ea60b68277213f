"""What is found in a request raises its label, wherever in the body it stands."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway
from tests.gateway.test_who_answers import two_homes

from freehold.errors import ConfigError
from freehold.gateway import Inspector
from freehold.privacy import Label, Reading, Scanner, Sorting, Span
from freehold.wire import Endpoint, read_ask

CARD = "4539 1488 0343 6467"
KEY = "gh" + "p_q7Zr2Lm9Xc4Vb8Nt3Kp6Wd1Hs5Jf0Gaq7Zr"


@pytest.fixture(autouse=True)
def _rented_key(tmp_path: Path) -> None:
    (tmp_path / "rented.key").write_text("sk-rented-secret\n")


def _file(text: str, name: str = "a.csv") -> dict[str, Any]:
    data = base64.b64encode(f"item,card\nshoes,{text}\n".encode()).decode()
    return {"type": "file", "file": {"filename": name, "file_data": f"data:text/csv;base64,{data}"}}


def _tool(**changes: Any) -> list[dict[str, Any]]:
    function: dict[str, Any] = {
        "name": "look_up",
        "parameters": {"type": "object", "properties": {}},
    } | changes
    return [{"type": "function", "function": function}]


def _user(content: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content} | more]


def _image(address: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"http://x/{address}"}}


def _result(text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "c1", "content": text}


def _schema(text: str) -> dict[str, Any]:
    schema = {"type": "object", "description": text}
    return {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}


_SAID = {"role": "assistant", "content": "ok"}
_CALL = {"id": "c1", "type": "function"}
# Every place of a chat request that an application fills in.
PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "message": lambda v: {"messages": _user(f"my card: {v}")},
    "system message": lambda v: {"messages": [{"role": "system", "content": v}, *_user("hi")]},
    "earlier message": lambda v: {"messages": [*_user(v), _SAID, *_user("hi")]},
    "content part": lambda v: {"messages": _user([{"type": "text", "text": f"card {v}"}])},
    "two parts": lambda v: {"messages": _user([{"type": "text", "text": t} for t in (v[:8], v[8:])])},
    "image address": lambda v: {"messages": _user([_image(v)])},
    "file": lambda v: {"messages": _user([_file(v)])},
    "file name": lambda v: {"messages": _user([_file("", f"{v}.csv")])},
    "name": lambda v: {"messages": _user("hi", name=v)},
    "unknown field": lambda v: {"messages": _user("hi", odd={"deep": [{"er": v}]})},
    "tool arguments": lambda v: {"messages": [{"role": "assistant", "tool_calls": [
        _CALL | {"function": {"name": "pay", "arguments": f'{{"card": "{v}"}}'}}]}, *_user("hi")]},
    "tool result": lambda v: {"messages": [*_user("hi"), _result(v)]},
    "tool description": lambda v: {"messages": _user("hi"), "tools": _tool(description=v)},
    "schema text": lambda v: {"messages": _user("hi"), "response_format": _schema(v)},
    "schema key": lambda v: {"messages": _user("hi"), "tools": _tool(parameters={"properties": {v: {}}})},
    "metadata": lambda v: {"messages": _user("hi"), "metadata": {"note": v}},
    "metadata key": lambda v: {"messages": _user("hi"), "metadata": {v: "x"}},
    "stop": lambda v: {"messages": _user("hi"), "stop": [v]},
    "prediction": lambda v: {"messages": _user("hi"), "prediction": {"type": "content", "content": v}},
    "field name": lambda v: {"messages": _user("hi"), v: "x"},
    "role": lambda v: {"messages": [{"role": v, "content": "hi"}]},
    "user": lambda v: {"messages": _user("hi"), "user": v},
    "a field of tomorrow": lambda v: {"messages": _user("hi"), "tomorrow": v},
}  # fmt: skip


async def ask(house: Gateway, body: dict[str, Any], path: str = "chat/completions") -> Answer:
    return await house.ask(f"/v1/{path}", {"model": "support"} | body)


async def test_a_value_in_any_place_stays_at_home_and_its_absence_goes_out(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(
            tmp_path,
            two_homes(
                rent.url,
                own.url,
                "",
                'retries = 0\ncan = ["chat", "tools", "json_schema", "images", "logprobs"]',
            ),
        ) as house:
            for number, (place, body) in enumerate(PLACES.items()):
                rented = len(rent.requests)
                answer = await ask(house, body(CARD))
                record = await house.record(answer)
                assert (answer.status, record.tenure, record.label) == (200, "owned", "personal"), place
                assert record.found is not None, place
                assert "CREDIT_CARD" in record.found, place
                assert "CREDIT_CARD" in answer.headers["x-freehold-reason"], place
                assert (len(own.requests), len(rent.requests)) == (number + 1, rented), place
                clean = await ask(house, body("a blue one, please"))
                record = await house.record(clean)
                assert (record.tenure, record.label, record.found) == ("rented", "internal", {}), place
    assert not any(CARD.encode() in exchange.body for exchange in rent.requests)


@pytest.mark.parametrize("private", ["keep", "redact", "refuse"])
async def test_what_is_said_under_a_name_that_stands_again_is_read_as_well(
    tmp_path: Path, private: str
) -> None:
    """JSON's parsers keep the last of two fields of one name; both would leave."""
    said = b'{"role": "user", "content": "my card: %b", "content": "a \\"blue\\" one"}' % CARD.encode()
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, f'private = "{private}"')) as house:
            body = b'{"model": "support", "messages": [%b]}' % said
            answer = await house.ask("/v1/chat/completions", body)
            record = await house.record(answer)
    assert (record.label, record.tenure, answer.status) == (
        ("personal", None, 403) if private == "refuse" else ("personal", "owned", 200)
    )
    assert not rent.requests


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("completions", {"prompt": ["hi", f"my card is {CARD}"]}),
        ("embeddings", {"input": [f"my card is {CARD}"]}),
        ("responses", {"input": "hi", "instructions": f"my card is {CARD}"}),
        ("responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": CARD}]}]}),
    ],
)
async def test_every_endpoint_is_looked_at(tmp_path: Path, path: str, body: dict[str, Any]) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        config = two_homes(rent.url, own.url, 'private = "refuse"')
        async with gateway(tmp_path, config) as house:
            answer = await ask(house, body, path)
    assert answer.status == 403
    assert "CREDIT_CARD" in answer.error["message"]
    assert "4539" not in answer.body.decode()
    assert not rent.requests


async def test_a_secret_is_secret(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        config = two_homes(rent.url, own.url).replace(
            'url = "' + rent.url + '"', f'url = "{rent.url}"\nclearance = "personal"'
        )
        async with gateway(tmp_path, config) as house:
            personal = await house.chat(content=CARD)
            secret = await house.chat(content=f"use {KEY}")
            labels = [(await house.record(a)).label for a in (personal, secret)]
    assert labels == ["personal", "secret"]
    assert [a.headers["x-freehold-tenure"] for a in (personal, secret)] == ["rented", "owned"]


async def test_a_private_request_is_not_rented_when_its_owned_model_is_down(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, two_homes(rent.url, "http://127.0.0.1:9")) as house:
            answer = await house.chat(content=f"card {CARD}")
            public = await house.chat(content="a blue one")
    assert answer.status == 503
    assert "CREDIT_CARD" in answer.headers["x-freehold-reason"]
    assert public.headers["x-freehold-tenure"] == "rented"
    assert len(rent.requests) == 1


async def test_where_every_model_may_receive_everything_nobody_looks_and_the_label_is_unknown(
    tmp_path: Path,
) -> None:
    config = """
[models.llama]
tenure = "owned"
provider = "llamacpp"
url = "{url}"
[routes.support]
own = "llama"
[routes.watched]
own = "llama"
scan = "always"
"""
    async with up.upstream(up.says()) as own, gateway(tmp_path, config.format(url=own.url)) as house:
        unseen, raised = (
            await house.chat(content=CARD),
            await house.chat(headers={"x-freehold-label": "personal"}),
        )
        watched = await house.chat("watched", content=CARD)
        records = [await house.record(a) for a in (unseen, raised, watched)]
    sent = [attempt.sent for record in records for attempt in record.attempts]
    assert [permit and permit.label for permit in sent] == ["secret", "personal", "personal"]
    assert [(r.label, r.found) for r in records] == [
        (None, None),
        ("personal", None),
        ("personal", {"CREDIT_CARD": 1}),
    ]


async def test_a_route_may_say_that_nobody_looks(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'scan = "never"')) as house:
            record = await house.record(await house.chat(content=CARD))
    assert (record.tenure, record.label) == ("rented", "internal")


async def test_the_config_says_which_types_raise_the_label(tmp_path: Path) -> None:
    top = '[privacy]\npersonal = ["PHONE_NUMBER"]\nsecret = ["CREDIT_CARD"]'
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, top=top)) as house:
            contents = ("jane@example.com", "+49 151 23456789", CARD)
            answers = [await house.chat(content=content) for content in contents]
            labels = [(await house.record(answer)).label for answer in answers]
    assert labels == ["internal", "personal", "secret"]


async def test_a_continued_response_inherits_its_label(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, "store = true")) as house:
            first = await house.ask(
                "/v1/responses", {"model": "support", "input": "hi"}, x_freehold_label="personal"
            )
            following = {"model": "support", "input": "and?", "previous_response_id": first.json["id"]}
            record = await house.record(await house.ask("/v1/responses", following))
    assert (record.label, record.tenure) == ("personal", "owned")
    assert not rent.requests


async def test_what_continues_a_response_that_nobody_looked_at_is_secret_where_nobody_looks(
    tmp_path: Path,
) -> None:
    inside = '[routes.inside]\nown = "llama"\nstore = true'
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        config = two_homes(rent.url, own.url, f'store = true\nscan = "never"\n{inside}')
        async with gateway(tmp_path, config) as house:
            first = await house.ask("/v1/responses", {"model": "inside", "input": CARD})
            assert (await house.record(first)).label is None
            following = {"model": "support", "input": "and?", "previous_response_id": first.json["id"]}
            record = await house.record(await house.ask("/v1/responses", following))
    assert (record.label, record.tenure) == ("secret", "owned")
    assert not rent.requests


async def test_what_was_found_is_told_by_type_and_never_by_value(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            answer = await house.chat(content=f"my cards: {CARD} and 371449635398431")
            id_ = answer.headers["x-request-id"]
            command = [sys.executable, "-m", "freehold.cli", "explain", id_, "--config", str(house.config)]
            told = (await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)).stdout
    assert "personal, found: CREDIT_CARD ×2" in told.decode()
    assert "4539" not in told.decode() + str(answer.headers)
    assert not [p for p in tmp_path.iterdir() if b"1488 0343" in p.read_bytes()]


async def test_a_type_that_nothing_finds_does_not_pass_for_protection(tmp_path: Path) -> None:
    text = two_homes("http://127.0.0.1:9", "http://127.0.0.1:9", top='[privacy]\nsecret = ["CREDITCARD"]')
    with pytest.raises(ConfigError, match="CREDITCARD") as error:
        async with gateway(tmp_path, text):
            pass
    assert error.value.hint == 'did you mean "CREDIT_CARD"?'
    command = [
        sys.executable,
        "-m",
        "freehold.cli",
        "check",
        "--config",
        str(tmp_path / "freehold.toml"),
        "--json",
    ]
    checked = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    assert [f["key"] for f in json.loads(checked.stdout) if f["severity"] == "mistake"] == ["privacy.secret"]


class _Probe:
    """A detector that tells who called it, and may fail."""

    types = frozenset({"CREDIT_CARD"})

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.threads: list[str] = []

    def find(self, reading: Reading) -> Iterator[Span]:
        self.threads.append(threading.current_thread().name)
        if self.error is not None:
            raise self.error
        yield Span(0, 1, "CREDIT_CARD", 1.0) if "card" in reading.text else Span(0, 1, "CREDIT_CARD", 0.0)


def _inspector(probe: _Probe, cpu_seconds: float = 10.0) -> Inspector:
    sorting = Sorting.usual(probe.types)
    inspector = Inspector(Scanner((probe,), sorting.types), sorting, cpu_seconds)
    probe.threads.clear()
    return inspector


def _asked(content: str) -> Any:
    return read_ask(Endpoint.CHAT, json.dumps({"model": "m", "messages": _user(content)}).encode())


async def test_a_detector_that_fails_counts_as_secret_and_its_words_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    probe = _Probe()
    inspector = _inspector(probe)
    probe.error = ValueError(f"what is {CARD}?")
    seen = await inspector.look(_asked(CARD), Label.PUBLIC)
    assert (seen.label, seen.found) == (Label.SECRET, None)
    assert "ValueError" in caplog.text
    assert "4539" not in caplog.text


async def test_a_scan_that_takes_too_much_processor_time_counts_as_secret() -> None:
    inspector = _inspector(_Probe(), cpu_seconds=1e-9)
    assert (await inspector.look(_asked("a word " * 5000), Label.PUBLIC)).label is Label.SECRET
    assert (await inspector.look(_asked("a word"), Label.PUBLIC)).label is Label.PUBLIC


async def test_a_message_is_scanned_once_in_a_conversation_and_long_ones_off_the_loop() -> None:
    probe = _Probe()
    inspector = _inspector(probe)
    long, short = (
        "my card, " + "and so on, " * 500,
        "a card message of more than sixty-four characters, " * 2,
    )
    for _ in range(3):
        assert (await inspector.look(_asked(long), Label.PUBLIC)).found == {"CREDIT_CARD": 1}
    assert len(probe.threads) == 1
    assert probe.threads[0].startswith("scan")
    probe.threads.clear()
    for _ in range(3):
        assert (await inspector.look(_asked(short), Label.PUBLIC)).label is Label.PERSONAL
    assert probe.threads == ["MainThread"]
