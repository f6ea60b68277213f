"""Copied stretches of learned documents, by the fingerprints of their uncommon words. Knows no text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from freehold.privacy.learned.documents import WINDOW
from freehold.privacy.learned.fingerprint import SHINGLE_WORDS, rolled, tells
from freehold.privacy.learned.mark import COMMON, DOCUMENT, EMPTY, NOTHING, Mark, letters, stretches
from freehold.privacy.learned.source import Source

_TELLS, _COMMON, _EMPTY = b"t", b"c", b"e"


def _to_a_document(code: int) -> bytes:
    if code & DOCUMENT:
        return _COMMON if code & COMMON else _TELLS
    return _EMPTY if code & EMPTY else NOTHING


_TO_A_DOCUMENT: Final = letters(_to_a_document)
# Shingles that are known lie no farther apart within one copy.
_NEAR: Final = SHINGLE_WORDS + WINDOW

Word = tuple[int, Mark]


def may_be_copied(codes: bytes) -> Iterator[tuple[int, int]]:
    """Where words of documents stand, from first to behind the last, enough of them to make a shingle."""
    shown = codes.translate(_TO_A_DOCUMENT)
    for start, end in stretches(shown, _TELLS):
        if end - start - shown.count(_EMPTY, start, end) >= SHINGLE_WORDS:
            yield start, end


def copies_in(words: list[Word], source: Source) -> Iterator[tuple[int, int]]:
    """The first and last word of each copy of a part of `source` among words that are not empty."""
    for run in _runs(words, source):
        first = last = -1
        for at in _known(run, source):
            if first >= 0 and at > last + _NEAR:
                yield run[first][0], run[last + SHINGLE_WORDS - 1][0]
                first = at
            elif first < 0:
                first = at
            last = at
        if first >= 0:
            yield run[first][0], run[last + SHINGLE_WORDS - 1][0]


def _known(run: list[Word], source: Source) -> Iterator[int]:
    """Where a shingle begins that the source knows. Only one with an uncommon word is asked for."""
    common = [bool(mark.code & COMMON) for _, mark in run]
    if all(common):
        return
    shares = [mark.share for _, mark in run]
    for at, shingle in enumerate(rolled(shares)):
        if (
            False in common[at : at + SHINGLE_WORDS]
            and source.knows("shingles", shingle)
            and tells(shares, common, at)
        ):
            yield at


def _runs(words: list[Word], source: Source) -> Iterator[list[Word]]:
    """Those in a row that are all of this source."""
    run: list[Word] = []
    for word in words:
        if source in word[1].documents:
            run.append(word)
            continue
        if len(run) >= SHINGLE_WORDS:
            yield run
        run = []
    if len(run) >= SHINGLE_WORDS:
        yield run
