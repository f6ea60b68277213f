"""The trained model: a linear-chain CRF that gives each token its chance to be of a name. Knows no spans.

Lafferty, McCallum and Pereira, "Conditional Random Fields" (ICML 2001), by CRFsuite.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Final

from freehold.privacy.naming.code import silent_code
from freehold.privacy.naming.features import features
from freehold.privacy.naming.gazetteer import read_gazetteer
from freehold.privacy.naming.ordinary import read_ordinary, suspicious
from freehold.privacy.naming.tokens import Token, sequences, tokens

if TYPE_CHECKING:
    from pycrfsuite import Tagger

FILE: Final = Path(__file__).with_name("names.crfsuite.gz")
_TYPES: Final = {"P": "PERSON", "A": "ADDRESS", "G": "ORGANIZATION", "L": "LOCATION"}
_NOTHING: Final = "O"
# What is surer than that to be of no name is not looked at again.
_SURELY_NOTHING: Final = 0.97

_NOWHERE: Final = (sys.maxsize, sys.maxsize)

Chances = tuple[tuple[str, float], ...]


class NameModel:
    """Reads the model and the lists when it is made. Any thread may ask it, each with its own tagger.

    Where no word is `ordinary` every one is looked at.
    """

    def __init__(self, path: Path = FILE, ordinary: frozenset[str] | None = None) -> None:
        self._names = read_gazetteer()
        self._ordinary = read_ordinary() if ordinary is None else ordinary
        # Taggers read from these bytes as long as they live.
        self._bytes = gzip.decompress(path.read_bytes())
        self._own = local()

    def tokens(self, text: str) -> Iterator[tuple[Token, Chances]]:
        """The tokens that may be of a name, in order, each with its chances by type."""
        tagger = self._tagger()
        for run in sequences(_outside(tokens(text), silent_code(text))):
            words = [word for _, _, word in run]
            stretches = [(0, len(words))]
            if self._ordinary:
                stretches = suspicious(words, self._ordinary, self._names)
            if stretches:
                seen = features(words, self._names, stretches)
                for (start, end), items in zip(stretches, seen, strict=True):
                    yield from _chances(tagger, items, run[start:end])

    def _tagger(self) -> Tagger:
        tagger: Tagger | None = getattr(self._own, "tagger", None)
        if tagger is None:
            from pycrfsuite import Tagger  # noqa: PLC0415 - loads only where names are looked for

            tagger = self._own.tagger = Tagger()
            tagger.open_inmemory(self._bytes)
        return tagger


def _outside(found: list[Token], stretches: list[tuple[int, int]]) -> list[Token]:
    """The tokens that begin in none of the stretches; both from left to right."""
    if not stretches:
        return found
    kept, rest = [], iter(stretches)
    start, end = next(rest)
    for token in found:
        while token[0] >= end:
            start, end = next(rest, _NOWHERE)
        if token[0] < start:
            kept.append(token)
    return kept


def _chances(tagger: Tagger, items: list[list[str]], run: list[Token]) -> Iterator[tuple[Token, Chances]]:
    tagger.set(items)
    marginal = tagger.marginal
    for at, token in enumerate(run):
        if marginal(_NOTHING, at) <= _SURELY_NOTHING:
            yield token, tuple((type_, marginal(letter, at)) for letter, type_ in _TYPES.items())
