"""Pseudonyms back into values: in a whole text, or in one that comes in pieces, split anywhere.

Only what the book issued is restored, in any case of its letters and with or without its brackets, and only
as a whole word: a longer word that begins like a pseudonym is somebody else's. Does not know what a stream of
events is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from freehold.privacy.redaction.shapes import LONGEST

_WORD = re.compile(r"\w", re.UNICODE)


class Restorer:
    """Restores one text. `in_json`: the text is JSON, so a value is written as in a JSON string.

    `push` gives what is certain so far and holds back at most `LONGEST` characters and a bracket; `end` gives
    the rest.
    """

    __slots__ = ("_held", "_in_json", "_last", "_originals", "_pattern", "_starts")

    def __init__(self, originals: Mapping[str, str], *, in_json: bool = False) -> None:
        self._originals: dict[str, str] = {}
        for pseudonym, value in originals.items():
            for form in _forms(pseudonym):
                self._originals[form] = value
        self._in_json = in_json
        self._held = ""
        self._last = ""  # the character before what is held: whether a word has begun already
        forms = sorted(self._originals, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE) if forms else None
        self._starts = {form[:length] for form in forms for length in range(1, len(form) + 1)}

    def push(self, piece: str) -> str:
        """The next piece of the text; what can be told by now."""
        return self._restore(piece, last=False)

    def end(self) -> str:
        """No more pieces come; what was held back."""
        return self._restore("", last=True)

    def _restore(self, piece: str, *, last: bool) -> str:
        if self._pattern is None:
            return piece
        text = self._held + piece
        told: list[str] = []
        at = 0
        while at < len(text):
            match = self._pattern.search(text, at)
            undecided = len(text) if last else self._open_from(text, at)
            safe = undecided if match is None else min(match.start(), undecided)
            told.append(text[at:safe])
            self._remember(text[at:safe])
            at = safe
            if match is None or undecided <= match.start():
                break
            told.append(self._value(text, match))
            self._remember(match[0])
            at = match.end()
        self._held = text[at:]
        return "".join(told)

    def _open_from(self, text: str, at: int) -> int:
        """Where the text's end begins to look like a pseudonym that is not whole yet; else its length."""
        for start in range(max(at, len(text) - LONGEST - 1), len(text)):
            if text[start:].casefold() in self._starts:
                return start
        return len(text)

    def _value(self, text: str, match: re.Match[str]) -> str:
        before = text[match.start() - 1] if match.start() else self._last
        after = text[match.end()] if match.end() < len(text) else ""
        if _joined(before, match[0][0]) or _joined(match[0][-1], after):
            return match[0]
        value = self._originals[match[0].casefold()]
        return json.dumps(value, ensure_ascii=False)[1:-1] if self._in_json else value

    def _remember(self, told: str) -> None:
        if told:
            self._last = told[-1]


def restore(text: str, originals: Mapping[str, str], *, in_json: bool = False) -> str:
    """A whole text at once."""
    restorer = Restorer(originals, in_json=in_json)
    return restorer.push(text) + restorer.end()


def _forms(pseudonym: str) -> list[str]:
    """As it was issued, and without the brackets that a model may lose; folded."""
    folded = pseudonym.casefold()
    return [folded, folded[1:-1]] if folded[0] == "[" and folded[-1] == "]" else [folded]


def _joined(left: str, right: str) -> bool:
    """Whether two characters are inside one word."""
    return bool(left and right and _WORD.match(left) and _WORD.match(right))
