"""Copied stretches of learned documents, by the fingerprints of their uncommon words. Knows no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.learned.documents import WINDOW
from freehold.privacy.learned.fingerprint import FEWEST_UNCOMMON, SHINGLE_WORDS, shingles
from freehold.privacy.learned.mark import COMMON, DOCUMENT, EMPTY, Mark, one_of
from freehold.privacy.learned.source import Source

_OURS: Final = one_of(lambda code: bool(code & DOCUMENT))
_PASSED_OVER: Final = one_of(lambda code: bool(code & EMPTY))
_UNCOMMON: Final = re.compile(one_of(lambda code: bool(code & DOCUMENT) and not code & COMMON))
# Words of documents with nothing but empty ones between, enough of them to make a shingle.
_RUN: Final = re.compile(b"(?:%b%b*+){%d,}+" % (_OURS, _PASSED_OVER, SHINGLE_WORDS))
# Shingles that are known lie no farther apart within one copy.
_NEAR: Final = SHINGLE_WORDS + WINDOW

Word = tuple[int, Mark]


def may_be_copied(codes: bytes) -> Iterator[tuple[int, int]]:
    """Where words stand, from first to last, that may be a copy."""
    for run in _RUN.finditer(codes):
        if len(_UNCOMMON.findall(codes, *run.span())) >= FEWEST_UNCOMMON:
            yield run.span()


def copies_in(words: list[Word], source: Source) -> Iterator[tuple[int, int]]:
    """The first and last word of each copy of a part of `source` among words that are not empty."""
    for run in _runs(words, source):
        prints = shingles([mark.share for _, mark in run], [bool(mark.code & COMMON) for _, mark in run])
        first = last = -1
        for at, shingle in enumerate(prints):
            if shingle is None or not source.knows("shingles", shingle):
                continue
            if first >= 0 and at > last + _NEAR:
                yield run[first][0], run[last + SHINGLE_WORDS - 1][0]
                first = at
            elif first < 0:
                first = at
            last = at
        if first >= 0:
            yield run[first][0], run[last + SHINGLE_WORDS - 1][0]


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
