"""Bank accounts: IBAN by its country's form and its check digits (ISO 13616, ISO 7064 mod 97-10).

Whatever is no letter and no digit may stand between; O and I may stand for 0 and 1 where a digit belongs.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Final, NamedTuple

from freehold.privacy.detectors._iban_forms import FORMS
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_MOST_SEPARATORS: Final = 5
_APART: Final = rf"[\W_]{{0,{_MOST_SEPARATORS}}}+"
# The beginning; what follows is counted character by character, so nothing is tried twice.
_BEGIN: Final = re.compile(
    rf"(?<![A-Za-z0-9])([A-Za-z]){_APART}([A-Za-z]){_APART}[0-9OoIl]{_APART}[0-9OoIl](?={_APART}[A-Za-z0-9])"
)
_ALIKE: Final = {"O": "0", "o": "0", "I": "1", "l": "1"}
_SAME: Final = {sign: sign.upper() for sign in string.ascii_letters + string.digits}
# How a sign is read where the country's form wants a digit, a letter, or either.
_READ: Final = {
    "n": {sign: sign for sign in string.digits} | _ALIKE,
    "a": {sign: sign.upper() for sign in string.ascii_letters} | {"0": "O", "1": "I"},
    "c": _SAME,
}
# Where a letter or a digit may stand so many may be either; each doubles the chance to be wrong.
_MOST_UNSURE: Final = 3
# Words of a sentence make groups of any length, and hold fewer.
_FEWEST_DIGITS: Final = 10


class Detector:
    types = frozenset({"IBAN_CODE"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_digit:
            return
        for match in _BEGIN.finditer(reading.text):
            form = FORMS.get((match[1] + match[2]).upper())
            if form is not None:
                found = _iban(reading, match.start(), form)
                if found is not None:
                    yield found


class _Written(NamedTuple):
    """The signs as they are, as the form reads them (`None` where it does not), and where they end.

    `regular`: in one piece, or in groups of one length.
    """

    signs: str
    read: str | None
    end: int
    regular: bool


def _iban(reading: Reading, start: int, form: str) -> Span | None:
    called = "iban" in reading.before(start)
    written = _written(reading.text, start, form, patient=called)
    if written is None:
        return None
    if _is_one(written, form, spoken=reading.respelled):
        return Span(start, written.end, "IBAN_CODE", 1.0)
    return Span(start, written.end, "IBAN_CODE", 0.6) if called else None


def _written(text: str, start: int, form: str, *, patient: bool) -> _Written | None:
    """As many signs as the form has. `patient` goes on where one is not what the form wants."""
    at, gap, fits = start, 0, True
    begins: list[int] = []
    signs: list[str] = []
    read: list[str] = []
    while len(signs) < len(form):
        sign = text[at : at + 1]
        if sign in _SAME:
            if gap:
                begins.append(len(signs))
            told = _READ[form[len(signs)]].get(sign)
            if told is None:
                fits = False
                if not patient:
                    return None
            signs.append(sign)
            read.append(told or sign)
            gap = 0
        elif not sign or sign.isalnum() or gap == _MOST_SEPARATORS:
            return None
        else:
            gap += 1
        at += 1
    if text[at : at + 1] in _SAME:
        return None
    regular = not begins or begins == [*range(begins[0], len(signs), begins[0])]
    return _Written("".join(signs), "".join(read) if fits else None, at, regular)


def _is_one(written: _Written, form: str, *, spoken: bool) -> bool:
    read, signs = written.read, written.signs
    if read is None:
        return False
    letters = [sign for sign in signs if sign.isalpha() and sign not in _ALIKE]
    if any(map(str.isupper, letters)) and any(map(str.islower, letters)):
        return False
    if not (written.regular or spoken) and sum(map(str.isdigit, read)) < _FEWEST_DIGITS:
        return False
    if _checks(read):
        return True
    unsure = [at for at, sign in enumerate(signs) if form[at] == "c" and sign in _ALIKE]
    return len(unsure) <= _MOST_UNSURE and any(
        _checks(_with_noughts(signs, read, chosen))
        for count in range(1, len(unsure) + 1)
        for chosen in combinations(unsure, count)
    )


def _with_noughts(signs: str, read: str, places: Collection[int]) -> str:
    return "".join(_ALIKE[signs[at]] if at in places else sign for at, sign in enumerate(read))


def _checks(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
