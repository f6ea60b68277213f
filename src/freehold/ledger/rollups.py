"""Roll-ups: what the rows add up to, by hour and by day, written in the commit that writes the rows.

So they are exact at every moment, and stay when rows are removed. Knows rows and their sums; does not know
journals, or what a reader asks of them (see `stats` and `spending`).
"""

from __future__ import annotations

import decimal
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from freehold.ledger.amounts import EXACT, is_addable

HOUR, DAY = 3600, 86_400

# Clocks that are off by more than this many hours share the first or the last hour that SQLite can count.
_FARTHEST_HOUR = 2**48

TABLES = """
CREATE TABLE sum_groups (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    route TEXT,
    key TEXT,
    model TEXT,
    tenure TEXT,
    label TEXT,
    simulated INTEGER NOT NULL,
    status_class INTEGER NOT NULL
);
CREATE TABLE sums (
    span INTEGER NOT NULL,
    start INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    known_usage INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    slot_microseconds INTEGER NOT NULL,
    known_cost INTEGER NOT NULL,
    cost_usd TEXT NOT NULL,
    held_usd TEXT NOT NULL,
    PRIMARY KEY (span, start, group_id)
) WITHOUT ROWID;
CREATE TABLE idle_sums (
    span INTEGER NOT NULL,
    start INTEGER NOT NULL,
    model TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    known_cost INTEGER NOT NULL,
    slot_microseconds INTEGER NOT NULL,
    cost_usd TEXT NOT NULL,
    PRIMARY KEY (span, start, model)
) WITHOUT ROWID;
"""

_COUNTS = (
    "requests",
    "known_usage",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "slot_microseconds",
    "known_cost",
)
_ADD_RECORDS = f"""
INSERT INTO sums (span, start, group_id, first_id, last_id, {", ".join(_COUNTS)}, cost_usd, held_usd)
VALUES ({", ".join("?" * (7 + len(_COUNTS)))})
ON CONFLICT (span, start, group_id) DO UPDATE SET
    first_id = min(first_id, excluded.first_id), last_id = max(last_id, excluded.last_id),
    {", ".join(f"{name} = {name} + excluded.{name}" for name in _COUNTS)},
    cost_usd = exact_add(cost_usd, excluded.cost_usd), held_usd = exact_add(held_usd, excluded.held_usd)
"""  # noqa: S608  names from this file only
_ADD_IDLE = """
INSERT INTO idle_sums (span, start, model, pieces, known_cost, slot_microseconds, cost_usd)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (span, start, model) DO UPDATE SET
    pieces = pieces + excluded.pieces, known_cost = known_cost + excluded.known_cost,
    slot_microseconds = slot_microseconds + excluded.slot_microseconds,
    cost_usd = exact_add(cost_usd, excluded.cost_usd)
"""

_NOTHING = Decimal(0)

# Only what is added up, in the places where `RECORD_COLUMNS` and the idle table have it.
_RECORDS_TO_ADD = """
SELECT id, NULL, at, NULL, route, key, model, tenure, NULL, NULL, status, NULL, label, input_tokens,
    output_tokens, cached_tokens, reasoning_tokens, cost_usd, simulated, NULL, NULL, NULL, NULL,
    slot_microseconds, NULL, held_usd
FROM records WHERE id > ? ORDER BY id LIMIT ?
"""
_IDLE_TO_ADD = """
SELECT id, model, hour, from_at, to_at, slots, slot_microseconds, cost_usd FROM idle
WHERE id > ? ORDER BY id LIMIT ?
"""
_ROWS_AT_ONCE = 20_000

Row = Sequence[Any]


class _Cell:
    """The records of one hour and group."""

    __slots__ = ("cost_usd", "first_id", "held_usd", "last_id", *_COUNTS)

    def __init__(self, first_id: int) -> None:
        self.first_id = self.last_id = first_id
        self.requests = self.known_usage = self.known_cost = self.slot_microseconds = 0
        self.input_tokens = self.output_tokens = self.cached_tokens = self.reasoning_tokens = 0
        self.cost_usd = self.held_usd = _NOTHING

    def values(self) -> tuple[Any, ...]:
        return (
            self.first_id,
            self.last_id,
            *(getattr(self, name) for name in _COUNTS),
            _as_text(self.cost_usd),
            _as_text(self.held_usd),
        )


class Additions:
    """What the rows of one commit add to the roll-ups: first `records` and `idle`, then `write`.

    An amount that is no number raises `decimal.DecimalException`, at the latest from `write`.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[Any, ...], _Cell] = {}
        self._idle: dict[tuple[int, str], list[Any]] = {}

    def records(self, rows: Iterable[Row]) -> None:
        """Add rows of `id` and `RECORD_COLUMNS`. Runs for every request, so written out."""
        cells, add = self._cells, EXACT.add
        for row in rows:
            # hour, route, key, model, tenure, label, simulated, class of status
            place = (row[2] // HOUR, row[4], row[5], row[6], row[7], row[12], row[18], row[10] // 100)
            cell = cells.get(place)
            if cell is None:
                cell = cells[place] = _Cell(row[0])
            cell.last_id = row[0]
            cell.requests += 1
            if row[13] is not None:
                cell.known_usage += 1
                cell.input_tokens += row[13]
                cell.output_tokens += row[14]
                if row[15]:
                    cell.cached_tokens += row[15]
                if row[16]:
                    cell.reasoning_tokens += row[16]
            if row[17] is not None:
                cell.known_cost += 1
                cell.cost_usd = add(cell.cost_usd, Decimal(row[17]))
            elif row[25] is not None:
                cell.held_usd = add(cell.held_usd, Decimal(row[25]))
            if row[23]:
                cell.slot_microseconds += row[23]

    def idle(self, rows: Iterable[Row]) -> None:
        """Add rows of the idle table, all of its columns."""
        for row in rows:
            sums = self._idle.setdefault((_hour(row[3] // HOUR), row[1]), [0, 0, 0, _NOTHING])
            sums[0] += 1
            sums[2] += row[6]
            if row[7] is not None:
                sums[1] += 1
                sums[3] = EXACT.add(sums[3], Decimal(row[7]))

    def write(self, connection: sqlite3.Connection) -> None:
        """Into the tables, within the caller's transaction."""
        if self._cells:
            connection.executemany(_ADD_RECORDS, list(self._record_sums(connection)))
        if self._idle:
            connection.executemany(_ADD_IDLE, list(self._idle_sums()))

    def _record_sums(self, connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
        for (hour, *group), cell in self._cells.items():
            start = _hour(hour)
            id_ = _group_id(connection, group)
            values = cell.values()
            yield (HOUR, start, id_, *values)
            yield (DAY, start - start % DAY, id_, *values)

    def _idle_sums(self) -> Iterator[tuple[Any, ...]]:
        for (start, model), (*counts, cost) in self._idle.items():
            yield (HOUR, start, model, *counts, _as_text(cost))
            yield (DAY, start - start % DAY, model, *counts, _as_text(cost))


def _hour(number: float) -> int:
    """The hour's start in Unix seconds."""
    return int(max(-_FARTHEST_HOUR, min(_FARTHEST_HOUR, number))) * HOUR


def _as_text(amount: Decimal) -> str:
    if not is_addable(amount):
        raise decimal.InvalidOperation(f"{amount} cannot be added up")
    return str(amount)


def _group_id(connection: sqlite3.Connection, group: list[Any]) -> int:
    """The id of route, key, model, tenure, label, simulated and class of status, which is new at times.

    A column that holds all of them is looked up, because NULLs are never equal in an index.
    """
    simulated = bool(group[5])
    name = msgspec.json.encode([*group[:5], simulated, group[6]]).decode()
    found = connection.execute("SELECT id FROM sum_groups WHERE name = ?", (name,)).fetchone()
    if found is not None:
        return int(found[0])
    cursor = connection.execute(
        "INSERT INTO sum_groups (name, route, key, model, tenure, label, simulated, status_class)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (name, *group[:5], simulated, group[6]),
    )
    return int(cursor.lastrowid or 0)


def build(connection: sqlite3.Connection, tell: Callable[[int, int], None]) -> None:
    """Add up all rows that there are, into empty tables; `tell` hears how many of how many are done."""
    newest = connection.execute("SELECT ifnull(max(id), 0) FROM records").fetchone()[0]
    for rows in _pieces(connection, _RECORDS_TO_ADD):
        additions = Additions()
        additions.records(rows)
        additions.write(connection)
        tell(rows[-1][0], newest)
    for rows in _pieces(connection, _IDLE_TO_ADD):
        additions = Additions()
        additions.idle(rows)
        additions.write(connection)


def _pieces(connection: sqlite3.Connection, sql: str) -> Iterator[list[Row]]:
    after = -(2**63)
    while rows := connection.execute(sql, (after, _ROWS_AT_ONCE)).fetchall():
        yield rows
        after = rows[-1][0]
