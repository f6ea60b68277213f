"""A text cut into the words that fingerprints are made of, whatever case, blanks and punctuation it has.

Letters of ASCII and digits make words; so do letters of other alphabets, without their accents. A sign of
Chinese or Japanese, which sets no blanks, is a word by itself. Knows no fingerprint.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from pathlib import Path
from typing import Final

_SINGLE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD: Final = re.compile(
    rf"[{_SINGLE}]|(?:[^\W_{_SINGLE}][\u0300-\u036f]*)+"  # an accent may be a sign of its own
)
# Python's `bytes.translate` and `split` cut a KB in 5 µs; an expression takes four times as long.
_ASCII: Final = bytes(sign if sign > 127 or chr(sign).isalnum() else ord(" ") for sign in range(256))
_APOSTROPHES: Final = re.compile("(?<=[^\\W\\d_])['\u2019](?=[^\\W\\d_])")
_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"}
# Two spellings of each of that many letters are more words than anybody's name has.
_MOST_UMLAUTS: Final = 3
_EMPTY: Final = 120
_SHORTEST_NUMBER: Final = 4


def cut(lower: str) -> list[bytes]:
    """The words of a text in small letters, as they stand there; see `normal`."""
    words = lower.encode("utf-8", "replace").translate(_ASCII).split()
    if lower.isascii():
        return words
    return [part for word in words for part in ((word,) if word.isascii() else _parts(word))]


def _parts(word: bytes) -> list[bytes]:
    """What lies between blanks and ASCII's punctuation, cut at the punctuation of all alphabets."""
    return [part.encode() for part in _WORD.findall(word.decode())]


def places(text: str) -> list[tuple[int, int]]:
    """Where each word of `cut` begins and ends, in code points."""
    return [match.span() for match in _WORD.finditer(text)]


def normal(word: bytes) -> bytes:
    """A word without its accents, the same for every way to write it."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFKD", word.decode().casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return bare.casefold().encode() or word


def words_of(text: str) -> list[bytes]:
    """The words of a text, in small letters and without accents."""
    return [normal(word) for word in cut(text.lower())]


def spellings(text: str) -> list[list[bytes]]:
    """The words of a text, in each way that they are written: O'Brien and OBrien, Müller and Mueller."""
    if text.isascii() and "'" not in text:
        return [cut(text.lower())]
    texts = [text]
    if _APOSTROPHES.search(text) is not None:
        texts.append(_APOSTROPHES.sub("", text))
    found: list[list[bytes]] = []
    for written in texts:
        for spelled in _umlauts_spelled(written.lower()):
            words = words_of(spelled)
            if words not in found:
                found.append(words)
    return found


def _umlauts_spelled(lower: str) -> list[str]:
    if lower.isascii():
        return [lower]
    lower = unicodedata.normalize("NFC", lower)
    marked = [at for at, sign in enumerate(lower) if sign in _UMLAUTS]
    if not 0 < len(marked) <= _MOST_UMLAUTS:
        return [lower]
    made = []
    for choice in product((False, True), repeat=len(marked)):
        signs = list(lower)
        for at, spelled in zip(marked, choice, strict=True):
            signs[at] = _UMLAUTS[signs[at]] if spelled else signs[at]
        made.append("".join(signs))
    return made


class Vocabulary:
    """Words of everybody: the commonest of prompts, posts and code. See `scripts/common_words.py`."""

    __slots__ = ("_common", "_empty")

    def __init__(self) -> None:
        """Reads the list that ships with the package, the commonest word first."""
        ranked = Path(__file__).with_name("common.txt").read_bytes().split()
        self._common = frozenset(ranked)
        self._empty = frozenset(ranked[:_EMPTY])

    def is_common(self, word: bytes) -> bool:
        """Whether a word by itself tells nothing: it is everybody's, one sign, or a short number."""
        return word in self._common or _is_short(word)

    def is_empty(self, word: bytes) -> bool:
        """Whether it tells nothing even beside others."""
        return word in self._empty or _is_short(word)


def _is_short(word: bytes) -> bool:
    return len(word) < 2 or (word.isdigit() and len(word) < _SHORTEST_NUMBER)
