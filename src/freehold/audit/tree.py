"""The Merkle tree of RFC 6962, section 2.1, grown a leaf at a time.

A tree of n leaves is kept as the roots of its perfect subtrees, one for each set bit of n: that is enough to
append and to tell the root. Does not know what leaves say, nor where hashes are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def node_place(level: int, index: int) -> tuple[int, int]:
    """Where the root of a perfect subtree is: the leaf that completed it, and the offset in its hashes.

    The subtree holds the leaves from `index << level` on, 2^level of them. `Frontier.append` returned its
    root with the last of them.
    """
    return ((index + 1) << level) - 1, level * HASH_BYTES


class Frontier:
    """A tree's right edge: `size` leaves, and the roots of its perfect subtrees, the largest first."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: tuple[bytes, ...] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    @classmethod
    def read(cls, size: int, node: Callable[[int, int], bytes]) -> Frontier:
        """That of a stored tree; `node` is asked for one root a set bit of `size`."""
        return cls(size, tuple(node(level, index) for level, index in _peaks(size)))

    def append(self, leaf: bytes) -> bytes:
        """Take a leaf in. The hashes that it completed, level by level from its own, 32 bytes each."""
        return self.append_all((leaf,))[0]

    def append_all(self, leaves: Sequence[bytes]) -> list[bytes]:
        """Likewise of leaves in their order; runs for every record, so that it calls nothing but SHA-256."""
        peaks, size = self._peaks, self.size
        completed = []
        for leaf in leaves:
            digest = hashes = sha256(b"\x00" + leaf).digest()
            left = size
            while left & 1:
                digest = sha256(b"\x01" + peaks.pop() + digest).digest()
                hashes += digest
                left >>= 1
            peaks.append(digest)
            size += 1
            completed.append(hashes)
        self.size = size
        return completed

    def root(self) -> bytes:
        """The tree's hash; of an empty tree that of nothing."""
        if not self._peaks:
            return sha256(b"").digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def _peaks(size: int) -> list[tuple[int, int]]:
    """(level, index) of the perfect subtrees of a tree of `size` leaves, the largest first."""
    places = []
    begin = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            places.append((level, begin >> level))
            begin += 1 << level
    return places
