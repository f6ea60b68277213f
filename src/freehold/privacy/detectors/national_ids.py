"""Identity, tax, health and social security numbers of some fifty countries, by form and check digits.

What a number is called, how it is written and how it is checked stands in the tables `_national_*`; a kind
whose check is weak counts only with its name beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from freehold.privacy.detectors._kind import Kind
from freehold.privacy.detectors._national_americas import AMERICAS
from freehold.privacy.detectors._national_asia import ASIA
from freehold.privacy.detectors._national_europe import EUROPE
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_KINDS: Final = (*AMERICAS, *EUROPE, *ASIA)
# Forms are looked up by so many signs.
_BEGINNING: Final = 4
_CHECKED_AND_CALLED, _CHECKED, _CALLED = 1.0, 0.8, 0.6


class Detector:
    types = frozenset(kind.type for kind in _KINDS)

    def __init__(self) -> None:
        forms: dict[str, list[Kind]] = {}
        for kind in _KINDS:
            for form in kind.forms:
                forms.setdefault(form, []).append(kind)
        lengths: dict[str, set[int]] = {}
        for form in forms:
            lengths.setdefault(form[:_BEGINNING], set()).add(len(form))
        self._lengths = {begin: tuple(sorted(found, reverse=True)) for begin, found in lengths.items()}
        self._forms = {form: tuple(kinds) for form, kinds in forms.items()}

    def find(self, reading: Reading) -> Iterator[Span]:
        for start, shape in reading.shapes:
            for length in self._lengths.get(shape[:_BEGINNING], ()):
                kinds = self._forms.get(shape[:length]) if length <= len(shape) else None
                if kinds is not None and _ends(shape, length):
                    found = _best(reading, start, start + length, kinds)
                    if found is not None:
                        yield found
                        break


def _ends(shape: str, length: int) -> bool:
    """Whether a number can end there, or goes on as it is written so far."""
    after, beyond = shape[length : length + 1], shape[length + 1 : length + 2]
    if after in ("9", "A"):
        return False
    goes_on = after in ("-", ".", "/") or (after == " " and " " in shape[:length])
    return not (goes_on and beyond == "9")


def _best(reading: Reading, start: int, end: int, kinds: tuple[Kind, ...]) -> Span | None:
    written = reading.text[start:end]
    before = reading.text[start - 1 : start]
    if before in (".", "-", "/", "+", "$", "€", "£", "="):
        return None if before != "=" else _of(reading, start, end, kinds, written)
    return _of(reading, start, end, kinds, written)


def _of(reading: Reading, start: int, end: int, kinds: tuple[Kind, ...], written: str) -> Span | None:
    around = reading.around(start, end)
    best: Span | None = None
    for kind in kinds:
        called = kind.context.search(around) is not None
        if not (called or kind.alone):
            continue
        if kind.upper and not called and not _upper(written):
            continue
        if kind.check(written):
            score = _CHECKED_AND_CALLED if called else _CHECKED
        elif called and kind.forgiving:
            score = _CALLED
        else:
            continue
        if best is None or score > best.score:
            best = Span(start, end, kind.type, score)
    return best


def _upper(written: str) -> bool:
    return written == written.upper()
