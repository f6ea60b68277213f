"""Terms of an organisation's own, found word by word. A few or many cost the same: one look at each word.

Knows no config.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from freehold.privacy.learned.words import cut, normal, places, spellings
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_SCORE: Final = 1.0
_SHORTEST_JOINED: Final = 6

_Words = tuple[bytes, ...]


def is_findable(term: str) -> bool:
    """Whether a term has a word of two signs at least: "C++" is the letter C to us, and everywhere."""
    return any(len(word) > 1 or not word.isascii() for words in spellings(term) for word in words)


class Terms:
    """Finds terms, given with their types. "Project Falcon" is also project-falcon and ProjectFalcon."""

    def __init__(self, terms: Mapping[str, str]) -> None:
        self.types = frozenset(terms.values())
        self._types: dict[_Words, str] = {}
        self._lengths: dict[bytes, set[int]] = {}  # of the terms that begin with a word
        for term, type_ in terms.items():
            for words in spellings(term):
                self._keep(tuple(words), type_)
                joined = b"".join(words)
                if len(words) > 1 and len(joined) >= _SHORTEST_JOINED:
                    self._keep((joined,), type_)

    def _keep(self, words: _Words, type_: str) -> None:
        if words:
            self._types[words] = type_
            self._lengths.setdefault(words[0], set()).add(len(words))

    def find(self, reading: Reading) -> Iterable[Span]:
        words = cut(reading.lower)
        if not reading.lower.isascii():
            words = list(map(normal, words))
        if self._lengths.keys().isdisjoint(words):
            return ()
        return self._found(words, places(reading.lower))

    def _found(self, words: list[bytes], where: list[tuple[int, int]]) -> Iterator[Span]:
        for at, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                type_ = self._types.get(tuple(words[at : at + length]))
                if type_ is not None:
                    yield Span(where[at][0], where[at + length - 1][1], type_, _SCORE, "value")
