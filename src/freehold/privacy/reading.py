"""A text as detectors read it: what several of them need is found once.

A reading lives for one scan. Does not know any detector, nor where the text came from.
"""

from __future__ import annotations

import re
import string
from typing import Final

_DIGIT: Final = re.compile("[0-9]")
_SEVEN_DIGITS: Final = re.compile("(?:[^0-9]*+[0-9]){7}")
_DIGITS: Final = re.compile("[0-9]+")
# Letters that a number begins with: AB123456C, AB 12 34 56 C, X-1234567-L.
_LETTERS: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,10}[.\-/_]?|[A-Za-z]{1,2} |[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} )$"
)
_LONGEST_BEGINNING: Final = 12
_SHAPE: Final = str.maketrans(
    {chr(c): "9" for c in range(ord("0"), ord("9") + 1)}
    | {chr(c): "A" for c in range(ord("A"), ord("Z") + 1)}
    | {chr(c): "A" for c in range(ord("a"), ord("z") + 1)}
    | dict.fromkeys("\u00a0\u2009\u202f", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
LONGEST_SHAPE: Final = 36
# No identifier that is known by its form has fewer.
_FEWEST_DIGITS: Final = 4

_LETTER: Final = frozenset(string.ascii_letters)
_AFTER_LETTERS: Final = frozenset(" .-/_")

Shape = tuple[int, str]


class Reading:
    """A text and what can be seen in it at a glance.

    `disguised` where a disguise was taken off first; `respelled` where that changed numbers alone.
    `lower` is the text in small letters, position for position; `longest` the length of its longest run
    without a blank.
    """

    __slots__ = (
        "_number",
        "_shapes",
        "_starts",
        "disguised",
        "has_digit",
        "longest",
        "lower",
        "respelled",
        "text",
    )

    def __init__(self, text: str, *, disguised: bool = False, respelled: bool = False) -> None:
        self.text = text
        self.disguised = disguised
        self.respelled = respelled
        self.has_digit = _DIGIT.search(text) is not None
        self.longest = max(map(len, text.split()), default=0)
        lower = text.lower()
        if len(lower) != len(text):
            lower = "".join(small if len(small := char.lower()) == 1 else char for char in text)
        self.lower = lower
        self._number: bool | None = None
        self._starts: tuple[int, ...] | None = None
        self._shapes: tuple[Shape, ...] | None = None

    @property
    def starts(self) -> tuple[int, ...]:
        """Where a token begins that has a digit among its first characters, from left to right."""
        if self._starts is None:
            self._starts = self._find_starts() if self.has_digit else ()
        return self._starts

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Of the starts with enough digits behind them: the place, and what follows with 9 and A for all."""
        if self._shapes is None:
            starts = self.starts
            seen = self.text.translate(_SHAPE) if starts else ""
            shapes = [(at, seen[at : at + LONGEST_SHAPE]) for at in starts]
            self._shapes = tuple((at, shape) for at, shape in shapes if shape.count("9") >= _FEWEST_DIGITS)
        return self._shapes

    @property
    def has_number(self) -> bool:
        """Whether there are digits enough for a number that is nobody else's."""
        if self._number is None:
            self._number = self.has_digit and _SEVEN_DIGITS.match(self.text) is not None
        return self._number

    def before(self, start: int, characters: int = 48) -> str:
        """What stands before a place, in small letters."""
        return self.lower[max(0, start - characters) : start]

    def around(self, start: int, end: int, before: int = 64, after: int = 32) -> str:
        """What stands around a place, in small letters, the place itself left out."""
        lower = self.lower
        return f"{lower[max(0, start - before) : start]}\n{lower[end : end + after]}"

    def _find_starts(self) -> tuple[int, ...]:
        text, starts, last = self.text, [], -1
        for match in _DIGITS.finditer(text):
            at = match.start()
            before = text[at - 1 : at]
            # What begins with letters has one right before its digits, or one sign further on.
            if before in _LETTER or (before in _AFTER_LETTERS and text[at - 2 : at - 1].isalpha()):
                letters = _LETTERS.search(text, max(0, at - _LONGEST_BEGINNING), at)
                if letters is not None and letters.start() > last:
                    last = letters.start()
                    starts.append(last)
            if not (before.isascii() and before.isalpha()):
                last = at
                starts.append(at)
        return tuple(starts)
