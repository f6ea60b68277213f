"""Sums over records, exact to the last digit: every total and every breakdown is a sum of the same cells.

Read from the roll-ups, and at the broken hours of a range from the rows. Does not know who keeps either.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from freehold.ledger.amounts import EXACT, exact_sum
from freehold.ledger.groups import HOUR
from freehold.ledger.pieces import Piece, pieces


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Requests added up.

    `requests` counts all, the simulated ones included; `ok` are those with a status below 400. `cost_usd` is
    real money alone, over the records whose cost is known; `unknown_cost_requests` counts the real ones whose
    cost is not. Token sums cover the records with usage; `unknown_usage_requests` counts the others.
    """

    requests: int = 0
    ok: int = 0
    errors: int = 0
    unknown_usage_requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unknown_cost_requests: int = 0
    simulated_requests: int = 0
    simulated_cost_usd: Decimal = Decimal(0)
    simulated_unknown_cost_requests: int = 0


class ModelSums(Sums, frozen=True, kw_only=True):
    """Of one model; `model` is `None` for requests that no model answered."""

    model: str | None
    tenure: str | None


class RouteSums(Sums, frozen=True, kw_only=True):
    """Of one route; `route` is `None` for requests that named a model, or nothing known."""

    route: str | None


class IdleSums(msgspec.Struct, frozen=True, kw_only=True):
    """Unused slot time of one owned model."""

    model: str
    slot_microseconds: int
    cost_usd: Decimal
    unknown_cost_rows: int


class Stats(Sums, frozen=True, kw_only=True):
    """The whole: `by_model` and `by_route` each add up to it. `by_status` is keyed `2xx`, `4xx` and so on.

    `since` and `until` are the bounds that were counted. Where rows were removed a bound within an hour
    takes in the whole hour, for nothing finer is left: from `rows_removed_before` on there are rows.
    `original_cost_usd` is what `cost_usd` was before `repriced_requests` got another price.
    """

    since: float | None = None
    until: float | None = None
    rows_removed_before: float | None = None
    by_status: dict[str, int]
    by_model: tuple[ModelSums, ...]
    by_route: tuple[RouteSums, ...]
    idle: tuple[IdleSums, ...]
    idle_cost_usd: Decimal
    unknown_idle_cost_rows: int
    repriced_requests: int
    original_cost_usd: Decimal


class _Cell(msgspec.Struct, frozen=True):
    """Records of one route, model, kind of money and class of status."""

    route: str | None
    model: str | None
    tenure: str | None
    simulated: int
    status_class: int
    requests: int
    known_usage: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    known_cost: int
    cost_usd: Decimal


def compute(connection: sqlite3.Connection, since: float | None, until: float | None) -> Stats:
    """Sum up what began in [`since`, `until`), in Unix seconds; `None` is no bound. Wants one snapshot."""
    removed_before = connection.execute("SELECT max(before) FROM removals").fetchone()[0]
    if removed_before is not None:
        since, until = _countable(connection, since, down=True), _countable(connection, until, down=False)
    found = pieces(since, until)
    cells = _cells(connection, found)
    idle = _idle(connection, found)
    repriced, difference = _repriced(connection, found)
    sums = _sums(cells)
    by_status: dict[str, int] = {}
    for cell in cells:
        name = f"{cell.status_class}xx"
        by_status[name] = by_status.get(name, 0) + cell.requests
    return Stats(
        **sums,
        repriced_requests=repriced,
        original_cost_usd=EXACT.subtract(sums["cost_usd"], difference),
        since=since,
        until=until,
        rows_removed_before=removed_before,
        by_status=dict(sorted(by_status.items())),
        by_model=tuple(
            ModelSums(model=model, tenure=tenure, **_sums(group))
            for (model, tenure), group in _groups(cells, lambda cell: (cell.model, cell.tenure))
        ),
        by_route=tuple(
            RouteSums(route=route, **_sums(group))
            for (route,), group in _groups(cells, lambda cell: (cell.route,))
        ),
        idle=idle,
        idle_cost_usd=exact_sum(row.cost_usd for row in idle),
        unknown_idle_cost_rows=sum(row.unknown_cost_rows for row in idle),
    )


def _countable(connection: sqlite3.Connection, bound: float | None, *, down: bool) -> float | None:
    """The bound, or the edge of its hour where rows of that hour are missing."""
    if bound is None or math.isinf(bound) or bound % HOUR == 0:
        return bound
    start = bound // HOUR * HOUR
    for sums, rows in (
        ("SELECT sum(requests) FROM sums WHERE span = 3600 AND start = ?", "records WHERE at"),
        ("SELECT sum(pieces) FROM idle_sums WHERE span = 3600 AND start = ?", "idle WHERE from_at"),
    ):
        counted = connection.execute(sums, (start,)).fetchone()[0] or 0
        there = f"SELECT count(*) FROM {rows} >= ?1 AND {rows.split()[-1]} < ?1 + 3600"  # noqa: S608  from above
        if counted != connection.execute(there, (start,)).fetchone()[0]:
            return start if down else start + HOUR
    return bound


def _sums(cells: list[_Cell]) -> dict[str, Any]:
    real = [cell for cell in cells if not cell.simulated]
    simulated = [cell for cell in cells if cell.simulated]
    return {
        "requests": sum(cell.requests for cell in cells),
        "ok": sum(cell.requests for cell in cells if cell.status_class < 4),
        "errors": sum(cell.requests for cell in cells if cell.status_class >= 4),
        "unknown_usage_requests": sum(cell.requests - cell.known_usage for cell in cells),
        "input_tokens": sum(cell.input_tokens for cell in cells),
        "cached_tokens": sum(cell.cached_tokens for cell in cells),
        "output_tokens": sum(cell.output_tokens for cell in cells),
        "reasoning_tokens": sum(cell.reasoning_tokens for cell in cells),
        "cost_usd": exact_sum(cell.cost_usd for cell in real),
        "unknown_cost_requests": sum(cell.requests - cell.known_cost for cell in real),
        "simulated_requests": sum(cell.requests for cell in simulated),
        "simulated_cost_usd": exact_sum(cell.cost_usd for cell in simulated),
        "simulated_unknown_cost_requests": sum(cell.requests - cell.known_cost for cell in simulated),
    }


def _groups(
    cells: list[_Cell], key: Callable[[_Cell], tuple[str | None, ...]]
) -> list[tuple[tuple[str | None, ...], list[_Cell]]]:
    """Cells by key, the named ones in order and the nameless last."""
    groups: dict[tuple[str | None, ...], list[_Cell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return sorted(groups.items(), key=lambda item: [(part is None, part or "") for part in item[0]])


def _cells(connection: sqlite3.Connection, pieces: Iterable[Piece]) -> list[_Cell]:
    found: list[tuple[Any, ...]] = []
    for piece in pieces:
        sql = _OF_SUMS if piece.span else _OF_ROWS
        found += connection.execute(sql, (piece.span, piece.start, piece.end)).fetchall()
    return [_Cell(*(*row[:-1], Decimal(row[-1]))) for row in found]


def _repriced(connection: sqlite3.Connection, pieces: Iterable[Piece]) -> tuple[int, Decimal]:
    """How many requests have another cost than they were written with, and by how much all together."""
    requests, amounts = 0, []
    for piece in pieces:
        sql = _OF_CORRECTION_SUMS if piece.span else _OF_CORRECTED_ROWS
        for count, new, *old in connection.execute(sql, (piece.span, piece.start, piece.end)):
            requests += count
            amounts += [Decimal(new), *(-Decimal(amount) for amount in old)]
    return requests, exact_sum(amounts)


def _idle(connection: sqlite3.Connection, pieces: Iterable[Piece]) -> tuple[IdleSums, ...]:
    by_model: dict[str, list[tuple[Any, ...]]] = {}
    for piece in pieces:
        sql = _OF_IDLE_SUMS if piece.span else _OF_IDLE_ROWS
        for model, *sums in connection.execute(sql, (piece.span, piece.start, piece.end)):
            by_model.setdefault(model, []).append(tuple(sums))
    return tuple(
        IdleSums(
            model=model,
            slot_microseconds=sum(row[0] for row in rows),
            cost_usd=exact_sum(Decimal(row[1]) for row in rows),
            unknown_cost_rows=sum(row[2] for row in rows),
        )
        for model, rows in sorted(by_model.items())
    )


# Each takes the span (rows have none), the start and the end of a piece.
_OF_SUMS = """
SELECT route, model, tenure, simulated, status_class, sum(requests), sum(known_usage),
       sum(input_tokens), sum(cached_tokens), sum(output_tokens), sum(reasoning_tokens),
       sum(known_cost), exact_sum(cost_usd)
FROM sums JOIN sum_groups ON sum_groups.id = group_id
WHERE span = ?1 AND start >= ?2 AND start < ?3 GROUP BY group_id
"""
_OF_ROWS = """
SELECT route, model, tenure, simulated, status / 100, count(*), count(input_tokens),
       ifnull(sum(input_tokens), 0), ifnull(sum(cached_tokens), 0),
       ifnull(sum(output_tokens), 0), ifnull(sum(reasoning_tokens), 0),
       count(cost_usd), exact_sum(cost_usd)
FROM corrected WHERE ?1 IS NOT NULL AND at >= ?2 AND at < ?3 GROUP BY 1, 2, 3, 4, 5
"""
_OF_CORRECTION_SUMS = """
SELECT ifnull(sum(requests), 0), ifnull(exact_sum(difference_usd), '0')
FROM correction_sums WHERE span = ?1 AND start >= ?2 AND start < ?3
"""
_OF_CORRECTED_ROWS = """
SELECT count(*), ifnull(exact_sum(cost_usd), '0'), ifnull(exact_sum(original_cost_usd), '0')
FROM corrected WHERE ?1 IS NOT NULL AND at >= ?2 AND at < ?3 AND corrected_by IS NOT NULL
"""
_OF_IDLE_SUMS = """
SELECT model, sum(slot_microseconds), exact_sum(cost_usd), sum(pieces - known_cost)
FROM idle_sums WHERE span = ?1 AND start >= ?2 AND start < ?3 GROUP BY model
"""
_OF_IDLE_ROWS = """
SELECT model, sum(slot_microseconds), exact_sum(cost_usd), count(*) - count(cost_usd)
FROM idle WHERE ?1 IS NOT NULL AND from_at >= ?2 AND from_at < ?3 GROUP BY model
"""
