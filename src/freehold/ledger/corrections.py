"""Giving requests another cost, after a price was mended: appended, never edited, with who and why.

Any process may do it while a gateway runs: each commit is small and has its rows and their sums together, so
that one that breaks off leaves a ledger whose totals are still those of its rows. Does not know prices.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from freehold.ledger.differences import Differences, correct_one
from freehold.ledger.events import write_event
from freehold.ledger.leaves import PLAIN_TABLES
from freehold.ledger.log import LogEnd
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import damage_named, transaction, visit
from freehold.ledger.sealing import seal_plain

REPRICED = "ledger.repriced"
"""The kind of the event that stands before the corrections of one repricing."""

# A commit of these takes a few milliseconds, in which the gateway's own waits.
_AT_ONCE = 250


def reprice(
    path: Path,
    costs: Iterable[tuple[str, Decimal]],
    *,
    body: Mapping[str, Any],
    who: str,
    why: str,
) -> tuple[int, int]:
    """Append a correction for each request id and its new cost in USD, where that changes anything.

    The id of the event, whose `body` says what was done, and the number of requests corrected.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    connection = visit(path)
    done = 0
    try:
        with damage_named(path):
            connection.execute("PRAGMA synchronous = FULL")
            asked = list(costs)
            event_id = _say(connection, {**body, **_sealed(asked)}, who, why)
            left = iter(asked)
            while some := list(islice(left, _AT_ONCE)):
                done += _correct(connection, some, event_id)
    finally:
        connection.close()
    return event_id, done


def _say(connection: sqlite3.Connection, body: Mapping[str, Any], who: str, why: str) -> int:
    with transaction(connection):
        return write_event(connection, REPRICED, body, who=who, why=why)


def _sealed(costs: Sequence[tuple[str, Decimal]]) -> dict[str, Any]:
    """What ties the rows to the event, and so to the log: how many, and the SHA-256 of ids and amounts."""
    text = msgspec.json.encode([(id_, str(usd)) for id_, usd in costs])
    return {"corrections": len(costs), "sha256": hashlib.sha256(text).hexdigest()}


def _correct(connection: sqlite3.Connection, costs: list[tuple[str, Decimal]], event_id: int) -> int:
    differences = Differences()
    with transaction(connection):
        newest = connection.execute("SELECT ifnull(max(id), 0) FROM corrections").fetchone()
        done = [correct_one(connection, differences, id_, usd, event_id) for id_, usd in costs]
        differences.write(connection)
        columns = PLAIN_TABLES["corrections"]
        added = f"SELECT {columns} FROM corrections WHERE id > ? ORDER BY id"  # noqa: S608  a constant
        seal_plain(LogEnd(connection), "corrections", connection.execute(added, newest).fetchall())
    return sum(done)
