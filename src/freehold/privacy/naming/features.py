"""What a token looks like to the model: itself, its neighbours, its casing, and whether people are called so.

The model knows these strings by heart: whoever changes one trains it again (`models/names/train.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_NONE: Final = "-"
_OFTEN: Final = 0.6


def features(words: Sequence[str], names: Mapping[str, str]) -> list[list[str]]:
    """For each word of a sequence the strings that the model weighs. `names` is as `read_gazetteer` gives it.

    Of a neighbour the name's first letter is its side: `b` and `c` one and two before, `a` and `d` behind.
    """
    lows = [word.lower() for word in words]
    shapes = [_shape(word) for word in words]
    known = [names.get(low, _NONE) for low in lows]
    casing = _casing(shapes)
    small = {low for low, shape in zip(lows, shapes, strict=True) if shape == "x"}
    low = ["<<", "<", *lows, ">", ">>"]
    shape = ["<", *shapes, ">"]
    name = ["<", *known, ">"]
    found = []
    for at, word in enumerate(lows):
        s0, g0, before, after = shapes[at], known[at], low[at + 1], low[at + 3]
        s_, _s, g_, _g = shape[at], shape[at + 2], name[at], name[at + 2]
        found.append(
            [
                "w" + word,
                "p" + word[:3],
                "s" + word[-3:],
                "t" + word[-2:],
                f"h{s0}{casing}{'=' if word in small else ''}",
                "g" + g0,
                f"i{g0}{s0}{casing}",
                "b" + before,
                "a" + after,
                "c" + low[at],
                "d" + low[at + 4],
                f"j{g_}|{g0}|{_g}",
                f"k{s_}|{s0}|{_s}|{casing}",
                f"l{before}|{s0}{g0}",
                f"m{after}|{s0}{g0}",
                f"n{s_}{g_}",
                f"o{_s}{_g}",
                f"q{g_}{s_}|{g0}{s0}",
                f"r{g0}{s0}|{_g}{_s}",
            ]
        )
    return found


def _shape(word: str) -> str:
    """Of a word x, X, Xx, XX or xX; of a number 9 and its length; U a web address; of a sign itself."""
    if word.isalpha():
        if word.islower():
            return "x"
        if word.isupper():
            return "X" if len(word) == 1 else "XX"
        if word.istitle():
            return "Xx"
        return "xX" if word.isascii() or word[0] != word[0].lower() else "z"
    if word[0].isdigit():
        return f"9{min(len(word), 6)}"
    if word[0] == "\n":
        return "n"
    if len(word) > 1 and word[0].isalpha():
        return "U" if "://" in word else "X'" if word[0].isupper() else "x'"
    return word[0]


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
