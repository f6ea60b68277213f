"""Where a record is added up: its hour, its day, and its group. Does not know what is added."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

HOUR, DAY = 3600, 86_400

# Clocks that are off by more than this many hours share the first or the last hour that SQLite can count.
_FARTHEST_HOUR = 2**48


def hour_start(number: float) -> int:
    """The hour's start in Unix seconds."""
    return int(max(-_FARTHEST_HOUR, min(_FARTHEST_HOUR, number))) * HOUR


def group_id(connection: sqlite3.Connection, group: tuple[Any, ...]) -> int:
    """The id of route, key, model, tenure, label, simulated and class of status, which is new at times.

    A column that holds all of them is looked up, because NULLs are never equal in an index.
    """
    *names, simulated, status = group
    columns = (*names, bool(simulated), status // 100)
    name = msgspec.json.encode(columns).decode()
    found = connection.execute("SELECT id FROM sum_groups WHERE name = ?", (name,)).fetchone()
    if found is not None:
        return int(found[0])
    cursor = connection.execute(
        "INSERT INTO sum_groups (name, route, key, model, tenure, label, simulated, status_class)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (name, *columns),
    )
    return int(cursor.lastrowid or 0)
