"""What is known of one word of a text: a code that expressions can run over, and the sources that hold it.

Knows no text and no fingerprints.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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
_CODES: Final = range(64)


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A word that some source holds, and what stands for it. `alone`: the sources of which it is a value."""

    print: int
    share: int
    code: int
    values: tuple[Source, ...]
    documents: tuple[Source, ...]
    alone: tuple[Source, ...]


def one_of(chosen: Callable[[int], bool]) -> bytes:
    """An expression for one word with such a code."""
    codes = [re.escape(bytes([code])) for code in _CODES if chosen(code)]
    return b"[" + b"".join(codes) + b"]"
