"""Postal addresses that say what they are: a number, a name in capitals, and a word for a street.

The trained model of names knows addresses of many kinds, but few of Britain's.
What has no such word is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_WORDS: Final = (
    *(
        "Street",
        "St",
        "Road",
        "Rd",
        "Avenue",
        "Ave",
        "Boulevard",
        "Blvd",
        "Lane",
        "Ln",
        "Drive",
        "Dr",
        "Court",
    ),
    *("Ct", "Close", "Crescent", "Terrace", "Gardens", "Grove", "Mews"),
)
_KINDS: Final = "|".join(_WORDS)
_NAME: Final = r"[A-Z](?:[^\W\d_]|['’\-]){0,30}+(?!\w)\.?"
_POSTCODE: Final = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|(?:[A-Z]{2} )?[0-9]{5}(?:-[0-9]{4})?)(?!\w)"
_ADDRESS: Final = re.compile(
    r"(?<![\w.,:/])(?<![Ii]n )(?:(?:Flat|Apt|Apartment|Unit|Suite) \w{1,5},? )?"
    rf"[0-9]{{1,5}}[A-Za-z]?(?:[\-/][0-9]{{1,4}}[A-Za-z]?)? (?:{_NAME} ){{1,4}}?(?:{_KINDS})(?!\w)\.?"
    rf"(?:,? (?:{_POSTCODE}|{_NAME}(?: {_NAME}){{0,2}}?(?:,? {_POSTCODE}|(?=[,.;\n]|$))))?"
    rf"(?:, {_NAME}(?: {_NAME}){{0,2}}(?:,? {_POSTCODE})?)?"
)
_STEMS: Final = tuple(word.lower() for word in _WORDS)


class Detector:
    types = frozenset({"ADDRESS"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_digit or not any(map(reading.lower.__contains__, _STEMS)):
            return
        for address in _ADDRESS.finditer(reading.text):
            said = address.group().rstrip(".")
            yield Span(address.start(), address.start() + len(said), "ADDRESS", 0.7)
