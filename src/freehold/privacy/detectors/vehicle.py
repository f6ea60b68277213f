"""Vehicle identification numbers, by their check digit (49 CFR 565.15, North America and China)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_VIN: Final = re.compile(r"(?<![A-Z0-9])[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{4}[0-9]{4}(?![A-Z0-9])")
_LENGTH: Final = 17
_VALUES: Final = {
    letter: value
    for value, letters in enumerate(("", "AJ", "BKS", "CLT", "DMU", "ENV", "FW", "GPX", "HY", "RZ"))
    for letter in letters
}
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


class Detector:
    types = frozenset({"VEHICLE_ID"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_digit or reading.longest < _LENGTH:
            return
        for match in _VIN.finditer(reading.text):
            if not match[0].isdigit() and _checks(match[0]):
                yield Span(match.start(), match.end(), "VEHICLE_ID", 0.9)


def _checks(vin: str) -> bool:
    total = sum((int(s) if s.isdigit() else _VALUES[s]) * w for s, w in zip(vin, _WEIGHTS, strict=True))
    rest = total % 11
    return vin[8] == ("X" if rest == 10 else str(rest))
