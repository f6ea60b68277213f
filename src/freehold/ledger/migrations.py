"""The tables, step by step.

`MIGRATIONS[n]` leads from version n to n + 1 (SQLite's `user_version`): SQL, or a function that works on the
connection. A step that has shipped is never edited; a change is a new step at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from freehold.audit import SALT_BYTES
from freehold.ledger.content import INDEX as CONTENT_INDEX
from freehold.ledger.differences import SPANS_IN_VIEW
from freehold.ledger.differences import TABLES as CORRECTION_TABLES
from freehold.ledger.private_sums import TABLES as PRIVATE_TABLES
from freehold.ledger.private_sums import build_private
from freehold.ledger.progress import Progress
from freehold.ledger.rollups import TABLES as ROLLUP_TABLES
from freehold.ledger.rollups import build
from freehold.ledger.sealing import TABLES as SEALING_TABLES
from freehold.ledger.sealing import adopt, adopt_plain

_FIRST = """
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE,
    at REAL NOT NULL,
    endpoint TEXT NOT NULL,
    route TEXT,
    key TEXT,
    model TEXT,
    tenure TEXT,
    provider TEXT,
    upstream_model TEXT,
    status INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    label TEXT,
    input_tokens INTEGER CHECK (input_tokens BETWEEN 0 AND 1000000000000),
    output_tokens INTEGER CHECK (output_tokens BETWEEN 0 AND 1000000000000),
    cached_tokens INTEGER CHECK (cached_tokens BETWEEN 0 AND 1000000000000),
    reasoning_tokens INTEGER CHECK (reasoning_tokens BETWEEN 0 AND 1000000000000),
    cost_usd TEXT,
    simulated INTEGER NOT NULL,
    attempts TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL NOT NULL,
    ttft_seconds REAL,
    slot_microseconds INTEGER,
    error TEXT
);
CREATE INDEX records_at ON records (at);
CREATE TABLE idle (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    hour INTEGER NOT NULL,
    from_at REAL NOT NULL,
    to_at REAL NOT NULL,
    slots INTEGER NOT NULL,
    slot_microseconds INTEGER NOT NULL,
    cost_usd TEXT
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT,
    body TEXT NOT NULL
);
CREATE TABLE payloads (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    prompt BLOB NOT NULL,
    answer BLOB NOT NULL
);
CREATE INDEX payloads_request_id ON payloads (request_id);
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES ('ledger_id', lower(hex(randomblob(8)))), ('journal', 1), ('offset', 0);
"""

_APPEND_ONLY = "".join(
    f"""CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} BEGIN
        SELECT RAISE(ABORT, '{table} is append-only'); END;
    """
    for table in ("records", "idle", "events")
    for verb in ("UPDATE", "DELETE")
)

_HELD = "ALTER TABLE records ADD COLUMN held_usd TEXT;"

_FOUND = "ALTER TABLE records ADD COLUMN found TEXT;"

# What was removed for its age, in the order of writing: rows up to these ids, and no others, may be deleted.
_REMOVALS = """
CREATE TABLE removals (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    before REAL NOT NULL,
    records_to INTEGER NOT NULL,
    idle_to INTEGER NOT NULL,
    event_id INTEGER NOT NULL
);
CREATE TRIGGER removals_update BEFORE UPDATE ON removals BEGIN
    SELECT RAISE(ABORT, 'removals is append-only'); END;
CREATE TRIGGER removals_delete BEFORE DELETE ON removals BEGIN
    SELECT RAISE(ABORT, 'removals is append-only'); END;
DROP TRIGGER records_delete;
CREATE TRIGGER records_delete BEFORE DELETE ON records
WHEN OLD.id > ifnull((SELECT max(records_to) FROM removals), 0) BEGIN
    SELECT RAISE(ABORT, 'records is append-only'); END;
CREATE INDEX idle_from_at ON idle (from_at);
DROP TRIGGER idle_delete;
CREATE TRIGGER idle_delete BEFORE DELETE ON idle
WHEN OLD.id > ifnull((SELECT max(idle_to) FROM removals), 0) BEGIN
    SELECT RAISE(ABORT, 'idle is append-only'); END;
"""


def _add_up(connection: sqlite3.Connection) -> None:
    build(connection, Progress("adding up the ledger by hour"))


def _add_up_private(connection: sqlite3.Connection) -> None:
    build_private(connection, Progress("adding up what was sent and found"))


def _adopt(connection: sqlite3.Connection) -> None:
    adopt(connection, Progress("sealing the ledger"))


# No row of these without its leaf, whoever writes it.
_GUARDS = (
    "".join(
        f"""CREATE TRIGGER {table}_sealed BEFORE INSERT ON {table} WHEN NEW.leaf IS NULL BEGIN
        SELECT RAISE(ABORT, '{table} are written together with their leaves'); END;
    """
        for table in ("records", "events", "payloads")
    )
    + """CREATE TRIGGER records_found BEFORE UPDATE OF found ON records WHEN OLD.leaf IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'records is append-only'); END;
"""
)

# Where values stand goes with an erasure, and is changed by nothing else.
_SPANS = f"""
ALTER TABLE records ADD COLUMN spans TEXT;
CREATE TRIGGER records_spans BEFORE UPDATE OF spans ON records
WHEN OLD.leaf IS NOT NULL AND NOT (
    NEW.spans IS NULL AND NEW.reason = '' AND NEW.salt = substr(OLD.salt, 1, {SALT_BYTES})
) BEGIN
    SELECT RAISE(ABORT, 'records is append-only'); END;
CREATE TRIGGER records_spans_erased BEFORE UPDATE OF salt ON records
WHEN OLD.leaf IS NOT NULL AND NEW.spans IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'records is append-only'); END;
{SPANS_IN_VIEW}"""

Step = str | Callable[[sqlite3.Connection], None]

MIGRATIONS: tuple[Step, ...] = (
    _FIRST + _APPEND_ONLY,
    _HELD,
    _REMOVALS + ROLLUP_TABLES,
    _add_up,
    SEALING_TABLES,
    _adopt,
    _FOUND,
    CORRECTION_TABLES,
    CONTENT_INDEX + _GUARDS,
    adopt_plain,
    PRIVATE_TABLES,
    _add_up_private,
    _SPANS,
)
