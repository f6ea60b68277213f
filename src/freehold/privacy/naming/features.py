"""What a token looks like to the model: itself, its neighbours, its casing, and whether people are called so.

The model knows these strings by heart: whoever changes one trains it again (`models/names/train.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_NONE: Final = "-"
_OFTEN: Final = 0.6


def features(
    words: Sequence[str], names: Mapping[str, str], stretches: Iterable[tuple[int, int]] | None = None
) -> list[list[list[str]]]:
    """For each word of each stretch the strings that the model weighs. `names` are of `read_gazetteer`.

    A stretch is where it begins and ends among `words`; without any, all of them are one.
    Of a neighbour the name's first letter is its side: `b` and `c` one and two before, `a` and `d` behind.
    """
    seen = _Seen(words, names)
    return [seen.features(start, end) for start, end in stretches or ((0, len(words)),)]


class _Seen:
    """What is seen of the words of a sequence, its ends included: two places more at either side."""

    __slots__ = ("casing", "known", "lows", "shapes", "small")

    def __init__(self, words: Sequence[str], names: Mapping[str, str]) -> None:
        lows = [word.lower() for word in words]
        shapes = [_shape(word) for word in words]
        self.casing = _casing(shapes)
        self.small = {low for low, shape in zip(lows, shapes, strict=True) if shape == "x"}
        self.lows = ["<<", "<", *lows, ">", ">>"]
        self.shapes = ["", "<", *shapes, ">"]
        self.known = ["", "<", *(names.get(low, _NONE) for low in lows), ">"]

    def features(self, start: int, end: int) -> list[list[str]]:
        """Those of the words from `start` to before `end`."""
        return [self._of(at) for at in range(start + 2, end + 2)]

    def _of(self, at: int) -> list[str]:
        low, shape, name, casing = self.lows, self.shapes, self.known, self.casing
        word, before, after = low[at], low[at - 1], low[at + 1]
        s0, s_, _s = shape[at], shape[at - 1], shape[at + 1]
        g0, g_, _g = name[at], name[at - 1], name[at + 1]
        return [
            "w" + word,
            "p" + word[:3],
            "s" + word[-3:],
            "t" + word[-2:],
            f"h{s0}{casing}{'=' if word in self.small else ''}",
            f"i{g0}{s0}{casing}",
            "b" + before,
            "a" + after,
            "c" + low[at - 2],
            "d" + low[at + 2],
            f"j{g_}|{g0}|{_g}",
            f"k{s_}|{s0}|{_s}|{casing}",
            f"l{before}|{s0}{g0}",
            f"m{after}|{s0}{g0}",
            f"q{g_}{s_}|{g0}{s0}",
            f"r{g0}{s0}|{_g}{_s}",
        ]


def _shape(word: str) -> str:
    """Of a word x, X, Xx, XX or xX; of a number 9 and its length; U an address of the net; a sign itself."""
    if word.isalpha():
        return _shape_of_letters(word)
    if len(word) > 1 and ("@" in word[1:] or "://" in word):
        return word[0] if word[0] == "@" else "U"
    if word[0].isdigit():
        return f"9{min(len(word), 6)}"
    if word[0] == "\n":
        return "n"
    if len(word) > 1 and word[0].isalpha():
        return "X'" if word[0].isupper() else "x'"
    return word[0]


def _shape_of_letters(word: str) -> str:
    if word.islower():
        return "x"
    if word.isupper():
        return "X" if len(word) == 1 else "XX"
    if word.istitle():
        return "Xx"
    return "xX" if word.isascii() or word[0] != word[0].lower() else "z"


def _casing(shapes: Sequence[str]) -> str:
    """How the text is written: l small throughout, u in capitals, t Like A Title, m mixed as usual."""
    small = shapes.count("x")
    title = shapes.count("Xx")
    upper = shapes.count("XX")
    total = small + title + upper
    if total == 0:
        return "m"
    if title + upper == 0:
        return "l"
    if upper > _OFTEN * total:
        return "u"
    return "t" if title > _OFTEN * total and total > 3 else "m"
