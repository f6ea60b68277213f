"""What is redacted is looked at again: a model of names may see another one in the changed text."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import gateway
from tests.gateway.test_redaction import EMAIL, config, echoes

from freehold.gateway import Inspector
from freehold.privacy import Label, Owner, Reading, Scanner, Sorting, Span
from freehold.wire import Ask, Endpoint, read_ask

OWNER = Owner(b"k" * 32, "acme", "first words")
PERSON = "Margaret Thornton"


class _Reader:
    """Finds as a person whatever its function says of a text."""

    types = frozenset({"PERSON", "CREDIT_CARD"})

    def __init__(self, places: Callable[[str], list[tuple[int, int]]], type_: str = "PERSON") -> None:
        self._places = places
        self._type = type_

    def find(self, reading: Reading) -> Iterator[Span]:
        for start, end in self._places(reading.text):
            yield Span(start, end, self._type, 0.6)


def _inspector(places: Callable[[str], list[tuple[int, int]]], type_: str = "PERSON") -> Inspector:
    reader = _Reader(places, type_)
    sorting = Sorting.usual(reader.types)
    return Inspector(Scanner((reader,), sorting.types), sorting, 10.0)


def _words(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span(match.lastindex or 0) for match in re.finditer(pattern, text)]


def _ask(*contents: Any) -> Ask:
    messages = [{"role": "user", "content": content} for content in contents]
    return read_ask(Endpoint.CHAT, json.dumps({"model": "m", "messages": messages}).encode())


def _said(ask: Ask) -> list[Any]:
    return [message["content"] for message in ask.value("messages")]


async def test_a_name_that_only_the_changed_text_shows_is_replaced_as_well() -> None:
    inspector = _inspector(lambda text: _words("Ann", text) or _words("(?<=…).*(Bob)", text))
    redacted = await inspector.redact(_ask("Ann asked Bob, says Bob"), Label.INTERNAL, OWNER)
    (said,) = _said(redacted.ask)
    assert redacted.label is Label.INTERNAL
    assert "Ann" not in said
    assert "Bob" not in said
    assert set(redacted.way_back.values()) == {"Ann", "Bob"}


async def test_what_turns_up_in_every_round_is_not_sent_for_public() -> None:
    inspector = _inspector(lambda text: _words(r"\b[a-z]\d\b", text)[:1])
    text = " ".join(f"{letter}1" for letter in "abcdefghijkl")
    redacted = await inspector.redact(_ask(text), Label.INTERNAL, OWNER)
    assert redacted.label is Label.PERSONAL
    few = await inspector.redact(_ask("a1 b1 c1"), Label.INTERNAL, OWNER)
    assert few.label is Label.INTERNAL
    assert not re.search(r"\b[abc]1\b", _said(few.ask)[0])


async def test_a_span_over_a_pseudonym_takes_only_what_stands_beside_it() -> None:
    """Else the pseudonym would be inside of another one, and the client would get it unrestored."""
    inspector = _inspector(lambda text: _words("Ann", text) or _words(r"[^\w ]* *… +wrote *", text))
    redacted = await inspector.redact(_ask("Then Ann wrote a letter"), Label.INTERNAL, OWNER)
    originals = redacted.way_back
    assert sorted(value.strip() for value in originals.values()) == ["Ann", "wrote"]
    assert not any(pseudonym in value for value in originals.values() for pseudonym in originals)


async def test_a_name_found_in_one_place_is_replaced_wherever_it_stands_again() -> None:
    inspector = _inspector(lambda text: _words(f"(?<=I am ){PERSON}", text))
    asked = _ask(f"I am {PERSON}", [{"type": "text", "text": f"Thornton? {PERSON}!"}], "Thorntons margaret")
    redacted = await inspector.redact(asked, Label.INTERNAL, OWNER)
    first, parts, last = _said(redacted.ask)
    assert redacted.label is Label.INTERNAL
    assert parts[0]["text"].endswith(f"? {first.removeprefix('I am ')}!")
    assert "Thornton" not in parts[0]["text"]
    assert last == "Thorntons margaret"  # other words


async def test_a_name_over_two_parts_is_replaced_in_each_and_a_number_is_not_halved() -> None:
    parts = [{"type": "text", "text": text} for text in ("I am Margaret", "Thornton, hello")]
    named = await _inspector(lambda text: _words(r"Margaret\nThornton", text)).redact(
        _ask(parts), Label.INTERNAL, OWNER
    )
    assert not {"Margaret", "Thornton"} & set(re.findall(r"\w+", json.dumps(_said(named.ask))))
    assert named.label is Label.INTERNAL
    numbered = await _inspector(lambda text: _words(r"Margaret\nThornton", text), "CREDIT_CARD").redact(
        _ask(parts), Label.INTERNAL, OWNER
    )
    assert numbered.label is Label.PERSONAL


@pytest.mark.parametrize(
    "text",
    [
        f"Did {EMAIL} answer?",
        f"Write to {PERSON} at {EMAIL}, please.",
        f"{PERSON} lives at 4127 Willow Lane, Springfield, IL 62704. Is Margaret at home?",
        json.dumps({"customer": PERSON, "mail": EMAIL, "status": "open"}),
    ],
)
async def test_names_and_addresses_leave_as_pseudonyms_and_come_back(tmp_path: Path, text: str) -> None:
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content=text)
    assert answer.status == 200, answer
    assert answer.json["choices"][0]["message"]["content"] == text
    sent = rent.requests[0].body.decode()
    assert not any(word in sent for word in ("Margaret", "Thornton", "Willow", "62704", EMAIL))
    assert set(re.findall(r"Did|answer|Write|please|lives|customer|status|open", text)) <= set(
        re.findall(r"\w+", sent)
    )


async def test_a_gateway_lets_requests_pass_beside_the_scan_of_a_long_text(tmp_path: Path) -> None:
    """A thread that scans hands the interpreter over far sooner than Python's usual 5 ms.

    Each request waits for it several times; `python bench/hold.py scans` measures what that comes to.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        async with up.upstream(up.says()) as rent, gateway(tmp_path, config(rent.url)) as house:
            await house.chat(content="hello")
            assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(before)


async def test_a_name_makes_a_request_personal_by_default_and_a_place_does_not(tmp_path: Path) -> None:
    text = config("http://127.0.0.1:9/v1").replace('"redact"', '"keep"')
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, text.replace("http://127.0.0.1:9/v1", rent.url)) as house:
            named = await house.chat(content=f"Draft a reply to {PERSON} saying we accept.")
            placed = await house.chat(content="Is Acme Corp in London open on Monday? See https://acme.test/")
    assert (named.status, named.error["code"]) == (403, "label_above_clearance")
    assert "PERSON" in named.error["message"]
    assert PERSON not in named.body.decode()
    assert placed.status == 200
    assert len(rent.requests) == 1
