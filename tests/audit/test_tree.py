"""The tree and its proofs against the RFC's own recursion."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.audit import rfc6962

from freehold.audit import (
    HASH_BYTES,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_place,
    verify_consistency,
    verify_inclusion,
)

LEAVES = st.lists(st.binary(max_size=8), max_size=40)


@dataclass
class Kept:
    """A log as it is stored: the hashes that each leaf completed. Counts its reads."""

    leaves: list[bytes]
    rows: list[bytes] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    reads: int = 0

    def __post_init__(self) -> None:
        self.rows = [self.frontier.append(leaf) for leaf in self.leaves]

    def node(self, level: int, index: int) -> bytes:
        self.reads += 1
        row, offset = node_place(level, index)
        return self.rows[row][offset : offset + HASH_BYTES]


@st.composite
def trees_with_an_index(draw: st.DrawFn) -> tuple[list[bytes], int]:
    leaves = draw(LEAVES.filter(bool))
    return leaves, draw(st.integers(0, len(leaves) - 1))


@given(LEAVES)
def test_the_root_is_that_of_the_rfc_at_every_size(leaves: list[bytes]) -> None:
    frontier = Frontier()
    assert frontier.root() == rfc6962.mth([])
    for number, leaf in enumerate(leaves, start=1):
        frontier.append(leaf)
        assert frontier.root() == rfc6962.mth(leaves[:number])


@given(LEAVES, st.lists(st.binary(max_size=8), max_size=9))
def test_a_tree_read_back_grows_as_if_it_had_never_been_put_away(
    leaves: list[bytes], more: list[bytes]
) -> None:
    kept = Kept(leaves)
    again = Frontier.read(len(leaves), kept.node)
    assert again.root() == kept.frontier.root()
    assert [again.append(leaf) for leaf in more] == [kept.frontier.append(leaf) for leaf in more]


@given(trees_with_an_index())
def test_a_path_is_that_of_the_rfc_and_proves_its_leaf(case: tuple[list[bytes], int]) -> None:
    leaves, index = case
    kept = Kept(leaves)
    path = inclusion_path(index, len(leaves), kept.node)
    assert path == rfc6962.path(index, leaves)
    root = rfc6962.mth(leaves)
    assert verify_inclusion(leaf_hash(leaves[index]), index, len(leaves), path, root)


@given(trees_with_an_index(), st.data())
def test_a_path_proves_nothing_else(case: tuple[list[bytes], int], data: st.DataObject) -> None:
    leaves, index = case
    size, root = len(leaves), rfc6962.mth(leaves)
    path = rfc6962.path(index, leaves)
    digest = leaf_hash(leaves[index])
    assert not verify_inclusion(leaf_hash(leaves[index] + b"x"), index, size, path, root)
    assert not verify_inclusion(digest, index, size, [*path, digest], root)
    assert not verify_inclusion(digest, index, size, path, sha256(root).digest())
    assert not verify_inclusion(digest, size, size, path, root)
    if path:
        assert not verify_inclusion(digest, index, size, path[:-1], root)
        altered = data.draw(st.integers(0, len(path) - 1))
        wrong = [*path[:altered], sha256(path[altered]).digest(), *path[altered + 1 :]]
        assert not verify_inclusion(digest, index, size, wrong, root)
    other = data.draw(st.integers(0, size - 1))
    if leaves[other] != leaves[index]:
        assert not verify_inclusion(digest, other, size, path, root)


@given(trees_with_an_index())
def test_a_consistency_proof_is_that_of_the_rfc_and_convinces(case: tuple[list[bytes], int]) -> None:
    leaves, last = case
    first = last + 1
    kept = Kept(leaves)
    path = consistency_path(first, len(leaves), kept.node)
    assert path == rfc6962.proof(first, leaves)
    old, new = rfc6962.mth(leaves[:first]), rfc6962.mth(leaves)
    assert verify_consistency(first, old, len(leaves), new, path)


@given(trees_with_an_index(), st.data())
def test_a_rewritten_history_is_never_consistent(case: tuple[list[bytes], int], data: st.DataObject) -> None:
    leaves, last = case
    first = last + 1
    altered = data.draw(st.integers(0, last))
    rewritten = [*leaves[:altered], leaves[altered] + b"x", *leaves[altered + 1 :]]
    old, new = rfc6962.mth(leaves[:first]), rfc6962.mth(rewritten)
    for path in (rfc6962.proof(first, rewritten), rfc6962.proof(first, leaves)):
        assert not verify_consistency(first, old, len(leaves), new, path)


@given(trees_with_an_index(), st.integers(0, 40))
def test_a_consistency_proof_of_any_other_shape_is_refused(case: tuple[list[bytes], int], cut: int) -> None:
    leaves, last = case
    first, size = last + 1, len(leaves)
    old, new, path = rfc6962.mth(leaves[:first]), rfc6962.mth(leaves), rfc6962.proof(last + 1, leaves)
    assert not verify_consistency(first, old, size, new, [*path, old])
    assert not verify_consistency(0, old, size, new, path)
    assert not verify_consistency(size + 1, old, size, new, path)
    if cut < len(path):
        assert not verify_consistency(first, old, size, new, path[:cut])


def test_proofs_of_a_large_tree_read_few_hashes() -> None:
    kept = Kept([b"%d" % number for number in range(5000)])
    for index in (0, 1, 2500, 4095, 4096, 4998, 4999):
        kept.reads = 0
        path = inclusion_path(index, 5000, kept.node)
        assert verify_inclusion(leaf_hash(b"%d" % index), index, 5000, path, kept.frontier.root())
        assert kept.reads <= 2 * (5000).bit_length()
    for first in (1, 4096, 4097, 4999):
        kept.reads = 0
        consistency_path(first, 5000, kept.node)
        assert kept.reads <= 2 * (5000).bit_length()


def test_a_tree_has_no_proofs_of_what_it_does_not_hold() -> None:
    kept = Kept([b"a", b"b"])
    for index in (-1, 2):
        with pytest.raises(ValueError, match="has none"):
            inclusion_path(index, 2, kept.node)
    for first in (0, 3):
        with pytest.raises(ValueError, match="does not continue"):
            consistency_path(first, 2, kept.node)


def test_the_hashes_are_those_that_certificate_transparency_publishes() -> None:
    """The empty tree and a tree of one empty leaf, as RFC 6962 defines them and its logs print them."""
    assert Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    one = Frontier()
    one.append(b"")
    assert one.root().hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
