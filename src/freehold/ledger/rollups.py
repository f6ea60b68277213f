"""Roll-ups: what the rows add up to, by hour and by day, written in the commit that writes the rows.

So they are exact at every moment, and stay when rows are removed. Knows rows and their sums; does not know
journals, or what a reader asks of them (see `stats` and `spending`).
"""

from __future__ import annotations

import decimal
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from freehold.ledger.amounts import EXACT, is_addable
from freehold.ledger.differences import add_all
from freehold.ledger.groups import DAY, HOUR, group_id, hour_start

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

COUNTS = (
    "requests",
    "known_usage",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "slot_microseconds",
    "known_cost",
)
ADD_RECORDS = f"""
INSERT INTO sums (span, start, group_id, first_id, last_id, {", ".join(COUNTS)}, cost_usd, held_usd)
VALUES ({", ".join("?" * (7 + len(COUNTS)))})
ON CONFLICT (span, start, group_id) DO UPDATE SET
    first_id = min(first_id, excluded.first_id), last_id = max(last_id, excluded.last_id),
    {", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTS)},
    cost_usd = exact_add(cost_usd, excluded.cost_usd), held_usd = exact_add(held_usd, excluded.held_usd)
"""  # noqa: S608  names from this file only
ADD_IDLE = """
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


class Additions:
    """What the rows of one commit add to the roll-ups: first `records` and `idle`, then `write`.

    Runs for every request: rows are put in heaps, and the heaps added up by functions written in C. An amount
    that is no number raises `decimal.DecimalException` from `write`.
    """

    def __init__(self) -> None:
        self._records: defaultdict[tuple[float, tuple[Any, ...]], list[Row]] = defaultdict(list)
        self._idle: defaultdict[tuple[float, str], list[Row]] = defaultdict(list)

    def records(self, rows: Iterable[Row]) -> None:
        """Add rows of `id` and `RECORD_COLUMNS`."""
        heaps = self._records
        for row in rows:
            heaps[row[_AT] // HOUR, _group(row)].append(row)

    def idle(self, rows: Iterable[Row]) -> None:
        """Add rows of the idle table, all of its columns."""
        for row in rows:
            self._idle[row[3] // HOUR, row[1]].append(row)

    def write(self, connection: sqlite3.Connection) -> None:
        """Into the tables, within the caller's transaction."""
        with decimal.localcontext(EXACT):
            if self._records:
                connection.executemany(ADD_RECORDS, list(self._record_sums(connection)))
            if self._idle:
                connection.executemany(ADD_IDLE, list(self._idle_sums()))

    def _record_sums(self, connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
        for (hour, group), rows in self._records.items():
            start = hour_start(hour)
            id_ = group_id(connection, group)
            sums = _sums(rows)
            yield (HOUR, start, id_, *sums)
            yield (DAY, start - start % DAY, id_, *sums)

    def _idle_sums(self) -> Iterator[tuple[Any, ...]]:
        for (hour, model), rows in self._idle.items():
            start = hour_start(hour)
            costs = [row[7] for row in rows if row[7] is not None]
            sums = (len(rows), len(costs), sum(map(itemgetter(6), rows)), _total(costs))
            yield (HOUR, start, model, *sums)
            yield (DAY, start - start % DAY, model, *sums)


# Where `id` and `RECORD_COLUMNS` have what is added up.
_AT, _STATUS, _INPUT, _OUTPUT, _CACHED, _REASONING, _COST, _SLOT, _HELD = 2, 10, 13, 14, 15, 16, 17, 23, 25
# route, key, model, tenure, label, simulated, status
_group = itemgetter(4, 5, 6, 7, 12, 18, _STATUS)


def _sums(rows: list[Row]) -> tuple[Any, ...]:
    """The values of `ADD_RECORDS` after the group."""
    known = [row for row in rows if row[_INPUT] is not None]
    costs = [row[_COST] for row in rows if row[_COST] is not None]
    held = [row[_HELD] for row in rows if row[_COST] is None and row[_HELD] is not None]
    return (
        rows[0][0],
        rows[-1][0],
        len(rows),
        len(known),
        sum(map(itemgetter(_INPUT), known)),
        sum(map(itemgetter(_OUTPUT), known)),
        sum(filter(None, map(itemgetter(_CACHED), known))),
        sum(filter(None, map(itemgetter(_REASONING), known))),
        sum(filter(None, map(itemgetter(_SLOT), rows))),
        len(costs),
        _total(costs),
        _total(held),
    )


def _total(amounts: list[str]) -> str:
    """Their sum, in the context of the caller, which does not round."""
    total = sum(map(Decimal, amounts), _NOTHING)
    if not is_addable(total):
        raise decimal.InvalidOperation(f"{total} cannot be added up")
    return str(total)


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
    add_all(connection)


def _pieces(connection: sqlite3.Connection, sql: str) -> Iterator[list[Row]]:
    after = -(2**63)
    while rows := connection.execute(sql, (after, _ROWS_AT_ONCE)).fetchall():
        yield rows
        after = rows[-1][0]
