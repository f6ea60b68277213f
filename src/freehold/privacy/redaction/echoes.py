"""Names that were found once, wherever they stand again as they were written. Does not know who found them.

A form is the same in any place; a name is known by what stands around it: said again without that, it would
leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.sorting import NAME_TYPES
from freehold.privacy.span import Span

_WORD: Final = re.compile(r"\w+")
# A name of more words is looked for by its first and last ones alone.
_MOST_WORDS: Final = 4
_FEWEST_SIGNS: Final = 3
# A surname that stands alone.
_FEWEST_LETTERS: Final = 4
_SCORE: Final = 0.5


class Echoes:
    """Hears names, finds them again. Takes time linear in what it hears and in what it reads."""

    __slots__ = ("_types",)

    def __init__(self) -> None:
        self._types: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._types)

    def hear(self, value: str, type_: str) -> None:
        """`value` is a name, if `type_` is one of those that a model finds; else it is left out."""
        if type_ not in NAME_TYPES:
            return
        words = list(_WORD.finditer(value))
        if not words:
            return
        if len(words) <= _MOST_WORDS:
            whole = value[words[0].start() : words[-1].end()]
            if len(whole) >= _FEWEST_SIGNS:
                self._types[whole] = type_
        if type_ == "PERSON" and len(words) > 1:
            for word in (words[0][0], words[-1][0]):
                if len(word) >= _FEWEST_LETTERS and word.istitle():
                    self._types.setdefault(word, type_)

    def find(self, text: str) -> list[Span]:
        """Where they stand as whole words, the longest where several do."""
        return list(self._found(text))

    def _found(self, text: str) -> Iterator[Span]:
        words = list(_WORD.finditer(text))
        at = 0
        while at < len(words):
            start = words[at].start()
            for length in range(min(_MOST_WORDS, len(words) - at), 0, -1):
                end = words[at + length - 1].end()
                type_ = self._types.get(text[start:end])
                if type_ is not None:
                    yield Span(start, end, type_, _SCORE)
                    at += length - 1
                    break
            at += 1
