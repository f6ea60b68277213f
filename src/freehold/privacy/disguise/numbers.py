"""Numbers that are spelled out, or whose digits stand apart."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from itertools import accumulate
from typing import Final

from freehold.privacy.disguise.stretch import Piece, Stretch
from freehold.privacy.span import Span

# Zero to nine in each language.
_LANGUAGES: Final = (
    "zero one two three four five six seven eight nine",
    "oh one two three four fife six seven ate niner",
    "null eins zwei drei vier fünf sechs sieben acht neun",
    "null ein zwo drei vier fuenf sechs sieben acht neun",
    "zéro un deux trois quatre cinq six sept huit neuf",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "zero uno due tre quattro cinque sei sette otto nove",
    "nul een twee drie vier vijf zes zeven acht negen",
    "zero um dois três quatro cinco seis sete oito nove",
    "noll ett två tre fyra fem sex sju åtta nio",
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "ноль один два три четыре пять шесть семь восемь девять",
)
_DIGITS: Final = {word: str(digit) for line in _LANGUAGES for digit, word in enumerate(line.split())} | {
    "o": "0"
}
_TEENS: Final = {
    word: str(10 + number)
    for number, word in enumerate(
        [
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS: Final = {
    word: str(2 + number)
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    )
}
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3, "doppel": 2, "twice": 2}
_NUMBERS: Final = {**_DIGITS, **_TEENS, **_TENS, **dict.fromkeys(_TIMES, "")}
_WORD: Final = re.compile(r"[^\W_]+")
_WORD_ENDS: Final = str.maketrans(dict.fromkeys("-,.;:/_()\"'", " "))
_CHINESE: Final = re.compile("[零〇一二三四五六七八九]{7,}")
_CHINESE_DIGITS: Final = {sign: str(digit) for digit, sign in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_ONES: Final = "one|two|three|four|five|six|seven|eight|nine"
_SPOKEN: Final = re.compile(
    rf"(?<![^\W\d_])(?:(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<ones>{_ONES})(?![^\W\d_]))?"
    rf"|(?P<times>{'|'.join(_TIMES)}) (?P<what>{'|'.join(_DIGITS)}|[0-9A-Za-z])"
    rf"|(?P<word>{'|'.join(sorted({**_DIGITS, **_TEENS}, key=len, reverse=True))}))(?![^\W\d_])",
    re.IGNORECASE,
)
# Fewer number words than this make no identifier.
_FEWEST_WORDS: Final = 5
_FEWEST_MIXED: Final = 7  # words and digits that stand by themselves
# Whatever is no letter, no digit, and says no amount, share, question or address.
_APART: Final = r"(?:[^\w$€£¥%@?]|_)"
_CHAIN: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?:\+{_APART}{{0,5}}+)?[0-9OoIl](?:{_APART}{{0,5}}+[0-9OoIl]){{7,40}}(?![A-Za-z0-9])"
)
_DIGIT: Final = re.compile(r"[0-9OoIl]|^\+")
_ALIKE_SIGNS: Final = "OoIl"
_ALIKE: Final = str.maketrans(_ALIKE_SIGNS, "0011")
_AMONG_DIGITS: Final = re.compile(r"[0-9][\W_]?[OoIl]|[OoIl][\W_]?[0-9]")
_TEN: Final = "0123456789"
# Of what is read as digits so many are.
_LEAST_SHARE: Final = 0.4
_NOT_APART: Final = re.compile(
    r"(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.]|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)[0-9]{2}"
    r"|[0-9]{1,2}:[0-9]{2}(?![0-9])|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])"
)
_FRACTION: Final = re.compile(r"[0-9]+\.[0-9]+")
_OF_ROWS: Final = frozenset(",;\t")
_WITHIN_FIELDS: Final = frozenset(".-:/")
# Fewer are no identifier, more are a table's row.
_FEWEST_DIGITS, _MOST_DIGITS = 7, 24


def unspelled(text: Stretch, lower: str) -> Stretch | None:
    """With number words as digits, `None` where there are too few to make a number."""
    words = lower.translate(_WORD_ENDS).split() if lower.isascii() else _WORD.findall(lower)
    spelled = sum(map(_NUMBERS.__contains__, words))
    if spelled >= _FEWEST_WORDS or (spelled and spelled + sum(map(str.isdigit, words)) >= _FEWEST_MIXED):
        return text.rewritten(_SPOKEN, _number)
    if not lower.isascii() and _CHINESE.search(text.text) is not None:
        return text.rewritten(_CHINESE, _chinese)
    return None


def _number(match: re.Match[str]) -> str | None:
    if match["tens"] is not None:
        ones = match["ones"]
        return _TENS[match["tens"].lower()] + ("0" if ones is None else _DIGITS[ones.lower()])
    if match["times"] is not None:
        what = match["what"].lower()
        return _DIGITS.get(what, what) * _TIMES[match["times"].lower()]
    if match["word"] == "O":
        return None  # a letter among letters, as in an account number that is spelled out
    word = match["word"].lower()
    return _DIGITS.get(word) or _TEENS[word]


def _chinese(match: re.Match[str]) -> list[Piece]:
    return [(_CHINESE_DIGITS[s], match.start() + at, match.start() + at + 1) for at, s in enumerate(match[0])]


def _is_data(run: str) -> bool:
    """A fraction, or fields of a row that are no digits only: one number is set apart in one manner."""
    between = set(run).difference(_TEN, _ALIKE_SIGNS)
    return _FRACTION.fullmatch(run) is not None or (
        not between.isdisjoint(_OF_ROWS) and not between.isdisjoint(_WITHIN_FIELDS)
    )


def may_join(text: str) -> bool:
    """Whether signs that look like digits stand among some."""
    return _AMONG_DIGITS.search(text) is not None


def joined(text: Stretch, found: Collection[Span]) -> Stretch | None:
    """With digits that stand apart moved together, `None` where there are none beyond what was `found`."""
    covered = sorted((span.start, span.end) for span in found)
    begins = [start for start, _ in covered]
    farthest = [*accumulate((end for _, end in covered), max)]

    def together(match: re.Match[str]) -> list[Piece] | None:
        run = match[0]
        digits = sum(map(run.count, _TEN))
        signs = digits + sum(map(run.count, _ALIKE_SIGNS))
        if not _FEWEST_DIGITS <= signs <= _MOST_DIGITS or digits == len(run) or digits < _LEAST_SHARE * signs:
            return None
        if _NOT_APART.match(run) is not None or _is_data(run):
            return None
        start, end = text.origin(match.start(), match.end())
        before = bisect_right(begins, start)
        if before and end <= farthest[before - 1]:
            return None
        return [
            (sign[0].translate(_ALIKE), match.start() + sign.start(), match.start() + sign.end())
            for sign in _DIGIT.finditer(run)
        ]

    return text.rewritten(_CHAIN, together)
