"""Everything that a request says, as text: each message and each other field with all the strings in it.

No field but the model is left out, so that nothing passes unread by standing in an odd place.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from freehold.wire.ask import Ask

_anything = msgspec.json.Decoder(Any)
# Words of the protocol under these keys are not somebody's text.
_PROTOCOL: Final = frozenset({"type", "role", "object", "format", "detail", "effort", "strict", "mode"})
_LONGEST_WORD: Final = 24
# Numbers with fewer digits tell nothing.
_SMALL: Final = 1_000_000
_TEXTUAL: Final = frozenset(b'"[{')
_SEPARATELY: Final = frozenset({"messages", "input"})
# Of a long part only this much lies beside a seam.
_SEAM: Final = 80


class Passage(msgspec.Struct, frozen=True):
    """The strings of one message or one field, in their order."""

    parts: tuple[str, ...]

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
        view = memoryview(raw)
        if name == "model" or (view[0] not in _TEXTUAL and len(view) < len(str(_SMALL))):
            continue
        for value in _values(name, raw):
            parts: list[str] = []
            try:
                _collect(value, "", parts)
            except RecursionError:
                parts = [str(bytes(raw), "utf-8")]
            if parts:
                found.append(Passage(tuple(parts)))
    return found


def _values(name: str, raw: msgspec.Raw) -> list[Any]:
    try:
        value = _anything.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return [str(bytes(raw), "utf-8")]
    return value if name in _SEPARATELY and isinstance(value, list) else [value]


def _collect(value: Any, key: str, parts: list[str]) -> None:
    if isinstance(value, str):
        if not (key in _PROTOCOL and len(value) <= _LONGEST_WORD and value.isidentifier()):
            parts.append(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not name.replace("_", "").isalpha():
                parts.append(name)
            _collect(inner, name, parts)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, key, parts)
    elif isinstance(value, int | float) and abs(value) >= _SMALL:
        parts.append(str(value))
