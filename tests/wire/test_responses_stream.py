from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.openai_document import OpenAIDocument
from tests.wire.responding import FRAME, USAGE, answer, asked, chunk, events_in, sse, streamed, types

from freehold.errors import UpstreamError
from freehold.wire import Usage
from freehold.wire.responses import ResponseStream, to_response

ENDS = {"response.completed", "response.incomplete", "response.failed"}


def call_chunk(index: int, arguments: str = "", **more: Any) -> dict[str, Any]:
    """A piece of a call; with an `id` and a `name` it begins one."""
    function = {"arguments": arguments} | ({"name": more.pop("name")} if "name" in more else {})
    return chunk({"tool_calls": [{"index": index, "function": function} | more]})


def test_events_of_a_text_come_in_openais_order() -> None:
    events = streamed(
        [
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Hel"}),
            chunk({"content": "lo"}),
            chunk({}, "stop"),
            chunk(usage=USAGE),
        ]
    )
    assert types(events) == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
        "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    assert [event["sequence_number"] for event in events] == list(range(10))
    assert events[0]["response"]["status"] == "in_progress"
    assert events[0]["response"]["model"] == "gpt-4o-mini-2024-07-18"
    assert events[-1]["response"]["usage"]["total_tokens"] == 18


def test_parallel_calls_grow_side_by_side() -> None:
    events = streamed(
        [
            chunk({"content": "Let me see."}),
            call_chunk(0, id="a", name="weather"),
            call_chunk(1, id="b", name="time"),
            call_chunk(0, '{"x":'),
            call_chunk(1, "{"),
            call_chunk(0, "1}"),
            call_chunk(1, "}"),
            chunk({}, "tool_calls"),
        ]
    )
    deltas = [(e["output_index"], e["delta"]) for e in events if "arguments.delta" in e["type"]]
    assert deltas == [(1, '{"x":'), (2, "{"), (1, "1}"), (2, "}")]
    done = [(e["name"], e["arguments"]) for e in events if e["type"].endswith("arguments.done")]
    assert done == [("weather", '{"x":1}'), ("time", "{}")]
    text_done = types(events).index("output_text.done")
    assert text_done < types(events).index("function_call_arguments.delta")


def test_reasoning_is_over_before_the_text_begins() -> None:
    events = streamed(
        [chunk({"reasoning_content": "H"}), chunk({"reasoning_content": "m"}), chunk({"content": "Hi"})]
    )
    names = types(events)
    assert names.index("reasoning_text.done") < names.index("output_text.delta")
    assert [item["type"] for item in events[-1]["response"]["output"]] == ["reasoning", "message"]


def test_a_refusal_is_told_as_one() -> None:
    names = types(streamed([chunk({"refusal": "I "}), chunk({"refusal": "cannot."}, "stop")]))
    assert names[3:8] == [
        "content_part.added", "refusal.delta", "refusal.delta", "refusal.done", "content_part.done",
    ]  # fmt: skip


def test_an_answer_that_ran_out_of_tokens_ends_incomplete() -> None:
    events = streamed([chunk({"content": "Hi"}), chunk({}, "length"), chunk({}), chunk(usage=USAGE)])
    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


def test_usage_that_the_stream_did_not_carry_may_be_handed_in() -> None:
    stream = ResponseStream(asked(stream=True), **FRAME)
    stream.feed_events(sse([chunk({"content": "Hi"}, "stop")]))
    last = events_in(stream.finish(usage=Usage(5, 6, cached_tokens=1)))[-1]
    assert last["response"]["usage"]["input_tokens_details"]["cached_tokens"] == 1
    assert stream.response is not None
    assert json.loads(stream.response) == last["response"]


@pytest.mark.parametrize("before", [[], [chunk({"content": "Hi"})]])
def test_a_stream_that_breaks_ends_in_an_error_and_a_failed_response(
    document: OpenAIDocument, before: list[dict[str, Any]]
) -> None:
    stream = ResponseStream(asked(stream=True), **FRAME)
    sent = stream.feed_events(b"".join(sse(before).rpartition(b"data: [DONE]")[:1]))
    sent += stream.fail(UpstreamError("The model's stream was cut.", status=429, code="upstream_cut"))
    events = events_in(sent)
    assert types(events)[:2] == ["created", "in_progress"]
    error, failed = events[-2:]
    assert (error["type"], error["code"], error["message"]) == (
        "error", "upstream_cut", "The model's stream was cut.",
    )  # fmt: skip
    assert failed["response"]["error"]["code"] == "rate_limit_exceeded"
    assert [item["status"] for item in failed["response"]["output"]] == ["incomplete"] * len(before)
    for event in events:
        document.check_event(event)


@pytest.mark.parametrize(
    "data",
    [b"<html>", b"{", b"[]", b'{"error":{"message":"overloaded"}}', b'{"choices":[{"delta":{"content":5}}]}',
     b'{"choices":[{"delta":{},"finish_reason":"error"}]}'],
)  # fmt: skip
def test_a_chunk_that_is_none_is_the_models_failure(data: bytes) -> None:
    stream = ResponseStream(asked(stream=True), **FRAME)
    with pytest.raises(UpstreamError):
        stream.feed(data)


def test_a_call_that_never_got_a_name_is_the_models_failure() -> None:
    stream = ResponseStream(asked(stream=True), **FRAME)
    stream.feed_events(sse([call_chunk(0, "{}", id="a")]))
    with pytest.raises(UpstreamError):
        stream.finish()
    assert types(events_in(stream.fail(UpstreamError("Broken."))))[-1] == "failed"


def test_arguments_that_come_before_the_name_of_their_function_are_kept() -> None:
    events = streamed([call_chunk(0, '{"x":', id="a"), call_chunk(0, "1}", name="weather")])
    assert [e["delta"] for e in events if e["type"].endswith("arguments.delta")] == ['{"x":', "1}"]
    assert events[-1]["response"]["output"][0]["arguments"] == '{"x":1}'


def test_of_several_calls_only_the_last_is_incomplete_when_tokens_run_out() -> None:
    begun = [call_chunk(0, "{}", id="a", name="f"), call_chunk(1, "{", id="b", name="f")]
    output = streamed([*begun, chunk({}, "length")])[-1]["response"]["output"]
    assert [item["status"] for item in output] == ["completed", "incomplete"]


@pytest.mark.parametrize("last", [{"content": ""}, {}])
def test_tokens_without_text_of_their_own_keep_their_log_probabilities(last: dict[str, Any]) -> None:
    def told(*letters: str) -> dict[str, Any]:
        return {"content": [logprob(letter) for letter in letters], "refusal": None}

    events = streamed(
        [
            chunk({"content": ""}, logprobs=told("a")),
            chunk({"content": "b"}, logprobs=told("b")),
            chunk(last, "stop", logprobs=told("c")),
        ],
        top_logprobs=1,
    )
    (added,) = [event for event in events if event["type"].endswith("part.added")]
    assert added["part"]["logprobs"] == []
    (delta,) = [event for event in events if event["type"].endswith("text.delta")]
    assert [entry["token"] for entry in delta["logprobs"]] == ["a", "b"]
    (part,) = events[-1]["response"]["output"][0]["content"]
    assert [entry["token"] for entry in part["logprobs"]] == ["a", "b", "c"]


def test_comments_that_keep_a_connection_alive_pass() -> None:
    stream = ResponseStream(asked(stream=True), **FRAME)
    assert stream.feed_events(b": keep-alive\n\n") == b": keep-alive\n\n"


def test_calls_that_all_have_index_0_or_none_are_told_apart_by_their_ids() -> None:
    same = [call_chunk(0, "{}", id="a", name="f"), call_chunk(0, "[]", id="b", name="f")]
    none = [chunk({"tool_calls": [{"id": i, "function": {"name": "f", "arguments": a}}]})
            for i, a in (("a", "{}"), ("b", "[]"))]  # fmt: skip
    for chunks in (same, none):
        items = streamed(chunks)[-1]["response"]["output"]
        assert [(item["call_id"], item["arguments"]) for item in items] == [("a", "{}"), ("b", "[]")]


# What a chat says, whole, and the same cut into chunks.

texts = st.text(st.characters(codec="utf-8"), max_size=8)


@dataclass(frozen=True)
class Said:
    reasoning: str
    text: str
    refusal: str
    calls: list[tuple[str, str]]
    finish: str
    usage: dict[str, Any] | None
    cuts: list[int] = field(default_factory=list)

    def message(self) -> dict[str, Any]:
        calls = [
            {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for n, (name, arguments) in enumerate(self.calls)
        ]
        told = {"content": self.text or None, "refusal": self.refusal or None}
        return told | {"reasoning_content": self.reasoning, "tool_calls": calls or None}

    def logprobs(self) -> list[dict[str, Any]]:
        return [logprob(letter) for letter in self.text]


def logprob(letter: str) -> dict[str, Any]:
    top = {"token": letter, "logprob": -1.5, "bytes": None}
    return top | {"top_logprobs": [top]}


said = st.builds(
    Said,
    reasoning=texts,
    text=texts,
    refusal=texts,
    calls=st.lists(st.tuples(st.text(min_size=1, max_size=4), texts), max_size=3),
    finish=st.sampled_from(["stop", "tool_calls", "length", "content_filter"]),
    usage=st.none() | st.just(USAGE),
)


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    """The text in pieces, some of them empty."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


@st.composite
def chunks_of(draw: st.DrawFn, whole: Said) -> list[dict[str, Any]]:
    """One of the many streams that say `whole`: cut anywhere, calls interleaved, idle chunks in between."""
    chunks = [chunk({"role": "assistant", "content": ""})]
    chunks += [chunk({"reasoning_content": piece}) for piece in draw(cut(whole.reasoning))]
    chunks += [
        chunk(
            {"content": piece}, logprobs={"content": [logprob(letter) for letter in piece], "refusal": None}
        )
        for piece in draw(cut(whole.text))
    ]
    chunks += [chunk({"refusal": piece}) for piece in draw(cut(whole.refusal))]
    chunks += draw(calls_of(whole))
    ends: list[dict[str, Any]] = [chunk({}, whole.finish)]
    if whole.usage is not None:
        ends = [chunk({}, whole.finish, usage=USAGE)] if draw(st.booleans()) else [*ends, chunk(usage=USAGE)]
    chunks += ends
    for place in draw(st.lists(st.integers(0, len(chunks)), max_size=2)):
        chunks.insert(place, draw(st.sampled_from([chunk(), chunk({}), chunk({"content": None})])))
    return chunks


@st.composite
def calls_of(draw: st.DrawFn, whole: Said) -> list[dict[str, Any]]:
    queues = [
        [call_chunk(n, id=f"call_{n}", name=name), *(call_chunk(n, piece) for piece in draw(cut(arguments)))]
        for n, (name, arguments) in enumerate(whole.calls)
    ]
    begun = 0
    chunks = []
    while any(queues):
        ready = [n for n, queue in enumerate(queues) if queue and n <= begun]
        n = draw(st.sampled_from(ready))
        begun = max(begun, n + 1)
        chunks.append(queues[n].pop(0))
    return chunks


@settings(max_examples=40, deadline=None)
@given(data=st.data(), whole=said, wants=st.booleans())
def test_any_cut_of_an_answer_streams_valid_events_to_the_same_response_as_the_whole(
    document: OpenAIDocument, data: st.DataObject, whole: Said, *, wants: bool
) -> None:
    asking = asked(stream=True, **({"include": ["message.output_text.logprobs"]} if wants else {}))
    stream = ResponseStream(asking, **FRAME)
    sent = b""
    for piece in data.draw(byte_cuts(sse(data.draw(chunks_of(whole))))):
        sent += stream.feed_events(piece)
    events = events_in(sent + stream.finish())
    logprobs = {"content": whole.logprobs(), "refusal": None}
    at_once = answer(whole.message(), whole.finish, usage=whole.usage, logprobs=logprobs)
    assert events[-1]["response"] == json.loads(to_response(at_once, asking, **FRAME))
    check_sequence(events)
    for event in events:
        document.check_event(event)


@st.composite
def byte_cuts(draw: st.DrawFn, stream: bytes) -> list[bytes]:
    places = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    return [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]


def check_sequence(events: list[dict[str, Any]]) -> None:
    """Numbers without a gap, each item added, told piece by piece, and done once, and one end."""
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert types(events)[:2] == ["created", "in_progress"]
    assert [event["type"] in ENDS for event in events] == [False] * (len(events) - 1) + [True]
    output = events[-1]["response"]["output"]
    assert [e["output_index"] for e in events if e["type"].endswith("item.added")] == list(range(len(output)))
    for index, item in enumerate(output):
        mine = [event for event in events if event.get("output_index") == index]
        assert mine[0]["type"] == "response.output_item.added"
        assert mine[-1] == {
            "type": "response.output_item.done",
            "output_index": index,
            "item": item,
            "sequence_number": mine[-1]["sequence_number"],
        }
        assert sum(event["type"].startswith("response.output_item") for event in mine) == 2
        deltas = "".join(event.get("delta", "") for event in mine)
        parts = item.get("content", [])
        assert deltas == item.get("arguments", "".join(p.get("text", p.get("refusal")) for p in parts))


any_delta = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={"content": texts | st.none(), "refusal": texts | st.none(), "reasoning": texts | st.none()},
    ),
    st.fixed_dictionaries(
        {
            "tool_calls": st.lists(
                st.fixed_dictionaries(
                    {"function": st.fixed_dictionaries({}, optional={"name": texts, "arguments": texts})},
                    optional={"index": st.integers(0, 2), "id": st.sampled_from(["", "a", "b", "c"])},
                ),
                max_size=2,
            )
        }
    ),
)


@settings(max_examples=40, deadline=None)
@given(deltas=st.lists(any_delta, max_size=8), finish=st.sampled_from(["stop", "length", None, "odd"]))
def test_chunks_in_any_order_give_a_valid_sequence_or_a_failure(
    document: OpenAIDocument, deltas: list[dict[str, Any]], finish: str | None
) -> None:
    stream = ResponseStream(asked(stream=True), **FRAME)
    sent = stream.feed_events(sse([*(chunk(delta) for delta in deltas), chunk({}, finish)]))
    try:
        sent += stream.finish()
    except UpstreamError as error:  # a call without a name
        sent += stream.fail(error)
        events = events_in(sent)
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
    else:
        events = events_in(sent)
        check_sequence(events)
    for event in events:
        document.check_event(event)
