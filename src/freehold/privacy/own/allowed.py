"""What an organisation calls harmless: its support address, its own number. Hides it, and nothing longer.

Knows no config.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from freehold.privacy.span import Span

_BETWEEN_DIGITS: Final = r"[ \t\u00a0().\-/]{0,3}"
_NUMBER: Final = re.compile(r"\+?[0-9 \t\u00a0().\-/]+")
_FEWEST_DIGITS: Final = 4


class Allowed:
    """`values` are whole values, `forms` expressions for whole ones that somebody checked to be bounded."""

    def __init__(self, values: Iterable[str], forms: Sequence[re.Pattern[str]] = ()) -> None:
        spelled = sorted({_spelled(value) for value in values}, key=len, reverse=True)
        self._values = (
            re.compile(rf"(?<![^\W_])(?:{'|'.join(spelled)})(?![^\W_])", re.IGNORECASE) if spelled else None
        )
        self._forms = tuple(forms)

    def without(self, text: str, found: Sequence[Span]) -> list[Span]:
        """The spans that are no allowed value, and no part of one. One that merely holds one stays."""
        places = [*self._places(text, found)]
        return [
            span
            for span in found
            if not any(start <= span.start and span.end <= end for start, end in places)
        ]

    def _places(self, text: str, found: Sequence[Span]) -> Iterator[tuple[int, int]]:
        for start, end in {(span.start, span.end) for span in found}:
            value = text[start:end]
            if any(form.fullmatch(value) for form in self._forms):
                yield start, end
            elif self._values is not None:
                yield from self._around(text, start, end)

    def _around(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where an allowed value stands that the span is, or is a part of."""
        assert self._values is not None  # noqa: S101 - as the caller saw
        begin = max(0, start - _REACH)
        for match in self._values.finditer(text, begin, end + _REACH):
            if match.start() <= start and end <= match.end():
                yield match.span()


_REACH: Final = 200


def _spelled(value: str) -> str:
    """An expression for a value: any blanks for blanks, and for a number any signs between its digits."""
    digits = [sign for sign in value if sign.isdigit()]
    if _NUMBER.fullmatch(value) is not None and len(digits) >= _FEWEST_DIGITS:
        plus = r"\+" if value.lstrip().startswith("+") else ""
        return plus + _BETWEEN_DIGITS.join(map(re.escape, digits))
    return r"\s+".join(map(re.escape, value.split()))
