"""Proofs of RFC 6962, section 2.1: that a leaf is in a tree, and that one tree continues another.

Made from stored hashes with O(log n) reads, checked with nothing but hashes. Does not know where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from freehold.audit.tree import node_hash

Node = Callable[[int, int], bytes]
"""The root of a perfect subtree by level and index, see `node_place`."""


def inclusion_path(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]): the hashes beside the way from leaf to root, leaf first (section 2.1.1).

    Raises `ValueError` where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none at {index}")
    path = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _left_leaves(end - begin)
        if index < middle:
            path.append(_root(middle, end, node))
            end = middle
        else:
            path.append(_root(begin, middle, node))
            begin = middle
    path.reverse()
    return path


def consistency_path(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF(first, D[second]) of section 2.1.2. Raises `ValueError` unless 0 < first <= second."""
    if not 0 < first <= second:
        raise ValueError(f"a tree of {second} leaves does not continue one of {first}")
    path = []
    begin, end = 0, second
    while end != first:
        middle = begin + _left_leaves(end - begin)
        if first <= middle:
            path.append(_root(middle, end, node))
            end = middle
        else:
            path.append(_root(begin, middle, node))
            begin = middle
    if begin:  # else the old tree is a perfect part of the new one, and whoever checks has its root
        path.append(_root(begin, end, node))
    path.reverse()
    return path


def verify_inclusion(digest: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf of this hash stands at `index` in the tree of `size` leaves and this root.

    The algorithm is that of RFC 9162, section 2.1.3.2; the hashes are the same in both.
    """
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for beside in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            digest = node_hash(beside, digest)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            digest = node_hash(digest, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and digest == root


def verify_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the tree of `second` leaves begins with that of `first` (RFC 9162, section 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not hashes:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old = node_hash(beside, old)
            new = node_hash(beside, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _left_leaves(size: int) -> int:
    """The largest power of two below `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _root(begin: int, end: int, node: Node) -> bytes:
    """The root over the leaves from `begin` to `end`, a range at which the tree divides."""
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + _left_leaves(size)
    return node_hash(_root(begin, middle, node), _root(middle, end, node))
