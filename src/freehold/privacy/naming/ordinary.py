"""Words that were never seen as part of a name: where nothing else stands, no name does. Knows no model.

Their list is made with the model (`models/names/ordinary.py`).
"""

from __future__ import annotations

import gzip
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("ordinary.txt.gz")
# So many words at either side of one that may be of a name are looked at with it.
REACH: Final = 3
_AT: Final = "@"
_COMMON_FIRST: Final = frozenset({"F1", "F2"})


def read_ordinary(path: Path = FILE) -> frozenset[str]:
    """The words, each as it is written: `How` may be one where `how` is none. Parted by blanks."""
    return frozenset(gzip.decompress(path.read_bytes()).decode().split(" "))


def suspicious(
    words: Sequence[str], ordinary: Container[str], names: Mapping[str, str]
) -> list[tuple[int, int]]:
    """The stretches of `words` that may hold a name: where each begins and where it ends, apart, in order.

    A number or a sign alone is of no name; beside a word that is, it lies in the word's stretch. Who writes
    capitals writes names with them: there a word in small letters has to be one of `names`. A word in small
    letters with nothing beside it has to be a common first name.
    """
    if len(words) == 1 and words[0].islower() and names.get(words[0], "")[:2] not in _COMMON_FIRST:
        return []
    found: list[tuple[int, int]] = []
    capitals = any(map(_has_capital, words))
    for at, word in enumerate(words):
        if word not in ordinary and _may_be(word) and not (capitals and word.islower() and word not in names):
            start, end = max(0, at - REACH), min(len(words), at + REACH + 1)
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found


def _has_capital(word: str) -> bool:
    return len(word) > 1 and word.istitle()


def _may_be(word: str) -> bool:
    """Whether it is no number and no sign; a letter alone is an initial of what stands beside it."""
    return word[0] == _AT or (len(word) > 1 and word[0].isalpha() and "://" not in word)
