"""Everything that a request says, as text: each message and each other field with all the strings in it.

No field but the model is left out, nor the name of one that the protocol does not have, so that nothing
passes unread by standing in an odd place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from freehold.wire.ask import Ask

_anything = msgspec.json.Decoder(Any)
# Words of the protocol under these keys are not somebody's text.
_PROTOCOL: Final = frozenset({"type", "role", "object", "format", "detail", "effort", "strict", "mode"})
# Words, known at once: nearly all that there are.
_USUAL: Final = frozenset(
    {
        *("role", "content", "type", "text", "user", "system", "assistant", "tool", "name", "function"),
        *("arguments", "id", "tool_calls", "tool_call_id", "parameters", "properties", "description"),
        *("object", "string", "number", "integer", "boolean", "array", "required", "items", "enum"),
    }
)
_LONGEST_WORD: Final = 24
# Numbers with fewer digits tell nothing.
_SMALL: Final = 1_000_000
_TEXTUAL: Final = frozenset(b'"[{')
_SEPARATELY: Final = frozenset({"messages", "input"})
# A name outside the protocol may be somebody's text itself, so it is not told.
_FIELDS: Final = frozenset(
    {
        *("messages", "input", "prompt", "suffix", "instructions", "tools", "tool_choice", "functions"),
        *("function_call", "response_format", "text", "metadata", "user", "safety_identifier", "stop"),
        *("prompt_cache_key", "prediction", "logit_bias", "web_search_options", "seed", "service_tier"),
        *("model", "stream", "stream_options", "temperature", "top_p", "n", "max_tokens", "store"),
        *("max_completion_tokens", "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs"),
        *("parallel_tool_calls", "reasoning_effort", "modalities", "audio", "dimensions", "verbosity"),
    }
)
# Of a long part only this much lies beside a seam.
_SEAM: Final = 80


class Passage(msgspec.Struct, frozen=True):
    """The strings of one message or one field, in their order.

    `field` is the field's name, empty where the protocol has no such field; `number` tells which of its
    messages or inputs it is, from 0, `None` where the field is one passage.
    """

    parts: tuple[str, ...]
    field: str = ""
    number: int | None = None

    @property
    def text(self) -> str:
        """All of it, a part a line."""
        return self.parts[0] if len(self.parts) == 1 else "\n".join(self.parts)

    def seams(self) -> tuple[str, tuple[int, ...]]:
        """What stands around the places where parts meet, as if they were one text, and where that is."""
        pieces: list[str] = []
        seams: list[int] = []
        length = 0
        for part in self.parts:
            if pieces:
                seams.append(length)
            piece = part if len(part) <= 2 * _SEAM else f"{part[:_SEAM]}\n\n{part[-_SEAM:]}"
            pieces.append(piece)
            length += len(piece)
        return "".join(pieces), tuple(seams)


def passages(ask: Ask) -> list[Passage]:
    """What `ask` says. A field that cannot be decoded here is one passage, as it is written."""
    found: list[Passage] = []
    for name, raw in ask.fields.items():
        field = name if name in _FIELDS else ""
        if not field and not is_word(name):
            found.append(Passage((name,)))
        view = memoryview(raw)
        if name == "model" or (view[0] not in _TEXTUAL and len(view) < len(str(_SMALL))):
            continue
        values, is_list = _values(name, raw)
        strings, before = 0, len(found)
        for number, value in enumerate(values):
            parts: list[str] = []
            try:
                strings += _collect(value, "", parts)
            except RecursionError:
                parts = [str(bytes(raw), "utf-8")]
            if parts:
                found.append(Passage(tuple(parts), field, number if is_list else None))
        # Of a name that stands twice in one object only the last is decoded, and both are sent.
        written = bytes(view)
        if not _is_all_read(written, strings, found[before:]):
            found.append(Passage(tuple(_everything(written)), field))
    return found


def _collect(value: Any, key: str, parts: list[str]) -> int:
    """Put the texts of `value` into `parts`. How many strings it has, names of fields included."""
    if isinstance(value, str):
        if not (key in _PROTOCOL and (value in _USUAL or is_word(value))):
            parts.append(value)
        return 1
    strings = 0
    if isinstance(value, dict):
        strings = len(value)
        for name, inner in value.items():
            if name not in _USUAL and not is_word(name):
                parts.append(name)
            strings += _collect(inner, name, parts)
    elif isinstance(value, list):
        for inner in value:
            strings += _collect(inner, key, parts)
    elif isinstance(value, int | float) and abs(value) >= _SMALL:
        parts.append(str(value))
    return strings


def _is_all_read(raw: bytes, strings: int, read: Iterable[Passage]) -> bool:
    """Whether no more strings stand in it than were decoded: two quotes each, and those that are escaped."""
    quotes = raw.count(b'"')
    if quotes == 2 * strings:
        return True
    if b"\\u0022" in raw:  # a quote that is written without one
        bare = raw.replace(b"\\\\", b"")
        return bare.count(b'"') - bare.count(b'\\"') == 2 * strings
    return quotes == 2 * strings + sum(part.count('"') for passage in read for part in passage.parts)


def _everything(raw: bytes) -> list[str]:
    """All the strings that are written in it, those of fields that are named again after them as well."""
    parts: list[str] = []
    try:
        written = json.loads(raw, object_pairs_hook=lambda pairs: [part for pair in pairs for part in pair])
        _collect(written, "", parts)
    except (ValueError, RecursionError):
        return [str(raw, "utf-8")]
    return parts


def is_word(name: str) -> bool:
    """Whether the name of a field may be a word of some protocol: what is not may be anybody's text."""
    return (
        len(name) <= _LONGEST_WORD
        and name.isascii()
        and name.replace("_", "").isalpha()
        and not name.isupper()
    )


def _values(name: str, raw: msgspec.Raw) -> tuple[list[Any], bool]:
    """What is read by itself, and whether it is one of several."""
    try:
        value = _anything.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return [str(bytes(raw), "utf-8")], False
    return (value, True) if name in _SEPARATELY and isinstance(value, list) else ([value], False)
