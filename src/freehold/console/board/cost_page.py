"""Page 2: what each way costs, at this volume and at others, over the months to come, and in other worlds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from freehold.console.board.brief import Brief
from freehold.console.board.sheet import Heading, Look, Page, Part, Picture, Row, Table, Text
from freehold.console.board.words import dollar_range, dollars, machines, whole_range
from freehold.console.charts import costs, signed
from freehold.console.figures import counted
from freehold.costs.decide import (
    Decision,
    Horizon,
    OwnedMonth,
    RentedMonth,
    Spread,
    asked_again,
    chance,
    curves,
    rented_people,
    volume,
)

_MOST_WAYS, _LEAST_FLEETS = 9, 3  # rows of chart and table: more would not fit the page
_MOST_HOSTS = 2
_TIMES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # of today's volume


def cost_page(brief: Brief) -> Page:
    decision = brief.decision
    rents = sorted(decision.rent, key=lambda item: item.usd_per_month)[: _MOST_WAYS - _LEAST_FLEETS]
    fleets = _worth_a_row(decision)[: _MOST_WAYS - len(rents)]
    chart = costs(decision, rents, fleets)
    parts: list[Part] = []
    if chart is not None:
        parts.append(
            Picture(chart, "USD a month with people included; bars are 80 % intervals, points medians.")
        )
    parts += [
        *_ways(brief, rents, fleets),
        *_volumes(decision),
        *_ahead(decision.horizon),
        *_scenes(decision),
    ]
    return Page("What it costs", tuple(parts))


def _worth_a_row(decision: Decision) -> list[OwnedMonth]:
    """The cheapest of each model, GPU and tenancy, in the order of the decision."""
    if decision.own is None:
        return []
    told: set[tuple[str, str, str]] = set()
    kept = []
    for each in (decision.own, *decision.other_fleets):
        name = (each.owned.model, each.owned.gpu, each.owned.tenancy)
        if name not in told:
            told.add(name)
            kept.append(each)
    return kept


def _ways(brief: Brief, rents: Sequence[RentedMonth], fleets: Sequence[OwnedMonth]) -> Iterator[Part]:
    decision = brief.decision
    people = rented_people(decision)
    rows = [
        _way(f"rent {item.rented.name}", people.plus(float(item.usd_per_month)), _tokens(item), "rent")
        for item in rents
    ]
    rows += [
        _way(f"own {each.owned.name}", each.usd_per_month, _by(decision, each), "own") for each in fleets
    ]
    rows += [
        _way(f"rent {each.name}", each.usd_per_month, each.says, "rent")
        for each in decision.other_ways
        if each.kind == "host"
    ][:_MOST_HOSTS]
    if decision.mix_usd_per_month is not None:
        rows.append(_way("own the base, rent the peaks", decision.mix_usd_per_month, "", ""))
    yield Table(("way", "USD a month", "80 % interval", "of which, by"), tuple(rows), right=(1, 2), wide=(3,))
    yield from (Text(says, faint=True) for says in _beside(brief, rents, fleets))


def _beside(brief: Brief, rents: Sequence[RentedMonth], fleets: Sequence[OwnedMonth]) -> Iterator[str]:
    """Where prices come from, what the trace itself cost, and how much is not shown."""
    decision = brief.decision
    sources = ", ".join(dict.fromkeys(item.rented.price.source for item in rents))
    if sources:
        yield f"Prices of tokens by {sources}."
    sums = ", ".join(f"{name} {usd:,.2f}" for name, usd in brief.usd_in_trace.items())
    if sums:
        yield f"The trace's own requests, added up row by row, USD: {sums}."
    ways = len(decision.rent) + len(decision.other_fleets) + (decision.own is not None)
    hidden = ways - len(fleets) - len(rents)
    if hidden:
        were = "was" if hidden == 1 else "were"
        yield f"{counted(hidden, 'further way')}, of other sizes, {were} reckoned and left out."


def _way(name: str, usd: Spread, by: str, look: Look) -> Row:
    return Row((name, dollars(usd.p50), dollar_range(usd), by), look)


def _by(decision: Decision, each: OwnedMonth) -> str:
    return "; ".join(part for part in (machines(each), asked_again(decision, each)) if part)


def _tokens(item: RentedMonth) -> str:
    return f"{dollars(float(item.usd_per_month))} for tokens"


def _volumes(decision: Decision) -> Iterator[Part]:
    here = float(decision.question.traffic.requests_per_month)
    points = curves(decision, [here * times for times in _TIMES])
    if not points:
        return
    yield Heading("At other volumes", "with the same lengths and peaks")
    rows = tuple(
        Row(
            (
                f"{volume(point.requests_per_month)}{' (today)' if times == 1 else ''}",
                dollars(point.rent.p50),
                dollars(point.own.p50),
                dollar_range(point.own),
            )
        )
        for times, point in zip(_TIMES, points, strict=True)
    )
    yield Table(
        ("requests a month", "rent, USD", "own, USD", "80 % interval"),
        rows,
        right=(1, 2, 3),
        wide=(0, 1, 2, 3),
    )


def _ahead(horizon: Horizon | None) -> Iterator[Part]:
    if horizon is None:
        return
    saved, paid = horizon.savings_usd, horizon.payback_month
    yield Heading(f"Over {horizon.months} months")
    when = "" if paid is None else f", where it does in month {whole_range(paid)}"
    yield Text(
        f"Owning saves {signed(saved.p50)} USD ({signed(saved.p10)} to {signed(saved.p90)}), the project and "
        "prices to come included, discounted to today. It pays back with a probability of "
        f"{chance(horizon.pays_back)}{when}."
    )


def _scenes(decision: Decision) -> Iterator[Part]:
    if not decision.scenarios:
        return
    yield Heading("If something changes")
    rows = tuple(
        Row((each.name, each.ruling.verdict, f"{each.own_over_rent.p10:.2g} to {each.own_over_rent.p90:.2g}"))
        for each in decision.scenarios
    )
    yield Table(("if", "the verdict is", "own ÷ rent"), rows, right=(2,))
