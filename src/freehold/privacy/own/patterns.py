"""Values of a form of an organisation's own, by expressions that somebody checked to be bounded.

Knows no config, and not how an expression is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from freehold.privacy.detectors._digits import luhn
from freehold.privacy.detectors._words import words
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_SCORE: Final = 1.0


def _luhn(value: str) -> bool:
    digits = "".join(sign for sign in value if sign.isdigit())
    return bool(digits) and digits.isascii() and luhn(digits)


def _mod97(value: str) -> bool:
    """ISO 7064 mod 97-10 with the check digits in third and fourth place, as in an IBAN (ISO 13616)."""
    plain = "".join(sign for sign in value.upper() if sign.isascii() and sign.isalnum())
    moved = plain[4:] + plain[:4]
    return len(plain) > len("XX00") and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {"luhn": _luhn, "mod97": _mod97}


@dataclass(frozen=True, slots=True)
class Form:
    """`context`: words of which one has to stand near; `check`: a name of `CHECKS`."""

    expression: re.Pattern[str]
    type: str
    context: tuple[str, ...] = ()
    check: str | None = None


class Patterns:
    """Finds values of these forms."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.types = frozenset(form.type for form in forms)
        self._forms = [(form, words(*form.context) if form.context else None) for form in forms]

    def find(self, reading: Reading) -> Iterable[Span]:
        for form, near in self._forms:
            yield from _found(reading, form, near)


def _found(reading: Reading, form: Form, near: re.Pattern[str] | None) -> Iterator[Span]:
    check = None if form.check is None else CHECKS[form.check]
    for match in form.expression.finditer(reading.text):
        start, end = match.span()
        if start == end or (check is not None and not check(match[0])):
            continue
        if near is None or near.search(reading.around(start, end)) is not None:
            yield Span(start, end, form.type, _SCORE, "value")
