"""What left the house, counted from the leaves of the log: rows may be gone for their age, leaves never are.

Does not verify the log; see `verifying`.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from freehold.ledger.events import events
from freehold.ledger.labels import LABELS, rank
from freehold.ledger.leaves import EventLeaf, Leaf, RecordLeaf, SentLeaf, read_leaf
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import damage_named, visit

ERRAND = "egress.sent"
"""The kind of the event that says what was sent on nobody's request, and by which permit."""

_PERSONAL = LABELS.index("personal")


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """What went to one destination: how often, and how often with a label of personal or above.

    `above_clearance` counts what it should not have received. `clearances` are those that it was given.
    """

    destination: str
    region: str | None
    models: tuple[str, ...]
    clearances: tuple[str, ...]
    attempts: int
    personal: int
    above_clearance: int


class RouteCount(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of one route by label; `None` is the route of requests that named a model."""

    route: str | None
    requests: int
    labels: dict[str, int]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """`personal` requests have a label of personal or above.

    `unscanned` ones were sent without a look, to whom may receive everything: the permit took them for
    secret. `unlabelled` ones failed before they had a label. Of `left` requests something was sent, of some
    more than once; `errands` were sent on nobody's request.
    """

    requests: int
    personal: int
    unscanned: int
    unlabelled: int
    above_clearance: int
    left: int
    errands: int
    destinations: tuple[Destination, ...]
    routes: tuple[RouteCount, ...]


class _Tally:
    def __init__(self) -> None:
        self.attempts = self.personal = self.above = 0
        self.models: set[str] = set()
        self.clearances: set[str] = set()

    def add(self, leaf: SentLeaf, times: int) -> None:
        self.attempts += times
        self.personal += is_personal(leaf.label) * times
        self.above += is_above(leaf) * times
        self.models.add(leaf.model)
        self.clearances.add(leaf.clearance)


def outgoing(path: Path, since: float | None = None, until: float | None = None) -> Outgoing:
    """Count what began in [`since`, `until`), Unix seconds. An attempt counts with when it began itself."""
    LedgerReader.open(path).close()  # brings the tables up to date
    routes: dict[str | None, dict[str, int]] = {}
    places: dict[tuple[str, str | None], _Tally] = {}
    left: set[str] = set()
    without: str | None = None  # the latest request without a label; its attempts follow it
    unscanned = errands = 0
    connection = visit(path)
    try:
        with damage_named(path):
            for (leaf,) in connection.execute("SELECT leaf FROM log ORDER BY id"):
                said: Leaf | None = read_leaf(leaf)
                times = 1
                if isinstance(said, EventLeaf) and said.name == ERRAND:
                    said, times = _errand(connection, said)
                if not isinstance(said, RecordLeaf | SentLeaf) or not _within(said.at, since, until):
                    continue
                if isinstance(said, SentLeaf):
                    places.setdefault((said.destination, said.region), _Tally()).add(said, times)
                    if said.request:
                        left.add(said.request)
                    else:
                        errands += times
                    if said.request == without:
                        unscanned += 1
                        without = None
                else:
                    without = said.request if said.label is None else None
                    labels = routes.setdefault(said.route, {})
                    word = said.label or "none"
                    labels[word] = labels.get(word, 0) + 1
    finally:
        connection.close()
    return _summed(routes, places, len(left), errands, unscanned)


def _errand(connection: sqlite3.Connection, leaf: EventLeaf) -> tuple[SentLeaf | None, int]:
    """What was sent on nobody's request, by its event, and how often; what sent it stands for the model."""
    found = events(connection, ERRAND, leaf.event - 1)
    if not found or found[0].id != leaf.event:
        return None, 0
    body = found[0].body
    sent = SentLeaf(
        request="",
        attempt=0,
        at=leaf.at,
        model=f"({body['policy']})",
        destination=body["destination"],
        region=body["region"],
        label=body["label"],
        clearance=body["clearance"],
        policy=body["policy"],
        body="",
    )
    return sent, len(body.get("digests", (1,)))


def is_personal(label: str | None) -> bool:
    """Personal or above; a word that is none of ours counts as the highest."""
    return label is not None and rank(label) >= _PERSONAL


def is_above(leaf: SentLeaf) -> bool:
    return rank(leaf.label) > rank(leaf.clearance)


def _within(at: float, since: float | None, until: float | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _by_place(item: tuple[tuple[str, str | None], _Tally]) -> tuple[str, str]:
    (destination, region), _ = item
    return destination, region or ""


def _summed(
    routes: dict[str | None, dict[str, int]],
    places: dict[tuple[str, str | None], _Tally],
    left: int,
    errands: int,
    unscanned: int,
) -> Outgoing:
    counts = [(word, count) for labels in routes.values() for word, count in labels.items()]
    return Outgoing(
        requests=sum(count for _, count in counts),
        personal=sum(count for word, count in counts if word != "none" and is_personal(word)),
        unscanned=unscanned,
        unlabelled=sum(count for word, count in counts if word == "none") - unscanned,
        above_clearance=sum(tally.above for tally in places.values()),
        left=left,
        errands=errands,
        destinations=tuple(
            Destination(
                destination=destination,
                region=region,
                models=tuple(sorted(tally.models)),
                clearances=tuple(sorted(tally.clearances, key=rank)),
                attempts=tally.attempts,
                personal=tally.personal,
                above_clearance=tally.above,
            )
            for (destination, region), tally in sorted(places.items(), key=_by_place)
        ),
        routes=tuple(
            RouteCount(route=route, requests=sum(labels.values()), labels=dict(sorted(labels.items())))
            for route, labels in sorted(routes.items(), key=lambda item: (item[0] is None, item[0] or ""))
        ),
    )
