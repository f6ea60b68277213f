"""What is known of one word of a text: a code that is looked over at once, and who holds it.

Knows no text and no fingerprints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from freehold.privacy.learned.source import Source

# Bits of a code. An uncommon word that no source holds has none.
COMMON: Final = 1  # everybody's word
PART: Final = 2  # it is in a value of several words that is known whole
TELLING: Final = 4  # it is one of the words by which two tell a value
ALONE: Final = 8  # it is a value by itself
DOCUMENT: Final = 16  # it is in a document
EMPTY: Final = 32  # documents pass it over
_CODES: Final = 64

NOTHING: Final = b"-"
"""The letter of a word that says nothing to whoever asks."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A word that some source holds, and what stands for it. `alone`: the sources of which it is a value."""

    print: int
    share: int
    code: int
    values: tuple[Source, ...]
    documents: tuple[Source, ...]
    alone: tuple[Source, ...]


def letters(letter: Callable[[int], bytes]) -> bytes:
    """A table for `bytes.translate` that shows each code as one letter."""
    shown = b"".join(letter(code) for code in range(_CODES))
    return shown + NOTHING * (256 - _CODES)


def stretches(shown: bytes, wanted: bytes) -> Iterator[tuple[int, int]]:
    """Where words stand, from first to behind the last, `wanted` among them, none that says nothing."""
    found = shown.find(wanted)
    while found >= 0:
        start = shown.rfind(NOTHING, 0, found) + 1
        end = shown.find(NOTHING, found)
        end = len(shown) if end < 0 else end
        yield start, end
        found = shown.find(wanted, end)
