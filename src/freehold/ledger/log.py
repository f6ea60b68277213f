"""The Merkle log: a row a leaf, with the hashes of the subtrees that the leaf completed.

So a proof reads O(log n) rows, and no row is ever written twice. Knows the table, not what leaves say.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain

from freehold.audit import HASH_BYTES, Frontier, node_place

TABLE = """
CREATE TABLE log (id INTEGER PRIMARY KEY, leaf BLOB NOT NULL, hashes BLOB NOT NULL);
CREATE TRIGGER log_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only'); END;
CREATE TRIGGER log_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only'); END;
"""

_AT_ONCE = 32
_INSERT = "INSERT INTO log (id, leaf, hashes) VALUES "
_INSERT_MANY = _INSERT + ", ".join(["(?, ?, ?)"] * _AT_ONCE)


class StoredTree:
    """The tree as its table holds it. Raises `KeyError` where a row is missing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def size(self) -> int:
        return int(self._connection.execute("SELECT ifnull(max(id), -1) + 1 FROM log").fetchone()[0])

    def node(self, level: int, index: int) -> bytes:
        """The root of a perfect subtree, for `freehold.audit`'s proofs."""
        row, offset = node_place(level, index)
        found = self._connection.execute("SELECT hashes FROM log WHERE id = ?", (row,)).fetchone()
        if found is None or len(found[0]) < offset + HASH_BYTES:
            raise KeyError(row)
        return bytes(found[0][offset : offset + HASH_BYTES])

    def frontier(self, size: int | None = None) -> Frontier:
        """The right edge, of the whole or of its first `size` leaves."""
        return Frontier.read(self.size() if size is None else size, self.node)


class LogEnd:
    """Takes leaves in, within one transaction of the caller's; a new one for each transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._frontier = StoredTree(connection).frontier()

    @property
    def size(self) -> int:
        return self._frontier.size

    def append(self, leaves: Sequence[bytes]) -> None:
        """Leaves in their order; the first of them gets the number `size`."""
        frontier = self._frontier
        numbers = range(frontier.size, frontier.size + len(leaves))
        rows = zip(numbers, leaves, frontier.append_all(leaves), strict=True)
        values: list[int | bytes] = list(chain.from_iterable(rows))
        width = 3 * _AT_ONCE
        whole = len(values) - len(values) % width
        for start in range(0, whole, width):
            self._connection.execute(_INSERT_MANY, values[start : start + width])
        rest = values[whole:]
        if rest:
            self._connection.execute(_INSERT + ", ".join(["(?, ?, ?)"] * (len(rest) // 3)), rest)
