"""The trained model: a linear-chain CRF that gives each token its chance to be of a name. Knows no spans.

Lafferty, McCallum and Pereira, "Conditional Random Fields" (ICML 2001), by CRFsuite.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Final

from freehold.privacy.naming.features import features
from freehold.privacy.naming.gazetteer import read_gazetteer
from freehold.privacy.naming.tokens import Token, sequences, tokens

if TYPE_CHECKING:
    from pycrfsuite import Tagger

FILE: Final = Path(__file__).with_name("names.crfsuite.gz")
_TYPES: Final = {"P": "PERSON", "A": "ADDRESS", "G": "ORGANIZATION", "L": "LOCATION"}
_NOTHING: Final = "O"
# What is surer than that to be of no name is not looked at again.
_SURELY_NOTHING: Final = 0.97

Chances = tuple[tuple[str, float], ...]


class NameModel:
    """Reads the model and the lists when it is made. Any thread may ask it, each with its own tagger."""

    def __init__(self, path: Path = FILE) -> None:
        self._names = read_gazetteer()
        # Taggers read from these bytes as long as they live.
        self._bytes = gzip.decompress(path.read_bytes())
        self._own = local()

    def tokens(self, text: str) -> Iterator[tuple[Token, Chances]]:
        """Each token with its chances by type; without any where it is surely of no name."""
        tagger = self._tagger()
        for run in sequences(tokens(text)):
            tagger.set(features([word for _, _, word in run], self._names))
            marginal = tagger.marginal
            for at, token in enumerate(run):
                if marginal(_NOTHING, at) > _SURELY_NOTHING:
                    yield token, ()
                else:
                    yield token, tuple((type_, marginal(letter, at)) for letter, type_ in _TYPES.items())

    def _tagger(self) -> Tagger:
        tagger: Tagger | None = getattr(self._own, "tagger", None)
        if tagger is None:
            from pycrfsuite import Tagger  # noqa: PLC0415 - loads only where names are looked for

            tagger = self._own.tagger = Tagger()
            tagger.open_inmemory(self._bytes)
        return tagger
