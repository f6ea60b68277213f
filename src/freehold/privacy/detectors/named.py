"""Names of people, organisations and places, and postal addresses, by a small trained model.

The model is read with the first text that is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Final

from freehold.privacy.naming import Chances, NameModel, Token
from freehold.privacy.reading import Reading
from freehold.privacy.sorting import NAME_TYPES
from freehold.privacy.span import Span

# The chance from which a token counts, chosen on posts that no training saw (see models/names/README.md).
_LEAST: Final = {"PERSON": 0.2, "ADDRESS": 0.3, "ORGANIZATION": 0.5, "LOCATION": 0.5}
# A field of a form or a question of a few words says too little to believe in one faint word.
_LEAST_ALONE: Final = 0.55
_FEW: Final = 7  # words
# What may stand between two tokens of one name: "Theory_Versa", "J. Smith", "Jean-Luc", "12 Oak St, Leeds".
_WITHIN: Final = frozenset(" -._'\u2019")
_WITHIN_ADDRESS: Final = _WITHIN | frozenset(",\n#")
_FARTHEST: Final = 3  # characters
_LONGEST_IDENTIFIER: Final = 64
_HANDLE_BEFORE: Final = re.compile(r"@ ?\w*+$")
# The least sure finding still counts; a checked number is surer than the surest name.
_SCORES: Final = (0.5, 0.7)


class Detector:
    types = NAME_TYPES

    def __init__(self) -> None:
        self._model: NameModel | None = None
        self._lock = Lock()

    def find(self, reading: Reading) -> Iterable[Span]:
        # Where only numbers are written otherwise, the words have been read before.
        if reading.respelled or not reading.text:
            return ()
        if self._model is None:
            with self._lock:
                self._model = self._model or NameModel()
        return _joined([*_chosen(self._model.tokens(reading.text), reading.text)], reading.text)


def _chosen(found: Iterable[tuple[Token, Chances]], text: str) -> Iterator[Span]:
    for (start, end, word), chances in found:
        if word[0] == "\n":
            continue
        type_, chance = max(chances, key=_over)
        if chance >= _LEAST[type_] and (type_ == "ADDRESS" or not _in_identifier(text, start, end)):
            yield Span(start, end, type_, _score(chance))


def _score(chance: float) -> float:
    low, high = _SCORES
    return low + (high - low) * min(1.0, chance)


def _in_identifier(text: str, start: int, end: int) -> bool:
    """Whether a token is of `access_token`, `HS256` or such, and no @handle: code names nobody."""
    if text[start] != "_" and not _is_word(text[start - 1 : start]) and not _is_word(text[end : end + 1]):
        return False
    before = text[max(0, start - _LONGEST_IDENTIFIER) : start]
    return _HANDLE_BEFORE.search(before) is None


def _is_word(sign: str) -> bool:
    return sign == "_" or sign.isalnum()


def _over(chance: tuple[str, float]) -> float:
    """How far a chance is above what counts for its type."""
    return chance[1] / _LEAST[chance[0]]


def _joined(chosen: list[Span], text: str) -> Iterator[Span]:
    """Neighbours of one type as one span, signs at its end left out."""
    runs: list[list[Span]] = []
    for span in chosen:
        if runs and runs[-1][-1].type == span.type and _near(text[runs[-1][-1].end : span.start], span.type):
            runs[-1].append(span)
        else:
            runs.append([span])
    faint = _score(_LEAST_ALONE) if text.count(" ") < _FEW else 0.0
    for run in runs:
        start, end = run[0].start, run[-1].end
        while end > start and not _is_of_name(text[end - 1]):
            end -= 1
        while start < end and not _is_of_name(text[start]):
            start += 1
        said, score = text[start:end], max(span.score for span in run)
        if score < faint and len(said.split()) == 1:
            continue
        if any(sign.isalpha() or sign == "@" for sign in said):
            yield Span(start, end, run[0].type, score)


def _is_of_name(sign: str) -> bool:
    return sign.isalnum() or sign in "@_"


def _near(between: str, type_: str) -> bool:
    """Whether the two sides of `between` are one name."""
    within = _WITHIN_ADDRESS if type_ == "ADDRESS" else _WITHIN
    return len(between) <= _FARTHEST and within.issuperset(between)
