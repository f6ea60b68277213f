"""Events: what people and the product decided, with who and why. Rare, so each is its own commit to the disk.

Any process may append one while a gateway runs. Does not know what a kind means.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from freehold.ledger.log import LogEnd
from freehold.ledger.schema import create as create_ledger
from freehold.ledger.schema import damage_named, transaction, visit
from freehold.ledger.sealing import seal_event

FORGOTTEN = "payload.forgotten"
ROWS_REMOVED = "ledger.rows_removed"


class Event(msgspec.Struct, frozen=True):
    """One decision. `kind` reads like `key.created`, `at` is in Unix seconds."""

    id: int
    at: float
    kind: str
    who: str
    why: str | None
    body: dict[str, Any]


def append_event(
    path: Path,
    kind: str,
    body: Mapping[str, Any],
    *,
    who: str,
    why: str | None = None,
    create: bool = False,
) -> int:
    """Write an event to the disk and return its id; ids grow. With `create` a ledger is begun."""
    if create and not path.exists():
        create_ledger(path)
    connection = visit(path)
    try:
        with damage_named(path):
            connection.execute("PRAGMA synchronous = FULL")
            with transaction(connection):
                return write_event(connection, kind, body, who=who, why=why)
    finally:
        connection.close()


def write_event(
    connection: sqlite3.Connection, kind: str, body: Mapping[str, Any], *, who: str, why: str | None
) -> int:
    """Write an event and its leaf within the caller's transaction; its id."""
    newest = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"
    id_ = int(connection.execute(newest).fetchone()[0]) + 1
    row = (id_, time.time(), kind, who, why, msgspec.json.encode(body).decode())
    connection.execute(
        "INSERT INTO events (id, at, kind, who, why, body, leaf, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        seal_event(LogEnd(connection), row),
    )
    return id_


def events(source: Path | sqlite3.Connection, kind: str | None = None, after: int = 0) -> list[Event]:
    """Events whose kind begins with `kind` and whose id is greater than `after`, oldest first."""
    if isinstance(source, sqlite3.Connection):
        return _select(source, kind, after)
    connection = visit(source)
    try:
        with damage_named(source):
            return _select(connection, kind, after)
    finally:
        connection.close()


class EventFeed:
    """Lets a running process notice new events. `poll` costs microseconds while nothing was committed."""

    def __init__(self, path: Path, kind: str | None = None, after: int = 0) -> None:
        self._path = path
        self._kind = kind
        self._after = after
        self._connection = visit(path)
        self._seen: int | None = None

    @classmethod
    def from_now(cls, path: Path) -> Self:
        """One that tells of no event of before, however many there are."""
        feed = cls(path)
        with damage_named(path):
            newest = feed._connection.execute("SELECT ifnull(max(id), 0) FROM events").fetchone()
        feed._after = int(newest[0])
        return feed

    def poll(self) -> list[Event]:
        """The events since the last poll, oldest first."""
        with damage_named(self._path):
            # counts the commits of other connections: https://www.sqlite.org/pragma.html#pragma_data_version
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version == self._seen:
                return []
            new = _select(self._connection, self._kind, self._after)
        self._seen = version
        if new:
            self._after = new[-1].id
        return new

    def close(self) -> None:
        self._connection.close()


def _select(connection: sqlite3.Connection, kind: str | None, after: int) -> list[Event]:
    rows = connection.execute(
        "SELECT id, at, kind, who, why, body FROM events"
        " WHERE id > ?1 AND (?2 IS NULL OR substr(kind, 1, length(?2)) = ?2) ORDER BY id",
        (after, kind),
    )
    return [Event(*(*row[:5], msgspec.json.decode(row[5]))) for row in rows]
