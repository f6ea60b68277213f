"""Check digits that several detectors need. Digits in, yes or no out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1, annex B)."""
    numbers = [ord(digit) - 48 for digit in reversed(digits)]
    return (sum(numbers[::2]) + sum(_DOUBLED[number] for number in numbers[1::2])) % 10 == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of the digits times their weights; the shorter of the two decides how far it goes."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
