"""Signs that only look different: full-width and circled digits, letters of other alphabets, invisible ones.

By Unicode's own data (NFKC, digit values, general category Cf) and a table of look-alikes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from freehold.privacy.disguise.stretch import Stretch

# Invisible, or decorating: zero-width, soft hyphen, direction marks, variation selectors, tags.
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e007f\u20d0-\u20ff\u0335-\u0338"
)
_BLANKS: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_PUNCTUATION: Final = "\u2010-\u2015\u2018-\u201f\u2024\u2212\u00b7\u30fb\u2215\u2044\u2236\ufe52\ufe63"
# Digits of other scripts and forms; letters in mathematical, circled or full-width dress.
_DRESSED: Final = (
    "\u00b2\u00b3\u00b9\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef"
    "\u0b66-\u0b6f\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29"
    "\u1040-\u1049\u17e0-\u17e9\u1810-\u1819\u2070-\u209c\u2100-\u214f\u2460-\u24ff\u2776-\u2793\uff01-\uff5e"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f16f\U0001fbf0-\U0001fbf9"
)
_LOOKS: Final = {
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "G": "Ԍ", "H": "НΗ", "I": "ІΙӀ", "J": "ЈͿ", "K": "КΚ",
    "M": "МΜ", "N": "Ν", "O": "ОΟՕ", "P": "РΡ", "S": "ЅՏ", "T": "ТΤ", "V": "Ѵ", "W": "Ԝ", "X": "ХΧ",
    "Y": "ҮΥУ", "Z": "Ζ", "a": "аαɑ", "b": "ьЬ", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡ", "h": "һհ",
    "i": "іιı", "j": "јϳ", "k": "кκ", "l": "ӏ", "m": "м", "n": "ո", "o": "оοօ", "p": "рρ", "q": "ԛ",
    "r": "г", "s": "ѕ", "t": "тτ", "u": "υս", "v": "ѵν", "w": "ԝ", "x": "хχ", "y": "уү", "z": "ᴢ",
    "3": "ЗзӠ", "6": "б", "4": "Ч",
}  # fmt: skip
_ALIKE_LETTERS: Final = {look: letter for letter, looks in _LOOKS.items() for look in looks}
_LETTERS: Final = "".join(_ALIKE_LETTERS)
# A letter of another alphabet is one of that alphabet's words, unless it stands right beside one of ours.
_SUSPECT: Final = re.compile(
    rf"[{_INVISIBLE}{_BLANKS}{_PUNCTUATION}{_DRESSED}]"
    rf"|(?<=[A-Za-z0-9@])[{_LETTERS}]+|(?<![{_LETTERS}])[{_LETTERS}]{{1,24}}+(?=[A-Za-z0-9@])"
    rf"|(?<=[0-9] )[{_LETTERS}]{{1,6}}(?= [0-9OIl])"
)
_HIDDEN: Final = re.compile(f"[{_INVISIBLE}]")
_SIGNS: Final = 8192  # as many as there are, so that each is looked up once
_QUOTES: Final = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201b": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u00b7": ".",
    "\u2024": ".",
    "\u30fb": ".",
    "\u2215": "/",
    "\u2044": "/",
    "\u2236": ":",
}


def folded(text: str) -> Stretch:
    """The text in plain signs, all of it news. One that holds none of the others comes back as it is."""
    plain = Stretch(text)
    if text.isascii():
        return plain
    view = plain.rewritten(_SUSPECT, _fold)
    return plain if view is None else Stretch(view.text, view.starts, view.ends)


def _fold(match: re.Match[str]) -> str | list[tuple[str, int, int]]:
    run = match[0]
    if len(run) == 1:
        return _plain(run)
    return [(_plain(sign), match.start() + at, match.start() + at + 1) for at, sign in enumerate(run)]


@lru_cache(maxsize=_SIGNS)
def _plain(sign: str) -> str:
    alike = _ALIKE_LETTERS.get(sign) or _QUOTES.get(sign)
    if alike is not None:
        return alike
    if _HIDDEN.match(sign) is not None:
        return ""
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return " "
    if kind == "Pd" or sign == "\u2212":
        return "-"
    return unicodedata.normalize("NFKC", sign)
