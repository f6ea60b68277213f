"""A long text in pieces that overlap, so that nobody waits long for one. Does not know what is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_PIECE: Final = 8192
# The longest value that has to lie within one piece: a private key, a token, with the words beside it.
_OVERLAP: Final = 1024
_LONGEST_RUN: Final = 65_536
# A private key is not cut in two.
_KEY_BEGINS, _KEY_ENDS = "-----BEGIN ", "-----END "
_LONGEST_KEY: Final = 12_000
_LONGEST_LAST_LINE: Final = 64
_BLANKS: Final = (" ", "\n", "\t", ",", ";")


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Pieces with where each begins. They end at a blank where there is one within reach."""
    length = len(text)
    if length <= _PIECE:
        yield 0, text
        return
    start = 0
    while True:
        end = _end(text, start + _PIECE)
        yield start, text[start:end]
        if end >= length:
            return
        start = _start(text, max(start + 1, end - _OVERLAP))


def _end(text: str, wanted: int) -> int:
    """The next blank; a run without one is left whole, as an encoded file is, up to a bound."""
    if wanted >= len(text):
        return len(text)
    begin = text.rfind(_KEY_BEGINS, max(0, wanted - _LONGEST_KEY), wanted)
    if begin >= 0 and text.find(_KEY_ENDS, begin, wanted) < 0:
        closed = text.find(_KEY_ENDS, wanted, begin + _LONGEST_KEY)
        wanted = wanted if closed < 0 else closed + _LONGEST_LAST_LINE
    places = [at for blank in _BLANKS if (at := text.find(blank, wanted, wanted + _LONGEST_RUN)) >= 0]
    return min(places, default=min(len(text), wanted + _LONGEST_RUN))


def _start(text: str, wanted: int) -> int:
    """Behind the last blank before it, so that no value begins in its middle."""
    at = max(text.rfind(blank, wanted - _OVERLAP, wanted) for blank in _BLANKS)
    return wanted if at < 0 else at + 1
