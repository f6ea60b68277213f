"""Proof that a request is in the log, for somebody who has nothing but a checkpoint. Reads O(log n) rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from freehold.audit import inclusion_path
from freehold.ledger.faults import LedgerDamaged, LedgerError
from freehold.ledger.leaves import RecordLeaf, SentLeaf, read_leaf
from freehold.ledger.log import StoredTree
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import snapshot, visit


class Proof(msgspec.Struct, frozen=True):
    """A leaf, its place, and the hashes from it to the root (RFC 6962, section 2.1.1)."""

    leaf: bytes
    index: int
    tree_size: int
    path: tuple[bytes, ...]
    root: bytes


def prove(path: Path, request_id: str, *, size: int | None = None) -> list[Proof]:
    """That a request's record is in the log, and then each thing that one of its attempts let out.

    Against the tree as it is, or as it was with `size` leaves. Raises `LedgerError` where there is no such
    request in it.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    connection = visit(path)
    try:
        with snapshot(connection, path):
            tree = StoredTree(connection)
            whole = tree.size() if size is None else min(size, tree.size())
            first = _number(connection, request_id)
            if first is None or first >= whole:
                raise LedgerError(
                    f"the log holds no request {request_id}",
                    hint="`freehold requests` lists the newest with their ids",
                )
            try:
                root = tree.frontier(whole).root()
                return [
                    Proof(leaf, number, whole, tuple(inclusion_path(number, whole, tree.node)), root)
                    for number, leaf in _leaves(connection, first, request_id)
                    if number < whole
                ]
            except KeyError as error:
                raise LedgerDamaged(
                    f"{path}: leaf {error.args[0]} of the log is missing",
                    hint="`freehold audit verify` says what else does not fit",
                ) from error
    finally:
        connection.close()


def _number(connection: sqlite3.Connection, request_id: str) -> int | None:
    """Its leaf's number: from its row, or where that was removed by looking through the log."""
    row = connection.execute("SELECT leaf FROM records WHERE request_id = ?", (request_id,)).fetchone()
    if row is not None:
        return None if row[0] is None else int(row[0])
    mark = b'"request":' + msgspec.json.encode(request_id) + b","
    found = connection.execute("SELECT id, leaf FROM log WHERE instr(leaf, ?) ORDER BY id", (mark,))
    for number, leaf in found:
        if isinstance(read_leaf(leaf), RecordLeaf):
            return int(number)
    return None


def _leaves(connection: sqlite3.Connection, first: int, request_id: str) -> list[tuple[int, bytes]]:
    """The record's leaf and those of its attempts, which follow it."""
    found = []
    for number, leaf in connection.execute("SELECT id, leaf FROM log WHERE id >= ? ORDER BY id", (first,)):
        said = read_leaf(leaf)
        if number > first and not (isinstance(said, SentLeaf) and said.request == request_id):
            break
        found.append((number, leaf))
    return found
