"""Documents and code, as fingerprints of runs of their uncommon words, chosen by winnowing.

Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting" (SIGMOD 2003): of
every `WINDOW` neighbouring shingles the least fingerprint is kept, so a shared run of `WINDOW +
SHINGLE_WORDS - 1` words always shares a kept one. Empty words, blanks, punctuation and case are left out
first, so that a reformatted copy is the same. Paragraphs that speak of licences, and lines that name what is
imported, are everybody's and are not learned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from freehold.privacy.learned.fingerprint import Seal, Word, shingles
from freehold.privacy.learned.words import Vocabulary, words_of

WINDOW: Final = 2
# Lines that name what is used, not what is done with it.
_IMPORTS: Final = re.compile(
    r"^[ \t]*(?:import|from|#[ \t]*include|using|use|require|package|export \* from)\b.*$", re.MULTILINE
)
_PARAGRAPHS: Final = re.compile(r"\n[ \t#*/;%-]*\n")
_LEGAL: Final = re.compile(
    r"licen[cs]e|copyright|\(c\) |©|warrant(?:y|ies)|permission is hereby|redistribut"
    r"|spdx|all rights reserved",
    re.IGNORECASE,
)
# What stands in more files than these two allow is a house's own boilerplate, or everybody's.
_MOST_FILES: Final = 20
_MOST_OF_ALL: Final = 0.05


class DocumentShingles:
    """Collects what is kept of documents, one by one. `left_out` counts those too short to be known."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._vocabulary = Vocabulary()
        self._known: dict[bytes, tuple[Word, bool] | None] = {}
        self._words: set[int] = set()
        self._kept: Counter[int] = Counter()
        self.values = 0
        self.left_out = 0

    @property
    def left_out_by(self) -> Counter[str]:
        return Counter(short=self.left_out)

    def add(self, text: str) -> None:
        kept: set[int] = set()
        for stretch in _own(_IMPORTS.sub("", text)):
            kept.update(self._winnowed(stretch))
        self._kept.update(kept)
        if kept:
            self.values += 1
        else:
            self.left_out += 1

    @property
    def words(self) -> list[int]:
        return sorted(self._words)

    @property
    def shingles(self) -> list[int]:
        most = max(_MOST_FILES, int(_MOST_OF_ALL * self.values))
        return sorted(shingle for shingle, files in self._kept.items() if files <= most)

    def _winnowed(self, text: str) -> Iterator[int]:
        words = [known for word in words_of(text) if (known := self._word(word)) is not None]
        self._words.update(mark for (mark, _), _ in words)
        yield from winnowed(shingles([share for (_, share), _ in words], [common for _, common in words]))

    def _word(self, word: bytes) -> tuple[Word, bool] | None:
        """What stands for a word, and whether it is common; none for an empty one."""
        if word not in self._known:
            self._known[word] = self._looked_at(word)
        return self._known[word]

    def _looked_at(self, word: bytes) -> tuple[Word, bool] | None:
        if self._vocabulary.is_empty(word):
            return None
        return self._seal.word(word), self._vocabulary.is_common(word)


def winnowed(made: Sequence[int | None]) -> Iterator[int]:
    """The least of every `WINDOW` neighbours, without those that are none; of a shorter text the least."""
    for start in range(max(1, len(made) - WINDOW + 1)):
        window = [shingle for shingle in made[start : start + WINDOW] if shingle is not None]
        if window:
            yield min(window)


def _own(text: str) -> Iterator[str]:
    """The text in stretches between paragraphs that speak of licences."""
    stretch: list[str] = []
    for paragraph in _PARAGRAPHS.split(text):
        if _LEGAL.search(paragraph) is None:
            stretch.append(paragraph)
        elif stretch:
            yield "\n".join(stretch)
            stretch = []
    if stretch:
        yield "\n".join(stretch)
