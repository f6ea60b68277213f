"""Sums of rows that are not there any more, carried from an earlier ledger into one made anew.

Does not know how the earlier one was read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from freehold.ledger.amounts import EXACT
from freehold.ledger.differences import ADD_DIFFERENCE
from freehold.ledger.groups import DAY, HOUR, group_id
from freehold.ledger.rollups import ADD_IDLE, ADD_RECORDS, COUNTS

Cell = Mapping[str, Any]


def carry_over(connection: sqlite3.Connection, earlier: Mapping[str, Sequence[Cell]]) -> tuple[int, Decimal]:
    """Keep what earlier roll-ups counted beyond the rows that there are: rows that were removed, or lost.

    Takes the earlier tables by name, as far as they could be read; returns the highest id that they know and
    the real money of rows that are neither here nor removed.
    """
    groups = {group["id"]: group for group in earlier["sum_groups"]}
    removed = connection.execute("SELECT ifnull(max(records_to), 0) FROM removals").fetchone()[0]
    newest, lost = 0, Decimal(0)
    for cell in earlier["sums"]:
        group = groups.get(cell["group_id"])
        if group is None or cell["span"] != HOUR:
            continue
        newest = max(newest, cell["last_id"])
        usd = _keep_records(connection, cell, group)
        if not group["simulated"] and cell["last_id"] > removed:
            lost = EXACT.add(lost, usd)
    for cell in earlier["idle_sums"]:
        if cell["span"] == HOUR:
            _keep_idle(connection, cell)
    for cell in earlier["correction_sums"]:
        if cell["span"] == HOUR:
            _keep_corrections(connection, cell)
    return newest, lost


def _keep_records(connection: sqlite3.Connection, cell: Cell, group: Cell) -> Decimal:
    """Add what a cell has beyond the present one; how much money that is."""
    names = (group["route"], group["key"], group["model"], group["tenure"], group["label"])
    id_ = group_id(connection, (*names, group["simulated"], group["status_class"] * 100))
    present = connection.execute(
        f"SELECT {', '.join(COUNTS)}, cost_usd, held_usd FROM sums"  # noqa: S608  names of the roll-ups
        " WHERE span = ? AND start = ? AND group_id = ?",
        (HOUR, cell["start"], id_),
    ).fetchone() or (*[0] * len(COUNTS), "0", "0")
    if cell["requests"] <= present[0]:
        return Decimal(0)
    more = [cell[name] - now for name, now in zip(COUNTS, present, strict=False)]
    cost = _minus(cell["cost_usd"], present[-2])
    rest = (cell["first_id"], cell["last_id"], *more, str(cost), str(_minus(cell["held_usd"], present[-1])))
    for span, start in _spans(cell):
        connection.execute(ADD_RECORDS, (span, start, id_, *rest))
    return cost


def _keep_idle(connection: sqlite3.Connection, cell: Cell) -> None:
    present = connection.execute(
        "SELECT pieces, known_cost, slot_microseconds, cost_usd FROM idle_sums"
        " WHERE span = ? AND start = ? AND model = ?",
        (HOUR, cell["start"], cell["model"]),
    ).fetchone() or (0, 0, 0, "0")
    names = ("pieces", "known_cost", "slot_microseconds")
    more = [cell[name] - now for name, now in zip(names, present, strict=False)]
    if more[0] > 0:
        cost = str(_minus(cell["cost_usd"], present[3]))
        for span, start in _spans(cell):
            connection.execute(ADD_IDLE, (span, start, cell["model"], *more, cost))


def _keep_corrections(connection: sqlite3.Connection, cell: Cell) -> None:
    present = connection.execute(
        "SELECT requests, difference_usd FROM correction_sums WHERE span = ? AND start = ?",
        (HOUR, cell["start"]),
    ).fetchone() or (0, "0")
    more = cell["requests"] - present[0]
    if more > 0:
        difference = str(_minus(cell["difference_usd"], present[1]))
        for span, start in _spans(cell):
            connection.execute(ADD_DIFFERENCE, (span, start, more, difference))


def _spans(cell: Cell) -> tuple[tuple[int, int], tuple[int, int]]:
    start = cell["start"]
    return (HOUR, start), (DAY, start - start % DAY)


def _minus(one: str, other: str) -> Decimal:
    return EXACT.subtract(Decimal(one), Decimal(other))
