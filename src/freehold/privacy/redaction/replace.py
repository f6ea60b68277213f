"""Spans of a text, and of every string in a decoded body, replaced by pseudonyms. Does not scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from freehold.privacy.span import Span


def replace_spans(text: str, spans: Sequence[Span], stand_in: Callable[[str, str], str]) -> str:
    """The text with what `stand_in(type, value)` gives for each span.

    Of spans that overlap the union is replaced as one value.
    """
    pieces: list[str] = []
    at = 0
    for start, end, type_ in merged(spans):
        pieces.append(text[at:start])
        pieces.append(stand_in(type_, text[start:end]))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def merged(spans: Sequence[Span]) -> list[tuple[int, int, str]]:
    """Spans without overlaps, in order; what overlaps takes the type of the longest."""
    joined: list[tuple[int, int, str, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        length = span.end - span.start
        if joined and span.start < joined[-1][1]:
            start, end, type_, longest = joined[-1]
            joined[-1] = (
                start,
                max(end, span.end),
                span.type if length > longest else type_,
                max(longest, length),
            )
        elif length > 0:
            joined.append((span.start, span.end, span.type, length))
    return [(start, end, type_) for start, end, type_, _ in joined]


def replace_everywhere(value: Any, text: Callable[[str], str]) -> Any:
    """A decoded JSON value with every string in it as `text` gives it, keys of objects included.

    A large number that is private by itself becomes a string: a pseudonym is no number.
    """
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(name): replace_everywhere(inner, text) for name, inner in value.items()}
    if isinstance(value, list):
        return [replace_everywhere(inner, text) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        written = str(value)
        made = text(written)
        return value if made == written else made
    return value
