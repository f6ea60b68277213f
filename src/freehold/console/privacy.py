"""What is private: where requests went under which label, what left, what proves it, what detectors found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from freehold.console import flow
from freehold.console.csv_rows import table
from freehold.console.desk import Desk
from freehold.console.detected import Detected, detected
from freehold.console.figures import iso
from freehold.console.label_sums import label_sums
from freehold.console.span import OFFERED, Span, read_span
from freehold.ledger import NONE, Above, LedgerReader, PrivacyStats, Standing, standing

_DEFAULT_SPAN = "7d"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the URL says: since when, and of which route."""

    span: Span
    route: str | None

    @classmethod
    def read(cls, request: Request, now: float) -> Filter:
        """Raises `Refused` (400) for a time that is none."""
        query = request.query_params
        return cls(read_span(query.get("since"), now, default=_DEFAULT_SPAN), query.get("route") or None)

    def query(self, **changes: str | None) -> str:
        """This choice, changed, as a URL's query with its question mark; empty where it is the usual one."""
        since = None if self.span.word == _DEFAULT_SPAN else self.span.word
        said = {"since": since, "route": self.route} | changes
        words = urlencode({name: word for name, word in said.items() if word})
        return f"?{words}" if words else ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the ledger says."""

    stats: PrivacyStats
    above: list[Above]
    standing: Standing


async def page(desk: Desk, request: Request) -> Response:
    now = time.time()
    chosen = Filter.read(request, now)
    seen = await desk.reading.look(lambda reader: _look(reader, chosen, now, desk.view.ledger_path))
    stats = seen.stats
    return desk.show(
        request,
        "privacy.html",
        chosen=chosen,
        spans=OFFERED,
        routes=_with(chosen.route, [*desk.view.settings().routes, NONE]),
        stats=stats,
        since=None if stats.since is None else iso(stats.since)[:16],
        attempts=sum(place.attempts for place in stats.sent),
        rented=sum(place.attempts for place in stats.sent if place.tenure == "rented"),
        above=seen.above,
        above_attempts=sum(place.attempts for place in stats.sent if place.is_above),
        standing=seen.standing,
        drawing=flow.draw(stats.flows),
        geometry=flow,
        labels=label_sums(stats.flows),
        detected=detected(desk.view.detectors(), stats),
        simulated=frozenset(model.name for model in desk.view.models() if model.simulated),
    )


async def flows_csv(desk: Desk, request: Request) -> Response:
    """The table behind the picture."""
    stats = await _stats(desk, request)
    columns = ("route", "label", "model", "tenure", "simulated", "requests")
    rows = [(f.route, f.label, f.model, f.tenure, str(f.simulated).lower(), f.requests) for f in stats.flows]
    return table("flow.csv", columns, rows)


async def sent_csv(desk: Desk, request: Request) -> Response:
    """What left, by everything that a permit says."""
    stats = await _stats(desk, request)
    columns = ("model", "tenure", "destination", "region", "label", "clearance", "above", "attempts")
    rows = [
        (*(getattr(place, name) for name in columns[:6]), str(place.is_above).lower(), place.attempts)
        for place in stats.sent
    ]
    return table("sent.csv", columns, rows)


async def found_csv(desk: Desk, request: Request) -> Response:
    """What detectors found, by type; a type that was looked for and not found has 0."""
    stats = await _stats(desk, request)
    found: list[Detected] = detected(desk.view.detectors(), stats).all
    columns = ("type", "detectors", "raises", "requests", "values", "last_at", "silent")
    rows = [
        (d.type, " ".join(d.by), d.raises, d.requests, d.values, _when(d.last_at), str(d.silent).lower())
        for d in found
    ]
    return table("found.csv", columns, rows)


async def _stats(desk: Desk, request: Request) -> PrivacyStats:
    now = time.time()
    chosen = Filter.read(request, now)
    return await desk.reading.look(lambda reader: reader.privacy_stats(chosen.span.start, now, chosen.route))


def _look(reader: LedgerReader, chosen: Filter, now: float, ledger: Path) -> Seen:
    stats = reader.privacy_stats(chosen.span.start, now, chosen.route)
    is_above = any(place.is_above for place in stats.sent)
    return Seen(stats, reader.above_clearance(stats.since) if is_above else [], standing(ledger))


def _with(chosen: str | None, offered: list[str]) -> list[str]:
    """What is offered, with what was chosen, should it be something else."""
    return offered if chosen is None or chosen in offered else [chosen, *offered]


def _when(at: float | None) -> str | None:
    return None if at is None else iso(at)
