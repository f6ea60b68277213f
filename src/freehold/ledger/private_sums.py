"""What was sent where under which label, and what detectors found: added up by hour and by day.

Beside the roll-ups of `rollups`, in the same commits, so that a page need not read rows. Counts alone: no
value, no digest. Does not know labels' order, or what a type means.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from freehold.ledger.groups import DAY, HOUR, hour_start

TABLES = """
CREATE TABLE sent_sums (
    span INTEGER NOT NULL,
    start INTEGER NOT NULL,
    route TEXT NOT NULL,
    model TEXT NOT NULL,
    tenure TEXT NOT NULL,
    destination TEXT NOT NULL,
    region TEXT NOT NULL,
    label TEXT NOT NULL,
    clearance TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (span, start, route, model, tenure, destination, region, label, clearance)
) WITHOUT ROWID;
CREATE TABLE found_sums (
    span INTEGER NOT NULL,
    start INTEGER NOT NULL,
    type TEXT NOT NULL,
    requests INTEGER NOT NULL,
    found INTEGER NOT NULL,
    last_at REAL NOT NULL,
    PRIMARY KEY (span, start, type)
) WITHOUT ROWID;
"""

LOOKED = ""
"""Stands for a type in `found_sums`: the requests that were looked through, whatever was found."""

SENT = (
    *("span", "start", "route", "model", "tenure", "destination", "region", "label", "clearance"),
    "attempts",
)
FOUND = ("span", "start", "type", "requests", "found", "last_at")

_ADD_SENT = f"""
INSERT INTO sent_sums ({", ".join(SENT)}) VALUES ({", ".join("?" * len(SENT))})
ON CONFLICT DO UPDATE SET attempts = attempts + excluded.attempts
"""  # noqa: S608  names from this file only
_ADD_FOUND = f"""
INSERT INTO found_sums ({", ".join(FOUND)}) VALUES ({", ".join("?" * len(FOUND))})
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, found = found + excluded.found,
    last_at = max(last_at, excluded.last_at)
"""  # noqa: S608  names from this file only
_ROWS = "SELECT id, at, route, attempts, found FROM records WHERE id > ? ORDER BY id LIMIT ?"
_ROWS_AT_ONCE = 20_000
# Where `id` and `RECORD_COLUMNS` have what is added up.
_AT, _ROUTE, _ATTEMPTS, _FOUND = 2, 4, 19, 28
_NOTHING_SENT = "[]"


class _Permit(msgspec.Struct, frozen=True, gc=False):
    destination: str
    label: str
    clearance: str
    region: str | None = None


class _Attempt(msgspec.Struct, frozen=True, gc=False):
    model: str
    tenure: str
    sent: _Permit | None = None


_attempts = msgspec.json.Decoder(tuple[_Attempt, ...])
_found = msgspec.json.Decoder(dict[str, int])


class PrivateAdditions:
    """What the rows of one commit add: first `records`, then `write`."""

    def __init__(self) -> None:
        self._sent: defaultdict[tuple[Any, ...], int] = defaultdict(int)
        self._found: dict[tuple[int, str], list[float]] = {}

    def records(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows of `id` and `RECORD_COLUMNS`."""
        for row in rows:
            self.add(row[_AT], row[_ROUTE], row[_ATTEMPTS], row[_FOUND])

    def add(self, at: float, route: str | None, attempts: str, found: str | None) -> None:
        """One record. Raises `msgspec.DecodeError` for what no Freehold wrote."""
        start = hour_start(at // HOUR)
        if attempts != _NOTHING_SENT:
            for attempt in _attempts.decode(attempts):
                sent = attempt.sent
                if sent is not None:
                    region = sent.region or ""
                    place = (attempt.model, attempt.tenure, sent.destination, region)
                    self._sent[start, route or "", *place, sent.label, sent.clearance] += 1
        if found is not None:
            self._count(start, LOOKED, 0, at)
            for type_, number in _found.decode(found).items():
                self._count(start, type_, number, at)

    def _count(self, start: int, type_: str, number: int, at: float) -> None:
        sums = self._found.get((start, type_))
        if sums is None:
            self._found[start, type_] = [1, number, at]
        else:
            sums[0] += 1
            sums[1] += number
            sums[2] = max(sums[2], at)

    def write(self, connection: sqlite3.Connection) -> None:
        """Into the tables, within the caller's transaction."""
        if self._sent:
            connection.executemany(
                _ADD_SENT,
                [
                    (span, start - start % span, *group, number)
                    for (start, *group), number in self._sent.items()
                    for span in (HOUR, DAY)
                ],
            )
        if self._found:
            connection.executemany(
                _ADD_FOUND,
                [
                    (span, start - start % span, type_, *sums)
                    for (start, type_), sums in self._found.items()
                    for span in (HOUR, DAY)
                ],
            )


def build_private(connection: sqlite3.Connection, tell: Callable[[int, int], None]) -> None:
    """Add up all rows that there are, into empty tables; `tell` hears how many of how many are done."""
    newest = connection.execute("SELECT ifnull(max(id), 0) FROM records").fetchone()[0]
    after = -(2**63)
    while rows := connection.execute(_ROWS, (after, _ROWS_AT_ONCE)).fetchall():
        additions = PrivateAdditions()
        for _, *row in rows:
            try:
                additions.add(*row)
            except msgspec.DecodeError:
                continue  # nothing that was sent or found can be read there
        additions.write(connection)
        after = rows[-1][0]
        tell(after, newest)


def carry_private(
    connection: sqlite3.Connection, sent: list[tuple[Any, ...]], found: list[tuple[Any, ...]]
) -> None:
    """Take over what was added up of rows that were removed for their age, from the tables of before."""
    before = connection.execute("SELECT max(before) FROM removals").fetchone()[0]
    if before is None:
        return
    for sql, old in ((_ADD_SENT, sent), (_ADD_FOUND, found)):
        gone = [row for row in old if row[0] + row[1] <= before]
        connection.executemany(sql, gone)
