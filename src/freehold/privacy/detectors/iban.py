"""Bank accounts: IBAN by its country's length and its check digits (ISO 13616, ISO 7064 mod 97-10).

Lengths are from SWIFT's IBAN registry, release 99 (2025).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_BY_LENGTH: Final = {
    15: "NO",
    16: "BE",
    18: "DK FK FI FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG YE",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    33: "LC RU",
}
_LENGTHS: Final = {country: length for length, names in _BY_LENGTH.items() for country in names.split()}
_APART: Final = r"[ \t\r\n\-./_|*,:;]{0,5}"
# The beginning; what follows is counted character by character, so nothing is tried twice.
_BEGIN: Final = re.compile(
    rf"(?<![A-Za-z0-9])([A-Za-z]){_APART}([A-Za-z]){_APART}[0-9]{_APART}[0-9](?={_APART}[A-Za-z0-9])"
)
_MOST_SEPARATORS: Final = 5
_SEPARATORS: Final = frozenset(" \t\r\n-./_|*,:;\u00a0")
_LETTERS: Final = {chr(ord("A") + i): str(10 + i) for i in range(26)}


class Detector:
    types = frozenset({"IBAN_CODE"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_digit:
            return
        for match in _BEGIN.finditer(reading.text):
            length = _LENGTHS.get((match[1] + match[2]).upper())
            if length is not None:
                found = _iban(reading, match.start(), length)
                if found is not None:
                    yield found


def _iban(reading: Reading, start: int, length: int) -> Span | None:
    text, at, gap = reading.text, start, 0
    signs: list[str] = []
    while len(signs) < length and at < len(text) and gap <= _MOST_SEPARATORS:
        sign = text[at]
        if sign.isascii() and sign.isalnum():
            signs.append(sign)
            gap = 0
        elif sign in _SEPARATORS:
            gap += 1
        else:
            break
        at += 1
    if len(signs) < length or (at < len(text) and text[at].isalnum() and text[at].isascii()):
        return None
    if _checks("".join(signs).upper()):
        return Span(start, at, "IBAN_CODE", 1.0)
    called = "iban" in reading.before(start)
    return Span(start, at, "IBAN_CODE", 0.6) if called else None


def _checks(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(_LETTERS.get(sign, sign) for sign in turned)) % 97 == 1
