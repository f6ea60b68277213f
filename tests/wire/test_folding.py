"""Whatever way a whole answer is cut into a stream's events, folded they are that answer again."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.wire import Endpoint, Folding

texts = st.text(max_size=12)
calls: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.just("function"),
            "id": st.text("abc", min_size=1, max_size=5),
            "function": st.fixed_dictionaries({"name": st.sampled_from(["f", "g"]), "arguments": texts}),
        }
    ),
    max_size=3,
)
scores = st.lists(st.fixed_dictionaries({"token": texts, "logprob": st.floats(-9, 0)}), max_size=4)
ends = st.sampled_from(["stop", "length", "tool_calls"])


def cut(draw: st.DrawFn, text: str) -> list[str]:
    at = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    return [text[begin:end] for begin, end in zip([0, *at], [*at, len(text)], strict=True)]


@st.composite
def choices(draw: st.DrawFn, index: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A choice as a plain answer has it, and the pieces of it that a stream has."""
    said = draw(st.fixed_dictionaries({"content": texts}, optional={"reasoning_content": texts}))
    message: dict[str, Any] = {"role": "assistant", **said}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
    for name, text in said.items():
        deltas += [{name: piece} for piece in cut(draw, text)]
    called = draw(calls)
    if called:
        message["tool_calls"] = called
    for number, call in enumerate(called):
        first, *rest = cut(draw, call["function"]["arguments"])
        begin = call | {"index": number, "function": call["function"] | {"arguments": first}}
        deltas.append({"tool_calls": [begin]})
        deltas += [{"tool_calls": [{"index": number, "function": {"arguments": piece}}]} for piece in rest]
    pieces = [{"index": index, "delta": delta, "finish_reason": None} for delta in deltas]
    whole: dict[str, Any] = {"index": index, "message": message, "finish_reason": draw(ends)}
    scored = draw(scores)
    if scored:
        whole["logprobs"] = {"content": scored}
        pieces += [
            {"index": index, "delta": {}, "logprobs": {"content": [score]}, "finish_reason": None}
            for score in scored
        ]
    return whole, [*pieces, {"index": index, "delta": {}, "finish_reason": whole["finish_reason"]}]


@st.composite
def answers(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    both = [draw(choices(index)) for index in range(draw(st.integers(1, 3)))]
    about = {"id": "chatcmpl-1", "created": 7, "model": "llama"}
    waiting = [pieces for _, pieces in both]
    events = []
    while any(waiting):
        pieces = draw(st.sampled_from([pieces for pieces in waiting if pieces]))
        events.append(about | {"object": "chat.completion.chunk", "choices": [pieces.pop(0)]})
    last = {"usage": {"prompt_tokens": 1, "completion_tokens": 2}, "timings": {"predicted_n": 2}}
    events.append(about | {"object": "chat.completion.chunk", "choices": []} | last)
    return about | last | {"object": "chat.completion", "choices": [whole for whole, _ in both]}, events


@given(answers())
def test_a_stream_folds_into_the_answer_that_it_was_cut_from(
    drawn: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    whole, events = drawn
    folding = Folding(Endpoint.CHAT)
    for event in events:
        folding.take(json.dumps(event).encode())
    assert json.loads(folding.answer()) == whole


@pytest.mark.parametrize(
    "event", [b"[]", b"{", b'{"choices":[7]}', b'{"choices":[{"delta":{"tool_calls":7}}]}']
)
def test_what_is_no_event_of_a_stream_is_said(event: bytes) -> None:
    with pytest.raises((ValueError, msgspec.DecodeError)):
        Folding(Endpoint.CHAT).take(event)
