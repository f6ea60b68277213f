"""What was learned, found in a text. Most texts hold no learned word, and cost one look at each of theirs.

Each word has a code; where values and copies may be is told by the codes alone, and only there something is
computed. A word that was looked up is remembered in this process: see `_Seen`. Knows no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from freehold.privacy.learned.copies import copies_in, may_be_copied
from freehold.privacy.learned.fingerprint import Seal
from freehold.privacy.learned.mark import (
    ALONE,
    COMMON,
    DOCUMENT,
    EMPTY,
    NOTHING,
    PART,
    TELLING,
    Mark,
    letters,
    stretches,
)
from freehold.privacy.learned.name import Place, stands
from freehold.privacy.learned.source import Source
from freehold.privacy.learned.values import telling
from freehold.privacy.learned.words import Vocabulary, cut, normal, places
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_MOST_REMEMBERED: Final = 65_536  # about 8 MB
_FARTHEST: Final = 3  # words from one to the other of a value: a middle name between, the name of a field
_VALUE_SCORE, _COPY_SCORE = 1.0, 0.9
# "Robert and James" are not Robert James.
_CONJUNCTIONS: Final = frozenset((b"and", b"or", b"und", b"oder", b"et", b"ou", b"y", b"o", b"e", b"vs"))
_DIGITS: Final = b"0123456789"
# What a word is to a value. A pair holds an uncommon word, or two common ones side by side.
_HALF, _TELLS = b"h", b"t"


def _to_a_value(code: int) -> bytes:
    if code & ALONE or (code & TELLING and not code & COMMON):
        return _TELLS
    return _HALF if code & TELLING else NOTHING


_TO_A_VALUE: Final = letters(_to_a_value)
_TO_A_WHOLE: Final = letters(lambda code: _HALF if code & PART else NOTHING)
_TWO: Final = _HALF * 2
_UNASKED: Final = (None,)


class _Seen(dict[bytes, int]):
    """The codes of words that were looked up, the commonest step of a search.

    A word of letters stands there as it was written, without those around it; one with digits in it, which
    may be a number of somebody's or a part of a key, by a hash that only this process can make.
    """

    __slots__ = ("_code", "_hashed")

    def __init__(self, code: Callable[[bytes], int]) -> None:
        super().__init__()
        self._code = code
        self._hashed: dict[int, int] = {}

    def __missing__(self, word: bytes) -> int:
        code = self._hashed.get(hash(word))
        if code is None:
            code = self._code(word)
            if len(self) + len(self._hashed) >= _MOST_REMEMBERED:
                self.clear()
                self._hashed.clear()
            if len(word) > len(word.translate(None, _DIGITS)) and not code & COMMON:
                self._hashed[hash(word)] = code
            else:
                self[word] = code
        return code

    def of(self, words: Sequence[bytes]) -> bytes:
        """The code of each word."""
        if len(words) < 2:
            return bytes(map(self.__getitem__, words))
        return bytes(itemgetter(*words)(self))


class _Hit(NamedTuple):
    """Words `first` to `last` are of `source`; `whole` where they are all of a value."""

    first: int
    last: int
    source: Source
    whole: bool


class Learned:
    """A detector for everything in `sources`, which were made with the key of `seal`."""

    def __init__(self, sources: Sequence[Source], seal: Seal) -> None:
        self.types = frozenset(source.facts.type for source in sources)
        self._values = tuple(source for source in sources if source.facts.kind == "values")
        self._documents = tuple(source for source in sources if source.facts.kind != "values")
        self._lengths = {
            source: lengths for source in self._values if (lengths := frozenset(source.facts.lengths) - {1})
        }
        self._seal = seal
        self._vocabulary = Vocabulary()
        self._seen = _Seen(self._code)
        self._marks: dict[int, Mark] = {}
        self._pairs: dict[int, tuple[Source, ...]] = {}

    def find(self, reading: Reading) -> Iterable[Span]:
        words = cut(reading.lower)
        codes = self._seen.of(words)
        copied = [*self._copied(words, codes)] if self._documents else []
        hits = [*self._pairs_in(words, codes), *self._wholes_in(words, codes)] if self._values else []
        if not hits and not copied:
            return ()
        where = places(reading.lower)
        return [*_of_values(reading.text, where, codes, hits), *_of_copies(where, copied)]

    def _code(self, written: bytes) -> int:
        """The code of a word that was not seen yet."""
        return self._of(written).code

    def _of(self, written: bytes) -> Mark:
        """What is known of a word; remembered where some source holds it."""
        mark = self._marks.get(hash(written))
        if mark is None:
            mark = self._mark(normal(written))
            if mark.values or mark.documents:
                if len(self._marks) >= _MOST_REMEMBERED:
                    self._marks.clear()
                self._marks[hash(written)] = mark
        return mark

    def _mark(self, word: bytes) -> Mark:
        print_, share = self._seal.word(word)
        values = tuple(source for source in self._values if source.knows("words", print_))
        documents = tuple(source for source in self._documents if source.knows("words", print_))
        whole = self._seal.whole((print_,)) if values else 0
        alone = tuple(source for source in values if source.knows("wholes", whole))
        code = COMMON if self._vocabulary.is_common(word) else 0
        code |= EMPTY if self._vocabulary.is_empty(word) else 0
        if documents:
            code |= DOCUMENT
        if values:
            is_part = any(source.knows("parts", print_) for source in values)
            code |= (PART if is_part else 0) | (TELLING if telling(word) else 0) | (ALONE if alone else 0)
        return Mark(print_, share, code, values, documents, alone)

    def _pairs_in(self, words: Sequence[bytes], codes: bytes) -> Iterator[_Hit]:
        shown, pairs = codes.translate(_TO_A_VALUE), self._pairs
        at = shown.find(_TWO)
        while at >= 0:
            one, other = words[at], words[at + 1]
            # Asked in line: nearly every two common words are nobody's, and were met before.
            for source in pairs.get(hash((one, other)), _UNASKED) and self._pairing(one, other):
                yield _Hit(at, at + 1, source, whole=False)
            at = shown.find(_TWO, at + 1)
        at = shown.find(_TELLS)
        while at >= 0:
            if codes[at] & ALONE:
                yield from (_Hit(at, at, source, whole=True) for source in self._of(words[at]).alone)
            start, end = max(0, at - _FARTHEST), at + _FARTHEST + 1
            if shown.count(NOTHING, start, end) < min(end, len(shown)) - start - 1:
                yield from self._pairs_with(at, words, codes)
            at = shown.find(_TELLS, at + 1)

    def _pairs_with(self, at: int, words: Sequence[bytes], codes: bytes) -> Iterator[_Hit]:
        """Pairs of an uncommon word with others near it; of two uncommon ones the first has the other."""
        if not codes[at] & TELLING or codes[at] & COMMON:
            return
        for other in range(max(0, at - _FARTHEST), min(len(codes), at + _FARTHEST + 1)):
            if not codes[other] & TELLING or other == at or (other < at and not codes[other] & COMMON):
                continue
            first, last = (at, other) if at < other else (other, at)
            if last - first == 1 or _CONJUNCTIONS.isdisjoint(words[first + 1 : last]):
                for source in self._pairing(words[first], words[last]):
                    yield _Hit(first, last, source, whole=False)

    def _pairing(self, one: bytes, other: bytes) -> tuple[Source, ...]:
        key = hash((one, other))
        sources = self._pairs.get(key)
        if sources is None:
            if len(self._pairs) >= _MOST_REMEMBERED:
                self._pairs.clear()
            first, second = self._of(one), self._of(other)
            pair = self._seal.pair(first.print, second.print)
            both = (source for source in first.values if source in second.values)
            sources = self._pairs[key] = tuple(source for source in both if source.knows("pairs", pair))
        return sources

    def _wholes_in(self, words: Sequence[bytes], codes: bytes) -> Iterator[_Hit]:
        """Values of several words that stand side by side."""
        shown = codes.translate(_TO_A_WHOLE) if self._lengths else b""
        for start, end in stretches(shown, _TWO):
            marks = [self._of(word) for word in words[start:end]]
            for source, lengths in self._lengths.items():
                for length in lengths:
                    for at in range(len(marks) - length + 1):
                        within = marks[at : at + length]
                        prints = [mark.print for mark in within if source in mark.values]
                        if len(prints) == length and source.knows("wholes", self._seal.whole(prints)):
                            first = start + at
                            yield _Hit(first, first + length - 1, source, whole=True)

    def _copied(self, words: Sequence[bytes], codes: bytes) -> Iterator[_Hit]:
        for start, end in may_be_copied(codes):
            filled = [(at, self._of(words[at])) for at in range(start, end) if not codes[at] & EMPTY]
            for source in self._documents:
                yield from (_Hit(*copy, source, whole=True) for copy in copies_in(filled, source))


def _of_values(text: str, where: Sequence[Place], codes: bytes, hits: Iterable[_Hit]) -> Iterator[Span]:
    found: list[tuple[int, int, str]] = []
    for first, last, source, whole in hits:
        common = bool((codes[first] | codes[last]) & COMMON)
        parts = (
            [(where[first][0], where[last][1])]
            if whole
            else stands(text, where[first : last + 1], common=common)
        )
        found += ((start, end, source.facts.type) for start, end in parts)
    yield from _merged(found, "value", _VALUE_SCORE)


def _of_copies(where: Sequence[Place], hits: Iterable[_Hit]) -> Iterator[Span]:
    found = [(where[hit.first][0], where[hit.last][1], hit.source.facts.type) for hit in hits]
    yield from _merged(found, "document", _COPY_SCORE)


def _merged(found: list[tuple[int, int, str]], known: str, score: float) -> Iterator[Span]:
    """What overlaps and is of one type as one span."""
    for type_ in sorted({type_ for _, _, type_ in found}):
        start, end = -1, -1
        for begin, finish in sorted((begin, finish) for begin, finish, of in found if of == type_):
            if begin >= end:
                if end >= 0:
                    yield Span(start, end, type_, score, known)
                start, end = begin, finish
            end = max(end, finish)
        yield Span(start, end, type_, score, known)
