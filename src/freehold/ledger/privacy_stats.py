"""Sums about what is private: which route's requests went where under which label, and what was found.

Read from the roll-ups, in whole hours. Does not know who keeps them, nor what a type means.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from freehold.ledger.groups import HOUR
from freehold.ledger.labels import LABELS, rank
from freehold.ledger.pieces import Piece, pieces
from freehold.ledger.private_sums import LOOKED

_MOST_ABOVE = 100


class Flow(msgspec.Struct, frozen=True):
    """Requests of one route and label that one model answered.

    `route` is `None` for requests that named a model, or nothing known; `label` where nobody looked, or the
    request failed before; `model` and `tenure` where nobody answered.
    """

    route: str | None
    label: str | None
    model: str | None
    tenure: str | None
    simulated: bool
    requests: int


class SentTo(msgspec.Struct, frozen=True):
    """Attempts by which something left, alike in everything that a permit says."""

    model: str
    tenure: str
    destination: str
    region: str | None
    label: str
    clearance: str
    attempts: int

    @property
    def is_above(self) -> bool:
        """Whether the destination was cleared for less than it received."""
        return rank(self.label) > rank(self.clearance)


class Found(msgspec.Struct, frozen=True):
    """`requests` in which `values` of a type were found, the latest at `last_at`, Unix seconds."""

    type: str
    requests: int
    values: int
    last_at: float


class PrivacyStats(msgspec.Struct, frozen=True, kw_only=True):
    """What began from `since` on, the beginning of an hour; `None` is the ledger's beginning.

    `looked` counts the requests that were looked through, the latest at `looked_at`. `found_before` are the
    types that were found in the range of the same length before. `last_found` is when a type was found last,
    ever.
    """

    since: float | None
    flows: tuple[Flow, ...]
    sent: tuple[SentTo, ...]
    looked: int
    looked_at: float | None
    found: tuple[Found, ...]
    found_before: frozenset[str]
    last_found: dict[str, float]


class Above(msgspec.Struct, frozen=True):
    """An attempt that sent something to where it should not have gone."""

    request_id: str
    at: float
    route: str | None
    model: str
    destination: str
    label: str
    clearance: str


def privacy_stats(
    connection: sqlite3.Connection, since: float | None, now: float, route: str | None = None
) -> PrivacyStats:
    """Add up what began from the hour of `since` on; of one `route`, but for what was found.

    Wants one snapshot.
    """
    start = None if since is None else since // HOUR * HOUR
    found_pieces = pieces(start, None)
    found = {one.type: one for one in _found(connection, found_pieces)}
    looked = found.pop(LOOKED, None)
    before = [] if start is None else _found(connection, pieces(start - (now - start) // HOUR * HOUR, start))
    return PrivacyStats(
        since=start,
        flows=_flows(connection, found_pieces, route),
        sent=_sent(connection, found_pieces, route),
        looked=0 if looked is None else looked.requests,
        looked_at=None if looked is None else looked.last_at,
        found=tuple(found.values()),
        found_before=frozenset(one.type for one in before if one.type != LOOKED),
        last_found=dict(connection.execute(_LAST, (LOOKED,)).fetchall()),
    )


def above_clearance(connection: sqlite3.Connection, since: float | None) -> list[Above]:
    """The attempts that were sent above the clearance, newest first, at most 100.

    Reads rows: ask only where `SentTo.is_above` says that there are some.
    """
    rows = connection.execute(_ABOVE, (since, *LABELS, _MOST_ABOVE)).fetchall()
    return [Above(*row) for row in rows]


def _flows(connection: sqlite3.Connection, found: list[Piece], route: str | None) -> tuple[Flow, ...]:
    sums: dict[tuple[Any, ...], int] = {}
    for piece in found:
        for *group, number in connection.execute(_OF_FLOWS, (piece.span, piece.start, piece.end, route)):
            sums[tuple(group)] = sums.get(tuple(group), 0) + number
    return tuple(
        Flow(route, label, model, tenure, bool(simulated), number)
        for (route, label, model, tenure, simulated), number in sorted(sums.items(), key=_in_order)
    )


def _sent(connection: sqlite3.Connection, found: list[Piece], route: str | None) -> tuple[SentTo, ...]:
    sums: dict[tuple[Any, ...], int] = {}
    for piece in found:
        for *group, number in connection.execute(_OF_SENT, (piece.span, piece.start, piece.end, route)):
            sums[tuple(group)] = sums.get(tuple(group), 0) + number
    return tuple(
        SentTo(model, tenure, destination, region or None, label, clearance, number)
        for (model, tenure, destination, region, label, clearance), number in sorted(sums.items())
    )


def _found(connection: sqlite3.Connection, found: list[Piece]) -> list[Found]:
    sums: dict[str, Found] = {}
    for piece in found:
        for row in connection.execute(_OF_FOUND, (piece.span, piece.start, piece.end)):
            one = Found(*row)
            earlier = sums.get(one.type)
            if earlier is not None:
                one = Found(
                    one.type,
                    earlier.requests + one.requests,
                    earlier.values + one.values,
                    max(earlier.last_at, one.last_at),
                )
            sums[one.type] = one
    return sorted(sums.values(), key=lambda one: one.type)


def _in_order(item: tuple[tuple[Any, ...], int]) -> list[Any]:
    """By route, from the least private label, by model; the nameless last."""
    (route, label, model, *rest), _ = item
    return [route is None, route or "", rank(label), model is None, model or "", *map(str, rest)]


# Each takes the span, the start and the end of a piece.
_OF_FLOWS = """
SELECT route, label, model, tenure, simulated, sum(requests)
FROM sums JOIN sum_groups ON sum_groups.id = group_id
WHERE span = ?1 AND start >= ?2 AND start < ?3 AND (?4 IS NULL OR ifnull(route, '-') = ?4)
GROUP BY route, label, model, tenure, simulated
"""
_OF_SENT = """
SELECT model, tenure, destination, region, label, clearance, sum(attempts) FROM sent_sums
WHERE span = ?1 AND start >= ?2 AND start < ?3 AND (?4 IS NULL OR ifnull(nullif(route, ''), '-') = ?4)
GROUP BY model, tenure, destination, region, label, clearance
"""
_OF_FOUND = """
SELECT type, sum(requests), sum(found), max(last_at) FROM found_sums
WHERE span = ?1 AND start >= ?2 AND start < ?3 GROUP BY type
"""
_LAST = "SELECT type, max(last_at) FROM found_sums WHERE span = 86400 AND type != ? GROUP BY type"
_RANK = "CASE {} WHEN ?2 THEN 0 WHEN ?3 THEN 1 WHEN ?4 THEN 2 WHEN ?5 THEN 3 ELSE 4 END"
_ABOVE = f"""
SELECT request_id, at, route, json_extract(value, '$.model') AS model,
    json_extract(value, '$.sent.destination') AS destination,
    json_extract(value, '$.sent.label') AS sent_label, json_extract(value, '$.sent.clearance') AS clearance
FROM records, json_each(records.attempts)
WHERE (?1 IS NULL OR at >= ?1) AND destination IS NOT NULL
    AND {_RANK.format("sent_label")} > {_RANK.format("clearance")}
ORDER BY records.id DESC LIMIT ?6
"""  # noqa: S608  from above
