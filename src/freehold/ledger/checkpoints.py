"""Checkpoints of the log: taken, kept in the ledger, read back. Does not know where else copies are kept."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from freehold.audit import Checkpoint, CheckpointError, SigningKey
from freehold.ledger.events import events, write_event
from freehold.ledger.log import StoredTree
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import damage_named, snapshot, transaction, visit

NEW_KEY = "audit.key"
"""The kind of the event that names a key by which checkpoints are signed from then on."""


def take_checkpoint(path: Path, key: SigningKey) -> Checkpoint:
    """Sign the log as it is, with all that was appended before this call, and keep that in the ledger.

    A key that signs for the first time is made known by an event, so that it stands in the log itself.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    connection = visit(path)
    try:
        with damage_named(path):
            connection.execute("PRAGMA synchronous = FULL")
            with transaction(connection):
                return _take(connection, key)
    finally:
        connection.close()


def _take(connection: sqlite3.Connection, key: SigningKey) -> Checkpoint:
    if key.public_key not in known_keys(connection):
        write_event(connection, NEW_KEY, {"public_key": key.public_key}, who="freehold", why=None)
    frontier = StoredTree(connection).frontier()
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    checkpoint = key.sign(origin(connection), frontier.size, frontier.root(), now)
    connection.execute(
        "INSERT INTO checkpoints (tree_size, root, time, public_key, signature) VALUES (?, ?, ?, ?, ?)",
        (
            checkpoint.tree_size,
            checkpoint.root,
            checkpoint.time,
            checkpoint.public_key,
            checkpoint.signature,
        ),
    )
    return checkpoint


def log_size(path: Path) -> int:
    """How many leaves the log has, with all that was appended before this call."""
    LedgerReader.open(path).close()
    connection = visit(path)
    try:
        with damage_named(path):
            return StoredTree(connection).size()
    finally:
        connection.close()


def known_keys(connection: sqlite3.Connection) -> set[str]:
    """The public keys that the log names."""
    return {str(event.body.get("public_key")) for event in events(connection, NEW_KEY)}


def kept_checkpoints(connection: sqlite3.Connection) -> tuple[list[Checkpoint], list[int]]:
    """Those in the ledger, oldest first; and the ids of rows that are none."""
    name = origin(connection)
    fields = ("tree_size", "root", "time", "public_key", "signature")
    kept, odd = [], []
    for id_, *row in connection.execute(f"SELECT id, {', '.join(fields)} FROM checkpoints ORDER BY id"):  # noqa: S608  from above
        try:
            kept.append(Checkpoint.parse({"origin": name, **dict(zip(fields, row, strict=True))}))
        except CheckpointError:
            odd.append(id_)
    return kept, odd


class Standing(msgspec.Struct, frozen=True):
    """How the log stands to the newest checkpoint that is kept in the ledger, as far as a glance can tell.

    `holds`: its signature is genuine, of a key that the log names, and the tree has its root at its size.
    Whether every row still fits its leaf, and every leaf the tree, only `verify` can tell. `None` without a
    checkpoint.
    """

    tree_size: int
    checkpoint: Checkpoint | None
    holds: bool | None


def standing(path: Path) -> Standing:
    """Reads a few rows, however long the log is."""
    connection = visit(path)
    try:
        with snapshot(connection, path):
            return _standing(connection)
    finally:
        connection.close()


def _standing(connection: sqlite3.Connection) -> Standing:
    tree = StoredTree(connection)
    size = tree.size()
    kept, odd = kept_checkpoints(connection)
    newest = max(kept, key=lambda one: one.tree_size, default=None)
    if newest is None:
        return Standing(size, None, False if odd else None)
    holds = (
        newest.tree_size <= size
        and newest.is_genuine()
        and newest.public_key in known_keys(connection)
        and _root(tree, newest.tree_size) == newest.root
    )
    return Standing(size, newest, holds)


def _root(tree: StoredTree, size: int) -> str | None:
    try:
        return tree.frontier(size).root().hex()
    except KeyError:
        return None


def origin(connection: sqlite3.Connection) -> str:
    """The ledger's own name, by which its checkpoints call it."""
    return str(connection.execute("SELECT value FROM meta WHERE name = 'ledger_id'").fetchone()[0])
