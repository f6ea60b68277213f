"""What the ledger says of a route's traffic: how much, how long, how it peaks. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from freehold.cli.figures import counted, duration
from freehold.cli.measured import is_kept
from freehold.console import Measured
from freehold.costs.decide import SECONDS_A_MONTH, Seen, duration_curve
from freehold.ledger import LedgerReader, Record

_MOST_RECORDS = 50_000  # the newest; a month's shape shows in fewer
_WINDOW_SECONDS = 60.0
_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class RouteTraffic:
    """Means of one request. `requests_per_month` is `None` where the requests span no time.

    `may_not_leave`: the share that is labelled so and that no rented model was asked.
    """

    requests_per_month: Decimal | None
    input_tokens: Decimal
    output_tokens: Decimal
    cached_tokens: Decimal
    peak_to_mean: float
    told: Measured
    seen: Seen
    may_not_leave: Decimal


def busiest_route(ledger: Path) -> str | None:
    """The one with the most answered requests; `None` where there is none."""
    with LedgerReader.open(ledger) as reader:
        sums = reader.stats().by_route
    known = [each for each in sums if each.route is not None and each.requests > each.unknown_usage_requests]
    return max(known, key=lambda each: each.requests).route if known else None


def traffic_of(ledger: Path, route: str) -> RouteTraffic | None:
    """By its newest requests whose tokens are known; `None` where there is none."""
    with LedgerReader.open(ledger) as reader:
        newest = reader.requests(_MOST_RECORDS, route=route)
    known = [(record, record.usage) for record in newest if record.usage is not None]
    if not known:
        return None
    times = sorted(record.at for record, _ in known)
    span = times[-1] - times[0]
    number = len(known)
    return RouteTraffic(
        Decimal(round(number * SECONDS_A_MONTH / span)) if span > 0 else None,
        _mean(sum(usage.input_tokens for _, usage in known), number),
        _mean(sum(usage.output_tokens for _, usage in known), number),
        # A provider that does not say how much was cached gives no discount: as `costs.cost` counts it.
        _mean(sum(usage.cached_tokens or 0 for _, usage in known), number),
        round(duration_curve(times, _WINDOW_SECONDS)[-1], 2),
        _told(route, [record for record, _ in known], span),
        Seen(number, span / _A_DAY),
        Decimal(sum(is_kept(record) for record, _ in known)) / number,
    )


def _mean(total: int, number: int) -> Decimal:
    return round(Decimal(total) / number, 1).normalize()


def _told(route: str, records: list[Record], span: float) -> Measured:
    simulated = sum(record.simulated for record in records)
    says = f"Measured on {route}: {counted(len(records), 'request')} over {_span(span)}"
    if span < _A_DAY:
        says += ", scaled to a month: a day says little about it, less than a day nothing about its peaks"
    if simulated:
        says += f"; {'all' if simulated == len(records) else f'{simulated:,}'} of them simulated"
    return Measured(says + ".", simulated=simulated > 0)


def _span(seconds: float) -> str:
    return f"{seconds / _A_DAY:.3g} days" if seconds >= 2 * _A_DAY else duration(seconds)
