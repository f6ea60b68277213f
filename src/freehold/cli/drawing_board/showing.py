"""A decision as the page shows it: sentences, rows of words, drawings. Does not know how it was reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from freehold.cli.deciding import Decided
from freehold.cli.decision_screen import traffic_told, ways_told
from freehold.cli.weighed_screen import beside_rows
from freehold.console import Measured, Row, Told, Way, charts
from freehold.costs import Price
from freehold.costs.capacity import is_stale
from freehold.costs.decide import Decision, Spread, assumed, curves, plan, sentence, volume

_PAGE_WIDTH = 920  # of a chart that takes the whole page
_POINTS = 13  # of the table behind the picture
_DECADES = 1.5  # to either side
_MOST_SWINGS = 8


def shown(decided: Decided, fields: Mapping[str, str], command: str, measured: Measured | None) -> Told:
    """`measured`: what the ledger said where the traffic is a route's."""
    decision = decided.decision
    staircase, tornado = charts.staircase(decision), charts.tornado(decision)
    leaning = decision.question.weighed.leaning
    return Told(
        fields=_effective(decided) | dict(fields),
        sentence=sentence(decision),
        decided_by=decision.ruling.decided_by,
        traffic=traffic_told(decided),
        remarks=tuple(_remarks(decision)),
        measured=measured,
        staircase="" if staircase is None else charts.svg(staircase, _PAGE_WIDTH),
        points=tuple(_points(decision)),
        ways=tuple(Way(*each) for each in ways_told(decided)),
        tornado="" if tornado is None else charts.svg(tornado, _PAGE_WIDTH),
        swings=tuple(
            Row((each.name.replace("_", " "), charts.signed(each.at_p10_usd), charts.signed(each.at_p90_usd)))
            for each in decision.swings[:_MOST_SWINGS]
        ),
        scenarios=tuple(
            Row((each.name, each.ruling.verdict, f"{_short(each.own_over_rent)}"))
            for each in decision.scenarios
        ),
        triggers=tuple(each.says for each in plan(decision, measured=measured is not None).reopen),
        beside=tuple(Row(cells) for cells in beside_rows(decision)),
        prefers="" if leaning is None else leaning.says,
        assumptions=tuple(_assumptions(decision, decided.at.date())),
        command=command,
    )


def _effective(decided: Decided) -> dict[str, str]:
    """What holds where nothing was said, so that a slider has its place and a field its figure."""
    question = decided.decision.question
    traffic, assumed, asked = question.traffic, question.assumed, decided.asked
    found = {
        "input": f"{float(traffic.input_tokens):.6g}",
        "cached": f"{float(traffic.cached_tokens):.6g}",
        "output": f"{float(traffic.output_tokens):.6g}",
        "peak": f"{traffic.peak_to_mean:.3g}",
        "people": f"{assumed['engineer_usd_per_month'].p50 * assumed['own_engineers'].p50:.0f}",
    }
    promised = {"ttft": asked.ttft_p95_seconds, "tpot": asked.tpot_p95_seconds}
    found |= {name: f"{seconds:g}" for name, seconds in promised.items() if seconds is not None}
    if decided.decision.own is not None:
        found["gpu_usd"] = f"{decided.decision.own.owned.gpu_usd_per_hour.p50:.3g}"
    return found


def _remarks(decision: Decision) -> Iterator[str]:
    yield "Owned capacity is predicted from published measurements and simulated, not measured here."
    if decision.own is not None:
        yield from (f"{note[:1].upper()}{note[1:]}." for note in decision.own.owned.notes)


def _points(decision: Decision) -> Iterator[Row]:
    here = float(decision.question.traffic.requests_per_month)
    steps = [_DECADES * (2 * i / (_POINTS - 1) - 1) for i in range(_POINTS)]
    for point in curves(decision, [here * 10**step for step in steps]):
        own = (point.own.p10, point.own.p50, point.own.p90)
        usds = (f"{usd:,.0f}" for usd in (point.rent.p50, *own))
        yield Row((volume(point.requests_per_month), *usds))


def _short(value: Spread) -> str:
    return f"{value.p10:.2g} to {value.p90:.2g}"


def _assumptions(decision: Decision, today: date) -> Iterator[Row]:
    for row in assumed(decision):
        old = not row.overridden and row.as_of != date.min and is_stale(row.as_of, today)
        yield Row((row.name.replace("_", " "), _range(row.value), row.source, row.dated + " (old)" * old))
    if decision.own is not None:
        owned = decision.own.owned
        served = _range(owned.goodput_rps)
        yield Row(("requests a second of one replica", served, "predicted; simulated under the promise", ""))
    for each in decision.rent:
        price = each.rented.price
        day = "" if price.as_of is None else price.as_of.isoformat()
        yield Row((f"price of {each.rented.name}", _per_million(price), price.source, day))


def _per_million(price: Price) -> str:
    made = price.standard.output_usd_per_million
    words = f"{price.standard.input_usd_per_million} USD a million tokens in"
    return words if made is None else f"{words}, {made} out"


def _range(value: Spread) -> str:
    return _number(value.p50) if value.known else _listed((value.p10, value.p50, value.p90))


def _listed(values: Sequence[float]) -> str:
    return " – ".join(_number(value) for value in values)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
