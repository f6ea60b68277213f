"""What the scripted model says: words, tool calls and JSON made from the request alone. Knows no HTTP.

It is no model and answers nothing: what it says has every shape that OpenAI's document allows an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_PIECE = re.compile(r"\s*\S{1,6}|\s+")
_QUOTED = re.compile(r"[\"'“`]([^\"'”`\n]+)[\"'”`]")
_FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "email": "ann@example.org",
    "uri": "https://example.org/",
    "uuid": "6f2c1a3e-0000-4000-8000-000000000001",
}


@dataclass(frozen=True)
class Said:
    """One choice: text in pieces (the tokens), or a refusal, or calls of tools, or speech."""

    pieces: tuple[str, ...] = ()
    refusal: str | None = None
    calls: tuple[Json, ...] = ()
    audio: Json | None = None
    finish: str = "stop"
    annotations: tuple[Json, ...] = field(default=())

    @property
    def text(self) -> str | None:
        return "".join(self.pieces) if self.pieces else None


def say(asked: Json, index: int) -> Said:
    """The choice number `index` of an answer to a chat request."""
    text = last_text(asked)
    if text.startswith("refuse"):
        return Said(refusal="I can’t help with that.")
    calls = _calls(asked, text)
    if calls:
        return Said(calls=calls, finish="tool_calls")
    if "audio" in (asked.get("modalities") or ()):
        heard = "You said it. ✓"
        audio = {"id": "audio_1", "expires_at": 1900000000, "data": "UklGRg==", "transcript": heard}
        return Said(audio=audio)
    return _bounded(asked, _words(asked, text, index))


def last_text(asked: Json) -> str:
    """What the last user message says, its parts' texts joined."""
    users = [message for message in asked["messages"] if message["role"] == "user"]
    content = users[-1]["content"] if users else ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


def pieces_of(text: str) -> tuple[str, ...]:
    """Text cut into what counts as tokens here; joined they are the text."""
    return tuple(_PIECE.findall(text))


def _words(asked: Json, text: str, index: int) -> str:
    form = asked.get("response_format") or {}
    if form.get("type") == "json_schema":
        return json.dumps(example(form["json_schema"]["schema"], text), ensure_ascii=False)
    if form.get("type") == "json_object" or "Respond with a JSON object" in text:
        keys = _QUOTED.findall(text) or ["said"]
        return json.dumps(dict.fromkeys(keys, f"words {index}"), ensure_ascii=False)
    if asked["messages"][-1]["role"] in ("tool", "function"):
        told = [m["content"] for m in asked["messages"] if m["role"] in ("tool", "function")]
        return f"The tools said: {told}"
    return f"Choice {index}: “{text}” – grüße 😀."


def _bounded(asked: Json, words: str) -> Said:
    stops = asked.get("stop") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        words = words.partition(stop)[0] or " "
    pieces = pieces_of(words)
    longest = asked.get("max_completion_tokens") or asked.get("max_tokens") or len(pieces)
    cites = "web_search_options" in asked
    citation = {"start_index": 0, "end_index": 6, "url": "https://example.org/", "title": "Example"}
    return Said(
        pieces[:longest],
        finish="stop" if len(pieces) <= longest else "length",
        annotations=({"type": "url_citation", "url_citation": citation},) if cites else (),
    )


def _calls(asked: Json, text: str) -> tuple[Json, ...]:
    choice = asked.get("tool_choice", "auto")
    tools = {_name(tool): tool for tool in asked.get("tools") or ()}
    if not tools or choice == "none":
        return ()
    if isinstance(choice, dict) and choice["type"] == "allowed_tools":
        allowed = [_name(tool) for tool in choice["allowed_tools"]["tools"]]
        tools = {name: tool for name, tool in tools.items() if name in allowed}
        choice = choice["allowed_tools"]["mode"]
    if isinstance(choice, dict):
        return (_call(tools[_name(choice)], text, 0),)
    called = set(_called(asked))
    fresh = [name for name in tools if name not in called]
    if choice == "auto" and (asked["messages"][-1]["role"] in ("tool", "function") or not fresh):
        return ()
    names = [n for n in fresh if n in text] or fresh or list(tools)[-1:]
    if asked.get("parallel_tool_calls") is False or choice == "required":
        names = names[:1]
    return tuple(_call(tools[name], text, number) for number, name in enumerate(names))


def _called(asked: Json) -> Iterator[str]:
    """Tools called since the user last spoke."""
    for message in reversed(asked["messages"]):
        if message["role"] == "user":
            return
        yield from (_name(call) for call in message.get("tool_calls") or ())


def _name(tool: Json) -> str:
    name: str = tool[tool["type"]]["name"]
    return name


def _call(tool: Json, text: str, number: int) -> Json:
    id_ = f"call_{_name(tool)}_{number}"
    if tool["type"] == "custom":
        return {"id": id_, "type": "custom", "custom": {"name": _name(tool), "input": text}}
    arguments = example(tool["function"].get("parameters") or {"type": "object"}, text)
    said = json.dumps(arguments, ensure_ascii=False)
    return {"id": id_, "type": "function", "function": {"name": _name(tool), "arguments": said}}


def example(schema: Json, text: str) -> Any:
    """A value that satisfies `schema`; numbers and quoted words are taken from `text`, in turn."""
    return _Example(schema, text).of(schema)


class _Example:
    def __init__(self, root: Json, text: str) -> None:
        self._root = root
        self._numbers = iter(re.findall(r"-?\d+(?:\.\d+)?", text))
        self._words = iter(_QUOTED.findall(text))

    def of(self, schema: Json | bool) -> Any:  # noqa: FBT001 - JSON Schema has schemas that are booleans
        if isinstance(schema, bool):
            return {}
        if "$ref" in schema:
            return self.of(self._found(schema["$ref"]))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for kind in ("anyOf", "oneOf"):
            if kind in schema:
                return self.of(schema[kind][0])
        if "allOf" in schema:
            merged: Json = {}
            for part in schema["allOf"]:
                merged |= self._found(part["$ref"]) if "$ref" in part else part
            return self.of(merged)
        type_ = schema.get("type", "object" if "properties" in schema else "string")
        return self._typed(type_[0] if isinstance(type_, list) else type_, schema)

    def _typed(self, type_: str, schema: Json) -> Any:
        if type_ == "object":
            return {name: self.of(part) for name, part in schema.get("properties", {}).items()}
        if type_ == "array":
            count = max(1, schema.get("minItems", 1))
            return [self.of(schema.get("items", {})) for _ in range(count)]
        if type_ in ("integer", "number"):
            return self._number(type_, schema)
        if type_ == "string":
            word = _FORMATS.get(schema.get("format", "")) or next(self._words, "words")
            return word.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 1000)]
        return {"boolean": True, "null": None}[type_]

    def _number(self, type_: str, schema: Json) -> float:
        value = float(next(self._numbers, "1"))
        value = max(value, schema.get("minimum", value), schema.get("exclusiveMinimum", value - 1) + 1)
        value = min(value, schema.get("maximum", value), schema.get("exclusiveMaximum", value + 1) - 1)
        return int(value) if type_ == "integer" else value

    def _found(self, reference: str) -> Json:
        found: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert isinstance(found, Mapping)
        return dict(found)
