"""Rows and their leaves, in one commit: what is written into the tables stands in the log as well.

Knows which rows have leaves; does not know journals, or who writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from freehold.audit import SALT_BYTES
from freehold.ledger.leaves import (
    BOTH_SALTS_BYTES,
    PLAIN_TABLES,
    encode_leaf,
    event_leaf,
    payload_leaf,
    record_leaves,
    row_leaf,
)
from freehold.ledger.log import TABLE, LogEnd

Row = tuple[Any, ...]

_STAYS = (
    "id, request_id, at, endpoint, route, key, model, tenure, provider, upstream_model, status, stream,"
    " label, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_usd, simulated, seconds,"
    " ttft_seconds, slot_microseconds, held_usd, leaf"
)

# A record may be changed in one way only: that what was private in it is gone, and its salt with it.
TABLES = (
    TABLE
    + f"""
ALTER TABLE records ADD COLUMN subject TEXT;
ALTER TABLE records ADD COLUMN conversation TEXT;
ALTER TABLE records ADD COLUMN leaf INTEGER;
ALTER TABLE records ADD COLUMN salt BLOB;
CREATE INDEX records_subject ON records (subject) WHERE subject IS NOT NULL;
CREATE INDEX records_conversation ON records (conversation) WHERE conversation IS NOT NULL;
ALTER TABLE events ADD COLUMN leaf INTEGER;
ALTER TABLE events ADD COLUMN salt BLOB;
ALTER TABLE payloads ADD COLUMN key TEXT;
ALTER TABLE payloads ADD COLUMN leaf INTEGER;
CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    wrapped BLOB NOT NULL
);
CREATE INDEX keys_owner ON keys (owner);
CREATE TABLE checkpoints (
    id INTEGER PRIMARY KEY,
    tree_size INTEGER NOT NULL,
    root TEXT NOT NULL,
    time TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signature TEXT NOT NULL
);
DROP TRIGGER records_update;
CREATE TRIGGER records_update BEFORE UPDATE OF {_STAYS} ON records WHEN OLD.leaf IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'records is append-only'); END;
CREATE TRIGGER records_erase BEFORE UPDATE OF attempts, reason, error, subject, conversation, salt ON records
WHEN OLD.leaf IS NOT NULL AND NOT (
    NEW.reason = '' AND NEW.error IS NULL AND NEW.subject IS NULL AND NEW.conversation IS NULL
    AND NEW.salt = substr(OLD.salt, 1, {SALT_BYTES})
) BEGIN
    SELECT RAISE(ABORT, 'records is append-only'); END;
DROP TRIGGER events_update;
CREATE TRIGGER events_update BEFORE UPDATE ON events WHEN OLD.leaf IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'events is append-only'); END;
"""
)

_ROWS_AT_ONCE = 1000
# `RECORD_COLUMNS` as they were at this step.
_RECORDS = """
SELECT id, request_id, at, endpoint, route, key, model, tenure, provider, upstream_model, status, stream,
    label, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_usd, simulated, attempts,
    reason, seconds, ttft_seconds, slot_microseconds, error, held_usd, subject, conversation
FROM records WHERE id > ? ORDER BY id LIMIT ?
"""


def seal_records(end: LogEnd, rows: Iterable[Row]) -> list[Row]:
    """The rows with their leaf's number and their salts, once the leaves are in the log."""
    rows = list(rows)
    sealed: list[Row] = []
    leaves: list[bytes] = []
    number = end.size
    # The system is asked for randomness once: for each row it would cost as much as a hash.
    randomness = os.urandom(BOTH_SALTS_BYTES * len(rows))
    for start, row in enumerate(rows):
        salts = randomness[start * BOTH_SALTS_BYTES : (start + 1) * BOTH_SALTS_BYTES]
        sealed.append((*row, number + len(leaves), salts))
        leaves += record_leaves(row, salts)
    end.append(leaves)
    return sealed


def seal_payloads(end: LogEnd, rows: Iterable[Row]) -> list[Row]:
    """Likewise of rows `id, request_id, prompt, answer, key, content`; the last is for the leaf alone."""
    sealed: list[Row] = []
    leaves: list[bytes] = []
    number = end.size
    for *row, content in rows:
        sealed.append((*row, number + len(leaves)))
        leaves.append(encode_leaf(payload_leaf(row[1], row[2], content)))
    end.append(leaves)
    return sealed


def seal_plain(end: LogEnd, table: str, rows: Iterable[Row]) -> None:
    """Put leaves for rows of one of `PLAIN_TABLES` into the log; the rows stay as they are."""
    end.append([encode_leaf(row_leaf(table, row)) for row in rows])


def seal_event(end: LogEnd, row: Row) -> Row:
    """Likewise of a row `id, at, kind, who, why, body`."""
    salt = os.urandom(SALT_BYTES)
    number = end.size
    end.append([encode_leaf(event_leaf(row, salt))])
    return (*row, number, salt)


def adopt(connection: sqlite3.Connection, tell: Callable[[int, int], None]) -> None:
    """Seal the records and events that were written before there was a log, oldest first."""
    end = LogEnd(connection)
    for row in connection.execute("SELECT id, at, kind, who, why, body FROM events ORDER BY id").fetchall():
        *_, leaf, salt = seal_event(end, row)
        connection.execute("UPDATE events SET leaf = ?, salt = ? WHERE id = ?", (leaf, salt, row[0]))
    newest = connection.execute("SELECT ifnull(max(id), 0) FROM records").fetchone()[0]
    after = -(2**63)
    while rows := connection.execute(_RECORDS, (after, _ROWS_AT_ONCE)).fetchall():
        sealed: Sequence[Row] = seal_records(end, rows)
        connection.executemany(
            "UPDATE records SET leaf = ?, salt = ? WHERE id = ?", [(*row[-2:], row[0]) for row in sealed]
        )
        after = rows[-1][0]
        tell(after, newest)


def adopt_plain(connection: sqlite3.Connection) -> None:
    """Seal the rows of `PLAIN_TABLES` that were written before they had leaves."""
    end = LogEnd(connection)
    for table, columns in PLAIN_TABLES.items():
        found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY id")  # noqa: S608  constants
        while rows := found.fetchmany(_ROWS_AT_ONCE):
            seal_plain(end, table, rows)
