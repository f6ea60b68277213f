"""Corrections as rows beside the records, and what they add to the roll-ups. `corrections` appends them.

A correction holds the new cost; the latest one counts. What it changes in the sums is the difference to the
cost that counted before, so that the sums are those of the rows at every moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from freehold.ledger.amounts import EXACT, amount_text
from freehold.ledger.groups import DAY, HOUR, group_id, hour_start

# `corrected` has the columns of `records`, with the cost that counts, what it was when it was written, and
# the event of the latest correction.
TABLES = """
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,
    record_id INTEGER NOT NULL,
    cost_usd TEXT NOT NULL,
    event_id INTEGER NOT NULL
);
CREATE INDEX corrections_record_id ON corrections (record_id, id);
CREATE TRIGGER corrections_update BEFORE UPDATE ON corrections BEGIN
    SELECT RAISE(ABORT, 'corrections is append-only'); END;
CREATE TRIGGER corrections_delete BEFORE DELETE ON corrections
WHEN OLD.record_id > ifnull((SELECT max(records_to) FROM removals), 0) BEGIN
    SELECT RAISE(ABORT, 'corrections is append-only'); END;
CREATE TABLE correction_sums (
    span INTEGER NOT NULL,
    start INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    difference_usd TEXT NOT NULL,
    PRIMARY KEY (span, start)
) WITHOUT ROWID;
CREATE VIEW corrected AS SELECT
    id, request_id, at, endpoint, route, key, model, tenure, provider, upstream_model, status, stream, label,
    input_tokens, output_tokens, cached_tokens, reasoning_tokens,
    ifnull((SELECT new.cost_usd FROM corrections AS new WHERE new.record_id = records.id
            ORDER BY new.id DESC LIMIT 1), cost_usd) AS cost_usd,
    simulated, attempts, reason, seconds, ttft_seconds, slot_microseconds, error, held_usd,
    subject, conversation, found, cost_usd AS original_cost_usd,
    (SELECT new.event_id FROM corrections AS new WHERE new.record_id = records.id
     ORDER BY new.id DESC LIMIT 1) AS corrected_by
FROM records;
"""

# The view again, with the column that came after it.
SPANS_IN_VIEW = f"""
DROP VIEW corrected;
{TABLES[TABLES.index("CREATE VIEW") :].replace(" found,", " found, spans,")}"""

_PLACES = "id, at, route, key, model, tenure, label, simulated, status, held_usd"
_COUNTS_NOW = f"SELECT {_PLACES}, cost_usd, corrected_by FROM corrected WHERE request_id = ?"  # noqa: S608  names from above
_COUNTED = f"""
SELECT {_PLACES}, original_cost_usd, cost_usd FROM corrected WHERE corrected_by IS NOT NULL
"""  # noqa: S608  names from above
_ADD = """
UPDATE sums SET known_cost = known_cost + ?, cost_usd = exact_add(cost_usd, ?),
    held_usd = exact_add(held_usd, ?)
WHERE span = ? AND start = ? AND group_id = ?
"""
ADD_DIFFERENCE = """
INSERT INTO correction_sums (span, start, requests, difference_usd) VALUES (?, ?, ?, ?)
ON CONFLICT (span, start) DO UPDATE SET requests = requests + excluded.requests,
    difference_usd = exact_add(difference_usd, excluded.difference_usd)
"""
_SIMULATED = 7  # in `_PLACES`
_NOTHING = Decimal(0)

Row = tuple[Any, ...]


class Differences:
    """What some corrections change, by the hour and group of their records: first `add`, then `write`."""

    def __init__(self) -> None:
        self._cells: dict[Row, list[Any]] = {}

    def add(self, row: Row, old: Decimal | None, new: Decimal, *, first: bool) -> None:
        """A record (`_PLACES`) that counted as `old` counts as `new`; `first`: it was never corrected."""
        _, at, *group, status, held = row
        cell = self._cells.setdefault((at // HOUR, *group, status), [0, 0, _NOTHING, _NOTHING])
        cell[0] += first
        cell[1] += old is None
        cell[2] = EXACT.add(cell[2], new if old is None else EXACT.subtract(new, old))
        if old is None and held is not None:  # budgets counted it by what was held
            cell[3] = EXACT.subtract(cell[3], Decimal(held))

    def write(self, connection: sqlite3.Connection) -> None:
        """Into the tables, within the caller's transaction."""
        for (hour, *group), (requests, known, cost, held) in self._cells.items():
            start, id_ = hour_start(hour), group_id(connection, tuple(group))
            for span, begins in ((HOUR, start), (DAY, start - start % DAY)):
                amounts = amount_text(cost), amount_text(held)
                connection.execute(_ADD, (known, *amounts, span, begins, id_))
                connection.execute(ADD_DIFFERENCE, (span, begins, requests, amounts[0]))


def correct_one(
    connection: sqlite3.Connection,
    differences: Differences,
    request_id: str,
    cost_usd: Decimal,
    event_id: int,
) -> bool:
    """Append one correction, if it changes anything and the record is still there. Whether it did.

    Simulated costs are no money, and stay.
    """
    row = connection.execute(_COUNTS_NOW, (request_id,)).fetchone()
    if row is None:
        return False
    *place, text, corrected_by = row
    old = None if text is None else Decimal(text)
    if old == cost_usd or place[_SIMULATED]:
        return False
    connection.execute(
        "INSERT INTO corrections (record_id, cost_usd, event_id) VALUES (?, ?, ?)",
        (place[0], amount_text(cost_usd), event_id),
    )
    differences.add(tuple(place), old, cost_usd, first=corrected_by is None)
    return True


def add_all(connection: sqlite3.Connection) -> None:
    """What all corrections that there are add to roll-ups of the records as they were written."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'corrections'").fetchone():
        return  # an older ledger on its way up
    connection.execute("DELETE FROM correction_sums")
    differences = Differences()
    for row, old, new in _counted(connection):
        differences.add(row, old, new, first=True)
    differences.write(connection)


def _counted(connection: sqlite3.Connection) -> Iterator[tuple[Row, Decimal | None, Decimal]]:
    for *place, old, new in connection.execute(_COUNTED):
        yield tuple(place), None if old is None else Decimal(old), Decimal(new)
