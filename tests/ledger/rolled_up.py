"""The roll-ups of a ledger beside what its rows add up to, for tests that compare them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from freehold.ledger.rollups import build
from freehold.ledger.schema import connect

ROLLED_UP = ("sum_groups", "sums", "idle_sums")


def rolled_up(path: Path) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The roll-ups as they are kept, and as the rows add up to them now."""
    with closing(connect(path)) as connection:
        kept = _as_told(connection)
        connection.execute("BEGIN")
        for table in ROLLED_UP:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608  names from above
        build(connection, lambda _done, _of: None)
        counted = _as_told(connection)
        connection.rollback()
    return kept, counted


def _as_told(connection: sqlite3.Connection) -> dict[Any, Any]:
    rows = connection.execute("SELECT name, sums.* FROM sums JOIN sum_groups ON sum_groups.id = group_id")
    told: dict[Any, Any] = {}
    for name, span, start, _group, *counts, cost, held in rows:
        told[name, span, start] = (counts, Decimal(cost), Decimal(held))
    for span, start, model, *counts, cost in connection.execute("SELECT * FROM idle_sums"):
        told["idle", model, span, start] = (counts, Decimal(cost))
    return told
