"""Values of a list, as fingerprints: of every two words of one, or of the whole where two say too little.

"Maria Okonkwo-Lindt" is known by Maria and Okonkwo, by Okonkwo and Lindt, by Maria and Lindt, in any order.
A value of one telling word, such as a customer's number, is known whole. One that is a common word, or has
fewer than `SHORTEST_ALONE` letters and digits, is left out, for it would be found everywhere.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Final

from freehold.privacy.learned.fingerprint import Seal
from freehold.privacy.learned.words import Vocabulary, spellings

# Of a longer value, and of an address, three neighbours are known: two would be a town and its county.
_MOST_FOR_PAIRS: Final = 4
_MOST_FOR_PAIRS_OF_NUMBERED: Final = 2
RUN_WORDS: Final = 3
LONGEST_WHOLE: Final = 8
_SHORTEST_NUMBER: Final = 5
SHORTEST_ALONE: Final = 4  # bytes: letters and digits, or two signs of Chinese
_SHORTEST_JOINED: Final = 6
# What names of firms and people have in common; two of these, or one and a name, are no pair.
FILLING: Final = frozenset(
    b"mr mrs ms miss dr prof sir herr frau madame monsieur jr sr von van der den de del della di da dos du la"
    b" le el al bin ibn the of and und et y e gmbh ag kg ohg se inc incorporated llc llp ltd limited plc corp"
    b" corporation co company group holding holdings sa sas sarl srl spa bv nv oy ab as aps pty kk".split()
)


def telling(word: bytes) -> bool:
    """Whether a word may be one of the two by which a value is known."""
    if any(sign in b"0123456789" for sign in word):
        return len(word) >= _SHORTEST_NUMBER
    return len(word) >= 2 and word not in FILLING


def _why_left_out(words: list[bytes]) -> str:
    if len(b"".join(words)) < SHORTEST_ALONE:
        return "short"
    return "long" if len(words) > LONGEST_WHOLE else "common"


class ValuePrints:
    """Collects the fingerprints of values, one by one.

    `left_out_by` counts those that are not kept: `short`, `common` (made of everybody's words), `long` (of
    many words, none of them telling).
    """

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._is_common = Vocabulary().is_common
        self._known: dict[bytes, tuple[int, bool]] = {}
        self._words: set[int] = set()
        self._pairs: array[int] = array("Q")
        self._wholes: set[int] = set()
        self._parts: set[int] = set()
        self._lengths: set[int] = set()
        self.values = 0
        self.left_out_by: Counter[str] = Counter()

    @property
    def left_out(self) -> int:
        return self.left_out_by.total()

    def add(self, value: str) -> None:
        spelled = [words for words in spellings(value) if words]
        taken = [self._taken(words) for words in spelled]
        if any(taken):
            self.values += 1
        elif taken:
            self.left_out_by[_why_left_out(spelled[0])] += 1

    def extend(self, values: Iterable[str]) -> None:
        for value in values:
            self.add(value)

    @property
    def words(self) -> list[int]:
        return sorted(self._words)

    @property
    def pairs(self) -> list[int]:
        return sorted(set(self._pairs))

    @property
    def wholes(self) -> list[int]:
        return sorted(self._wholes)

    @property
    def parts(self) -> list[int]:
        """The words of values of several words that are known whole."""
        return sorted(self._parts)

    @property
    def lengths(self) -> list[int]:
        """How many words the values have that are known whole."""
        return sorted(self._lengths)

    def _taken(self, words: list[bytes]) -> bool:
        """Whether anything of a value in one spelling could be kept."""
        told = [word for word in dict.fromkeys(words) if self._looked_at(word)[1]]
        is_numbered = any(word.isdigit() for word in words)
        if 2 <= len(told) <= (_MOST_FOR_PAIRS_OF_NUMBERED if is_numbered else _MOST_FOR_PAIRS):
            for one, other in combinations(told, 2):
                self._pairs.append(self._seal.pair(self._kept(one), self._kept(other)))
            return True
        if len(told) > 2:
            for at in range(len(words) - RUN_WORDS + 1):
                run = words[at : at + RUN_WORDS]
                if sum(map(telling, run)) >= 2 and not all(map(self._is_common, run)):
                    self._keep_whole(run)
            return True
        return self._whole(words)

    def _whole(self, words: list[bytes]) -> bool:
        joined = b"".join(words)
        if len(words) > LONGEST_WHOLE or len(joined) < SHORTEST_ALONE or all(map(self._is_common, words)):
            return False
        self._keep_whole(words)
        if (
            len(words) > 1
            and len(joined) >= _SHORTEST_JOINED
            and any(sign in b"0123456789" for sign in joined)
        ):
            self._keep_whole([joined])
        return True

    def _keep_whole(self, words: list[bytes]) -> None:
        kept = [self._kept(word) for word in words]
        self._wholes.add(self._seal.whole(kept))
        self._lengths.add(len(words))
        if len(words) > 1:
            self._parts.update(kept)

    def _kept(self, word: bytes) -> int:
        made = self._looked_at(word)[0]
        self._words.add(made)
        return made

    def _looked_at(self, word: bytes) -> tuple[int, bool]:
        """A word's fingerprint, and whether it is telling; both once."""
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = self._seal.word(word)[0], telling(word)
        return found
