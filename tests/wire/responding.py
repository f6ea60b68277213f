"""What the tests of Responses share: requests, a chat's answers and chunks, and events read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from freehold.wire.responses import ResponseAsk, ResponseStream, read_response_ask, to_chat, to_response

ID = "resp_68a1"
FRAME: dict[str, Any] = {
    "id": ID, "created_at": 1_760_000_000, "previous_response_id": None, "store": False,
}  # fmt: skip
USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
TOOL = {
    "type": "function",
    "name": "weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": True,
}


def asked(**fields: Any) -> ResponseAsk:
    """The request with these fields, `model` and `input` unless given."""
    return read_response_ask(json.dumps({"model": "support", "input": "Hello"} | fields).encode())


def chat_of(**fields: Any) -> dict[str, Any]:
    """What the chat model is asked then."""
    body: dict[str, Any] = json.loads(to_chat(asked(**fields)))
    return body


def answer(message: dict[str, Any], finish: str | None = "stop", **more: Any) -> bytes:
    """A chat's whole answer."""
    logprobs = more.pop("logprobs", None)
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": finish}
    whole = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini-2024-07-18"}
    return json.dumps(whole | {"choices": [choice | {"logprobs": logprobs}], "usage": USAGE} | more).encode()


def answered(message: dict[str, Any], finish: str | None = "stop", **fields: Any) -> dict[str, Any]:
    """The Response that a chat's answer becomes; `fields` are the request's."""
    response: dict[str, Any] = json.loads(to_response(answer(message, finish), asked(**fields), **FRAME))
    return response


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One chunk of a chat's stream; without a delta it has no choices."""
    logprobs = more.pop("logprobs", None)
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": logprobs}
    whole = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini-2024-07-18"}
    return whole | {"choices": [] if delta is None else [choice]} | more


def sse(chunks: Iterable[dict[str, Any]]) -> bytes:
    """Chunks as a chat's server sends them."""
    return b"".join(b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks) + b"data: [DONE]\n\n"


def events_in(stream: bytes) -> list[dict[str, Any]]:
    """The events of a Responses stream; each one's name is the type of its data."""
    events = []
    for event in stream.split(b"\n\n")[:-1]:
        if event.startswith(b":"):
            continue
        name, data = event.split(b"\n")
        events.append(json.loads(data.removeprefix(b"data: ")))
        assert name == b"event: " + events[-1]["type"].encode()
    return events


def streamed(chunks: Iterable[dict[str, Any]], **fields: Any) -> list[dict[str, Any]]:
    """All events that these chunks become."""
    stream = ResponseStream(asked(stream=True, **fields), **FRAME)
    return events_in(stream.feed_events(sse(chunks)) + stream.finish())


def types(events: Iterable[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]
