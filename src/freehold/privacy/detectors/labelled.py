"""Numbers that only their name gives away: account, passport, licence, policy, patient, plate.

A value counts where a name of the table `_labels` stands before it, with nothing but fillers between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from freehold.privacy.detectors._labels import FILLERS, LINKS, ROWS, Row
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_WORD: Final = re.compile(r"[^\W\d_]+[0-9]?|[#:=]")
_SIGNS: Final = frozenset("#:=")
_DIGITS: Final = "0123456789"
_FEWEST_DIGITS: Final = 3
_LOOK_BACK: Final = 56
_MOST_FILLERS: Final = 8
_LONGEST_NAME: Final = 5
# A sentence ends here: what was named before it is not what follows.
_STOP: Final = re.compile(r"(?<!\bno)(?<!\bnr)(?<!\bnum)[.!?;][\s\"')]|\n\s*\n")


class Detector:
    types = frozenset(row.type for row in ROWS)

    def __init__(self) -> None:
        names: dict[tuple[str, ...], list[Row]] = {}
        for row in ROWS:
            for name in row.names.split("|"):
                names.setdefault(tuple(name.split()), []).append(row)
        self._names = {name: tuple(rows) for name, rows in names.items()}
        self._last_words = frozenset(name[-1] for name in names)
        self._before = self._last_words | FILLERS

    def find(self, reading: Reading) -> Iterator[Span]:
        past = 0
        for start in reading.starts:
            if start < past or _goes_on(reading.text, start):
                continue
            if not self._may_be_named(reading.lower, start):
                continue
            before = reading.before(start, _LOOK_BACK)
            found = self._named(reading.text, start, _WORD.findall(_STOP.split(before)[-1]))
            if found is not None:
                yield found
                past = found.end

    def _may_be_named(self, lower: str, start: int) -> bool:
        """Whether the last word before it is a name's last, or a filler: most numbers have others."""
        end, far = start, max(0, start - _LOOK_BACK)
        while end > far and not lower[end - 1].isalnum():
            end -= 1
        begin = end
        while begin > far and lower[begin - 1].isalnum():
            begin -= 1
        return lower[begin:end].lstrip(_DIGITS) in self._before

    def _named(self, text: str, start: int, words: list[str]) -> Span | None:
        linked = False
        for back in range(min(len(words), _MOST_FILLERS + 1)):
            end = len(words) - back
            for length in range(min(_LONGEST_NAME, end), 0, -1):
                for row in self._names.get(tuple(words[end - length : end]), ()):
                    if row.strong or linked:
                        value = row.value.match(text, start)
                        if value is not None and _enough(row.type, value[0]):
                            return Span(start, value.end(), row.type, 0.75)
            word = words[end - 1]
            linked = linked or word in _SIGNS or word in LINKS
            if word not in FILLERS and word not in _SIGNS:
                return None
        return None


def _goes_on(text: str, start: int) -> bool:
    """Whether a number begins before: then its name, too, stands before that."""
    return start > 1 and text[start - 1] in " -./" and text[start - 2].isdigit()


def _enough(type_: str, value: str) -> bool:
    digits = sum(sign.isdigit() for sign in value)
    if type_ == "LICENSE_PLATE":
        return digits > 0 and value == value.upper() and any(sign.isalpha() for sign in value)
    return digits >= _FEWEST_DIGITS
