"""A stream's events folded into the plain answer that they are the pieces of. Knows no I/O.

Texts are put together, lists of log probabilities joined, tool calls gathered by their index; what an event
says of the whole (usage, timings, a fingerprint) is kept as it was said last.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from freehold.wire.ask import Endpoint

_OBJECTS: Final = {Endpoint.CHAT: "chat.completion", Endpoint.COMPLETIONS: "text_completion"}
_OF_THE_STREAM: Final = frozenset({"choices", "object", "prompt_progress"})
_read = msgspec.json.Decoder(dict[str, Any])

Json = dict[str, Any]


class Folding:
    """Takes the data of a stream's events; `answer` is what a request for the whole would have got."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._whole: Json = {}
        self._choices: dict[int, Json] = {}

    def take(self, data: bytes) -> None:
        """Raises `msgspec.DecodeError` for what is no JSON object, `ValueError` for one of another shape."""
        event = _read.decode(data)
        for name, value in event.items():
            if name not in _OF_THE_STREAM:
                self._whole[name] = value
        try:
            for choice in event.get("choices") or ():
                self._add(choice)
        except (AttributeError, TypeError) as error:
            raise ValueError(f"an event of another shape: {error}") from error

    def answer(self) -> bytes:
        choices = [self._choices[index] for index in sorted(self._choices)]
        for choice in choices:
            _end(choice)
        return msgspec.json.encode({"choices": choices, "object": _OBJECTS[self._endpoint]} | self._whole)

    def _add(self, piece: Json) -> None:
        index = piece.get("index", 0)
        choice = self._choices.setdefault(index, {"finish_reason": None, "index": index})
        for name, value in piece.items():
            if name == "delta":
                _say_on(choice.setdefault("message", {}), value)
            elif name == "text":
                choice["text"] = choice.get("text", "") + value
            elif name == "logprobs":
                choice["logprobs"] = _joined(choice.get("logprobs"), value)
            elif value is not None:
                choice[name] = value


def _say_on(message: Json, delta: Json) -> None:
    for name, value in delta.items():
        if name == "tool_calls":
            calls = message.setdefault(name, {})
            for call in value:
                _call_on(calls.setdefault(call.get("index", 0), {}), call)
        elif name != "role" and isinstance(value, str):
            message[name] = (message.get(name) or "") + value
        elif value is not None or name not in message:
            message[name] = value


def _call_on(call: Json, delta: Json) -> None:
    """Its arguments come in pieces, all else at once."""
    for name, value in delta.items():
        if name == "function":
            function = call.setdefault(name, {})
            for part, text in value.items():
                function[part] = function.get(part, "") + text if part == "arguments" else text
        elif name != "index":
            call[name] = value


def _joined(before: Json | None, after: Json | None) -> Json | None:
    if before is None or after is None:
        return before if after is None else after
    return before | {
        name: [*(before.get(name) or ()), *value] if isinstance(value, list) else value
        for name, value in after.items()
    }


def _end(choice: Json) -> None:
    """What says nothing is empty in a whole answer; calls stand in their order."""
    message = choice.get("message")
    if message is None:
        return
    message["content"] = message.get("content") or ""
    if "tool_calls" in message:
        calls = message["tool_calls"]
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
