"""Finding the newest records that pass filters without reading those that do not.

The roll-ups say which days and hours have records of a group, and between which ids they stand. Only
stretches of ids where something can be found are read. Does not know who asks.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from freehold.ledger.groups import DAY, HOUR
from freehold.ledger.rows import CORRECTED_COLUMNS

NONE = "-"  # stands for records without the name that is asked for; no name in a config begins so


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What records must have to be found; `None` lets everything pass, `NONE` those that have no such name.

    `answered` is whether the status is below 400, `since` the earliest time, in Unix seconds.
    """

    route: str | None = None
    model: str | None = None
    key: str | None = None
    label: str | None = None
    answered: bool | None = None
    since: float | None = None


class Stretch(NamedTuple):
    """The ids from `first` to `last`, both included, and the time from `start` to `end` behind them."""

    first: int
    last: int
    start: int
    end: int


def find(connection: sqlite3.Connection, filters: Filters, before: int, limit: int) -> list[tuple[Any, ...]]:
    """Rows of `CORRECTED_COLUMNS`, newest first, with ids below `before`. Wants one snapshot."""
    condition, values = _condition(filters, "status < 400")
    since = -math.inf if filters.since is None else filters.since
    sql = f"""
        SELECT {CORRECTED_COLUMNS} FROM corrected
        WHERE id BETWEEN ? AND ? AND at >= ? AND {condition} ORDER BY id DESC LIMIT ?
        """  # noqa: S608  columns and conditions are from this file
    rows: list[tuple[Any, ...]] = []
    for stretch in _stretches(connection, filters, before):
        bounds = (stretch.first, min(stretch.last, before - 1))
        rows += connection.execute(sql, (*bounds, since, *values, limit - len(rows))).fetchall()
        if len(rows) >= limit:
            break
    return rows


def _stretches(connection: sqlite3.Connection, filters: Filters, before: int) -> Iterator[Stretch]:
    """Where such records may stand, apart from each other, the newest first."""
    condition, values = _condition(filters, "status_class < 4")
    if (condition, filters.since) == ("1", None):
        yield Stretch(-(2**62), before - 1, 0, 0)
        return
    groups = f"SELECT id FROM sum_groups WHERE {condition}"  # noqa: S608  from this file
    sql = f"""
        SELECT min(first_id), max(last_id), start, start + span FROM sums
        WHERE span = ? AND start >= ? AND start < ? AND group_id IN ({groups})
        GROUP BY start HAVING min(first_id) < ?
        """  # noqa: S608  from this file
    since = -(2**62) if filters.since is None else int(filters.since // HOUR) * HOUR
    days = connection.execute(sql, (DAY, since // DAY * DAY, 2**62, *values, before))
    for day in _joined(days.fetchall()):
        hours = connection.execute(sql, (HOUR, max(since, day.start), day.end, *values, before))
        yield from _joined(hours.fetchall())


def _joined(found: list[tuple[int, int, int, int]]) -> Iterator[Stretch]:
    """The stretches, those that overlap as one, from the greatest ids down."""
    waiting: Stretch | None = None
    for stretch in sorted(map(Stretch._make, found), key=lambda one: one.last, reverse=True):
        if waiting is None:
            waiting = stretch
        elif stretch.last >= waiting.first:
            waiting = Stretch(
                min(stretch.first, waiting.first),
                waiting.last,
                min(stretch.start, waiting.start),
                max(stretch.end, waiting.end),
            )
        else:
            yield waiting
            waiting = stretch
    if waiting is not None:
        yield waiting


def _condition(filters: Filters, answered: str) -> tuple[str, tuple[str, ...]]:
    """The filters by name and by status, for a table that says so as `answered` does; `1` without any."""
    names = {
        "route": filters.route,
        "model": filters.model,
        "key": filters.key,
        "label": filters.label,
    }
    given = {column: name for column, name in names.items() if name is not None}
    parts = [f"{column} IS NULL" if name == NONE else f"{column} = ?" for column, name in given.items()]
    if filters.answered is not None:
        parts.append(answered if filters.answered else f"NOT {answered}")
    return " AND ".join(parts) or "1", tuple(name for name in given.values() if name != NONE)
