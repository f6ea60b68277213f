"""Removing content and old rows, each as an event that says so; totals stay. Does not know when or why.

Rows go in the order of writing: everything written before the first row that is young enough, and nothing
after it. So a row that a wrong clock dated years back goes with its neighbours, not at once.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import msgspec

from freehold.ledger.amounts import exact_sum
from freehold.ledger.content import delete_content
from freehold.ledger.events import FORGOTTEN, ROWS_REMOVED, write_event
from freehold.ledger.groups import HOUR
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import damage_named, transaction, visit

# So many rows are counted or deleted at once, in about 10 ms; whoever writes comes in between.
_ROWS_AT_ONCE = 500
_PAUSE_SECONDS = 0.02


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed for its age: rows written before the first that came at or after `before`.

    `first_at` and `last_at` are the earliest and the latest time among the records. Money is added up as
    `stats` does it. Times are Unix seconds.
    """

    before: float
    records: int
    idle_rows: int
    payloads: int
    first_at: float | None
    last_at: float | None
    cost_usd: Decimal
    unknown_cost_requests: int
    simulated_requests: int
    simulated_cost_usd: Decimal


def forget(path: Path, request_id: str, *, who: str, why: str | None = None) -> int:
    """Delete what was asked and answered under `request_id` and write down that it was; the event's id.

    The record stays. A journal that still holds the content is replaced and removed, once its writer has
    followed (`Ledger.follow`), within a second where a gateway runs.
    """
    LedgerReader.open(path).close()  # content that stands only in the journal would come back
    connection = visit(path)
    try:
        with damage_named(path):
            connection.execute("PRAGMA synchronous = FULL")
            with transaction(connection):
                delete_content(connection, [request_id])
                event_id = write_event(connection, FORGOTTEN, {"request_id": request_id}, who=who, why=why)
            _empty_the_log(connection)
        return event_id
    finally:
        connection.close()


def remove_older(
    path: Path,
    before: float,
    *,
    who: str,
    why: str | None = None,
    clock: Callable[[], float] = time.time,
    pause_seconds: float = _PAUSE_SECONDS,
) -> Removal | None:
    """Remove records, idle rows and content from before the hour of `before`; `None` if there is nothing.

    First an event names the range and its totals, then the rows go a few at a time. What a process that died
    left undone is done by the next call. Roll-ups keep everything. Blocks; safe beside a writer.
    """
    LedgerReader.open(path).close()
    with closing(visit(path)) as connection, damage_named(path):
        connection.execute("PRAGMA synchronous = FULL")
        removal = _announce(connection, before // HOUR * HOUR, who, why, clock, pause_seconds)
        if _delete(connection, pause_seconds):
            _empty_the_log(connection)
        return removal


def _announce(
    connection: sqlite3.Connection,
    before: float,
    who: str,
    why: str | None,
    clock: Callable[[], float],
    pause_seconds: float,
) -> Removal | None:
    """Write down what is going to be removed, which allows it; `None` where nothing is."""
    gone, idle_gone = _removed_to(connection)
    now = clock()
    to = _last_before(
        connection,
        "SELECT min(first_id) FROM sums WHERE span = 3600 AND start >= ? AND start <= ? AND last_id > ?",
        "SELECT max(id) FROM records",
        (before, now, gone),
    )
    idle_to = _last_before(
        connection,
        "SELECT min(id) FROM idle WHERE from_at >= ? AND from_at <= ? AND id > ?",
        "SELECT max(id) FROM idle",
        (before, now, idle_gone),
    )
    to, idle_to = max(to, gone), max(idle_to, idle_gone)
    if (to, idle_to) == (gone, idle_gone):
        return None
    removal = _counted(connection, before, (gone, to), (idle_gone, idle_to), pause_seconds)
    with transaction(connection):
        # `removals` is a help for triggers; what the log accepts as a reason is the event
        body = msgspec.json.decode(msgspec.json.encode(removal)) | {"records_to": to, "idle_to": idle_to}
        event_id = write_event(connection, ROWS_REMOVED, body, who=who, why=why)
        connection.execute(
            "INSERT INTO removals (at, before, records_to, idle_to, event_id) VALUES (?, ?, ?, ?, ?)",
            (now, before, to, idle_to, event_id),
        )
    return removal


def _last_before(connection: sqlite3.Connection, first: str, newest: str, bounds: tuple[float, ...]) -> int:
    """The id before the first row that stays; the newest id where none does."""
    kept = connection.execute(first, bounds).fetchone()[0]
    if kept is not None:
        return int(kept) - 1
    return int(connection.execute(newest).fetchone()[0] or 0)


def _counted(
    connection: sqlite3.Connection,
    before: float,
    ids: tuple[int, int],
    idle_ids: tuple[int, int],
    pause_seconds: float,
) -> Removal:
    """What the rows with ids in (from, to] are and add up to."""
    parts = []
    after, to = ids
    while after < to:
        until = min(after + _ROWS_AT_ONCE, to)
        parts.append(connection.execute(_COUNT, (after, until)).fetchone())
        after = until
        time.sleep(pause_seconds)
    idle = connection.execute("SELECT count(*) FROM idle WHERE id > ? AND id <= ?", idle_ids).fetchone()
    times = [at for part in parts for at in part[:2] if at is not None]
    records, payloads, unknown, simulated = (sum(part[n] for part in parts) for n in (2, 3, 4, 5))
    return Removal(
        before=before,
        records=records,
        idle_rows=idle[0],
        payloads=payloads,
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        cost_usd=exact_sum(Decimal(part[6]) for part in parts),
        unknown_cost_requests=unknown,
        simulated_requests=simulated,
        simulated_cost_usd=exact_sum(Decimal(part[7]) for part in parts),
    )


_COUNT = """
SELECT min(at), max(at), count(*),
       (SELECT count(*) FROM payloads WHERE request_id IN
            (SELECT request_id FROM records WHERE id > ?1 AND id <= ?2)),
       ifnull(sum(cost_usd IS NULL AND NOT simulated), 0), ifnull(sum(simulated), 0),
       exact_sum(CASE WHEN NOT simulated THEN cost_usd END), exact_sum(CASE WHEN simulated THEN cost_usd END)
FROM corrected WHERE id > ?1 AND id <= ?2
"""


def _delete(connection: sqlite3.Connection, pause_seconds: float) -> bool:
    """Delete what may be deleted, a few rows at a time; whether there was anything."""
    to, idle_to = _removed_to(connection)
    found = False
    while rows := _oldest(connection, "records", to):
        found = True
        ids = ", ".join(str(id_) for id_ in rows)
        with transaction(connection):
            requests = connection.execute(f"SELECT request_id FROM records WHERE id IN ({ids})")  # noqa: S608  numbers
            delete_content(connection, [row[0] for row in requests.fetchall()])
            connection.execute(f"DELETE FROM records WHERE id IN ({ids})")  # noqa: S608  numbers
        time.sleep(pause_seconds)
    while rows := _oldest(connection, "idle", idle_to):
        found = True
        with transaction(connection):
            connection.execute("DELETE FROM idle WHERE id <= ?", (rows[-1],))
        time.sleep(pause_seconds)
    return found


def _oldest(connection: sqlite3.Connection, table: str, to: int) -> list[int]:
    sql = f"SELECT id FROM {table} WHERE id <= ? ORDER BY id LIMIT ?"  # noqa: S608  one of two tables
    return [row[0] for row in connection.execute(sql, (to, _ROWS_AT_ONCE))]


def _removed_to(connection: sqlite3.Connection) -> tuple[int, int]:
    sql = "SELECT ifnull(max(records_to), 0), ifnull(max(idle_to), 0) FROM removals"
    records_to, idle_to = connection.execute(sql).fetchone()
    return records_to, idle_to


def _empty_the_log(connection: sqlite3.Connection) -> None:
    """Move SQLite's own log into the file, so far as nobody reads: old pages in it hold what was deleted."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
