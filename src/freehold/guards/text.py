"""One spelling for many: text as rules compare it. Linear in its length, whatever it holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Normalisation sorts runs of combining marks, in time quadratic in their length: longer runs are cut into
# pieces, as the "Stream-Safe Text Format" of Unicode's Annex 15 does for the same reason.
_LONGEST_PIECE = 256
# A piece is cut before a character of ASCII, since none combines with what stands before it.
_PIECE = re.compile(rf"[\x00-\x7f]{{1,4096}}(?![^\x00-\x7f])|.[^\x00-\x7f]{{0,{_LONGEST_PIECE}}}", re.DOTALL)


def normalised(text: str) -> str:
    """`text` in Unicode's NFKC and folded case, without characters that are not seen (category Cf).

    `ＫＩＬＬ`, `Kill` and `ki\u00adll` (with a soft hyphen) become `kill`.
    """
    if text.isascii():
        return text.lower()
    return "".join(_normalised(found.group()) for found in _PIECE.finditer(text))


def _normalised(piece: str) -> str:
    if piece.isascii():
        return piece.lower()
    seen = "".join(char for char in piece if char.isascii() or unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())


class Words:
    r"""Takes text apart into words: letters, digits, the underscore, and the marks that belong to letters.

    Python's own `\w` leaves the marks out, and so cuts words of Hindi or Thai to pieces. Made once for many
    texts: it asks for the category of every character.
    """

    def __init__(self) -> None:
        marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in _mark_ranges())
        # What is asked first is cheap, and settles it for most words.
        self._word = re.compile(rf"\w+(?:(?![\x00-\x7f])[{marks}]+\w*)*")

    def each(self, text: str) -> Iterator[str]:
        """The words of normalised text, one by one."""
        return (match.group() for match in self._word.finditer(text))

    def of(self, phrase: str) -> list[str]:
        """The words of a phrase as somebody wrote it."""
        return list(self.each(normalised(phrase)))


def _mark_ranges() -> Iterator[tuple[int, int]]:
    start: int | None = None
    for code in range(0x300, 0x20000):
        is_mark = unicodedata.category(chr(code))[0] == "M"
        if is_mark and start is None:
            start = code
        elif not is_mark and start is not None:
            yield start, code - 1
            start = None
