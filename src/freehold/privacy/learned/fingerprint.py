"""Keyed fingerprints of words, pairs of words and whole values: 64 bits of BLAKE2b (RFC 7693) with a key.

Without the key nobody can tell whether a guessed word is among them. Knows no text and no index.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Final

KEY_BYTES: Final = 32
MASK: Final = (1 << 64) - 1
_FACTOR: Final = 0x9E37_79B9_7F4A_7C15  # odd, so that multiplying by it loses nothing modulo 2**64
SHINGLE_WORDS: Final = 8
FEWEST_UNCOMMON: Final = 1
_FEWEST_DIFFERENT: Final = 6
_LEAVING: Final = pow(_FACTOR, SHINGLE_WORDS, 1 << 64)

Word = tuple[int, int]
"""What stands for a word: its fingerprint in an index, and its share in the fingerprint of a shingle."""


class Seal:
    """Makes fingerprints with one key. Raises `ValueError` for a key of another length."""

    __slots__ = ("_pairs", "_wholes", "_words", "check")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._words = blake2b(key=key, digest_size=16, person=b"word")
        self._pairs = blake2b(key=key, digest_size=8, person=b"pair")
        self._wholes = blake2b(key=key, digest_size=8, person=b"whole")
        self.check = blake2b(key=key, digest_size=16, person=b"check").hexdigest()

    def word(self, word: bytes) -> Word:
        made = self._words.copy()
        made.update(word)
        digest = made.digest()
        return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")

    def pair(self, one: int, other: int) -> int:
        """Of two words by their fingerprints, in either order."""
        first, last = (one, other) if one <= other else (other, one)
        made = self._pairs.copy()
        made.update(first.to_bytes(8, "little") + last.to_bytes(8, "little"))
        return int.from_bytes(made.digest(), "little")

    def whole(self, words: Sequence[int]) -> int:
        """Of all the words of a value by their fingerprints, in any order."""
        made = self._wholes.copy()
        made.update(b"".join(word.to_bytes(8, "little") for word in sorted(words)))
        return int.from_bytes(made.digest(), "little")


def shingles(shares: Sequence[int], common: Sequence[bool]) -> list[int | None]:
    """The fingerprint of every run of `SHINGLE_WORDS` words; none for one that says too little."""
    runs = enumerate(rolled(shares))
    return [made if tells(shares, common, at) else None for at, made in runs]


def rolled(shares: Sequence[int]) -> list[int]:
    """The fingerprint of every run of `SHINGLE_WORDS` words by their shares; rolling (Rabin-Karp)."""
    sums = [*accumulate(shares, _rolled, initial=0)]
    return [(end - start * _LEAVING) & MASK for start, end in zip(sums, sums[SHINGLE_WORDS:], strict=False)]


def _rolled(before: int, share: int) -> int:
    return (before * _FACTOR + share) & MASK


def tells(shares: Sequence[int], common: Sequence[bool], at: int) -> bool:
    """Whether the run that begins at `at` says enough: few of its words are common, or the same."""
    end = at + SHINGLE_WORDS
    return (
        sum(map(bool, common[at:end])) <= SHINGLE_WORDS - FEWEST_UNCOMMON
        and len(set(shares[at:end])) >= _FEWEST_DIFFERENT
    )
