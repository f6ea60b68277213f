"""Answers restored: every place where a model writes, whole and in events split anywhere."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.gateway.restoring import Restoring
from freehold.privacy import Book, Owner

BOOK = Book(Owner(b"k" * 32, "acme", "first"), "")
NAME = BOOK.issue("PERSON", 'Max "M" Weber')
CARD = BOOK.issue("CREDIT_CARD", "4111 1111 1111 1111")
PASSPORT = BOOK.issue("US_PASSPORT", "C01X0006H")
SAID = f"Dear {NAME}, your card {CARD} and {PASSPORT} are noted. {NAME}!"
MEANT = 'Dear Max "M" Weber, your card 4111 1111 1111 1111 and C01X0006H are noted. Max "M" Weber!'
ARGUMENTS = json.dumps({"to": NAME, "card": CARD})


def whole() -> dict[str, Any]:
    call = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": ARGUMENTS}}
    message = {
        "role": "assistant",
        "content": SAID,
        "refusal": SAID,
        "reasoning_content": SAID,
        "tool_calls": [call],
    }
    choices = [{"index": n, "message": message, "finish_reason": "stop"} for n in range(2)]
    return {
        "id": "x",
        "model": "m",
        "choices": choices,
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }


def test_a_plain_answer_is_restored_in_every_choice_and_place() -> None:
    answer = json.loads(Restoring(BOOK.way_back).whole(json.dumps(whole()).encode()))
    for choice in answer["choices"]:
        message = choice["message"]
        assert message["content"] == message["refusal"] == message["reasoning_content"] == MEANT
        arguments = json.loads(message["tool_calls"][0]["function"]["arguments"])
        assert arguments == {"to": 'Max "M" Weber', "card": "4111 1111 1111 1111"}
    assert answer["usage"] == whole()["usage"]


def test_content_that_is_json_stays_json() -> None:
    body = {"choices": [{"index": 0, "message": {"content": json.dumps({"name": NAME})}}]}
    answer = json.loads(Restoring(BOOK.way_back, in_json=True).whole(json.dumps(body).encode()))
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"name": 'Max "M" Weber'}


def cut(data: st.DataObject, text: str) -> list[str]:
    pieces = []
    while text:
        size = data.draw(st.integers(1, 30))
        pieces.append(text[:size])
        text = text[size:]
    return pieces


def event(choices: list[dict[str, Any]]) -> bytes:
    return b"data: " + json.dumps({"id": "x", "model": "m", "choices": choices}).encode() + b"\n\n"


def read(stream: bytes) -> dict[tuple[Any, ...], str]:
    """What a client puts together: the text of every place."""
    told: dict[tuple[Any, ...], str] = {}
    for block in stream.split(b"\n\n"):
        if not block:
            continue
        for choice in json.loads(block.removeprefix(b"data: "))["choices"]:
            delta = choice.get("delta", {})
            for name in ("content", "reasoning_content", "refusal"):
                if delta.get(name):
                    key = (choice["index"], name)
                    told[key] = told.get(key, "") + delta[name]
            for call in delta.get("tool_calls", ()):
                place = (choice["index"], "tool", call["index"])
                told[place] = told.get(place, "") + call.get("function", {}).get("arguments", "")
            if choice.get("text"):
                key = (choice["index"], "text")
                told[key] = told.get(key, "") + choice["text"]
    return told


@settings(max_examples=40, deadline=None)
@given(data=st.data(), finished=st.booleans())
def test_a_stream_is_restored_wherever_it_is_split_in_every_choice_and_place(
    *, data: st.DataObject, finished: bool
) -> None:
    events: list[bytes] = []
    for index in range(2):
        for name in ("content", "reasoning_content"):
            events += [
                event([{"index": index, "delta": {name: p}, "finish_reason": None}]) for p in cut(data, SAID)
            ]
        for number in range(2):
            events += [
                event(
                    [
                        {
                            "index": index,
                            "delta": {"tool_calls": [{"index": number, "function": {"arguments": p}}]},
                        }
                    ]
                )
                for p in cut(data, ARGUMENTS)
            ]
    order = data.draw(st.permutations(range(2)))
    if finished:
        events += [event([{"index": n, "delta": {}, "finish_reason": "stop"}]) for n in order]
    restoring = Restoring(BOOK.way_back)
    told = b"".join(restoring.events(one) for one in events) + restoring.end()
    text = read(told)
    for index in range(2):
        assert text[index, "content"] == text[index, "reasoning_content"] == MEANT
        for number in range(2):
            assert json.loads(text[index, "tool", number])["to"] == 'Max "M" Weber'


def test_a_completions_text_is_restored_and_what_was_held_at_the_end_is_told() -> None:
    restoring = Restoring(BOOK.way_back)
    said = (
        restoring.events(event([{"index": 0, "text": f"Hi {NAME}", "finish_reason": None}])) + restoring.end()
    )
    assert read(said)[0, "text"] == 'Hi Max "M" Weber'


def test_events_without_choices_pass_as_they_are() -> None:
    for raw in (b": ping\n\n", b'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'):
        assert Restoring(BOOK.way_back).events(raw) == raw
