"""Page 1: the verdict in a sentence, its figures, one picture, and what to do. Does not know other pages."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.console.board.brief import Brief
from freehold.console.board.sheet import Heading, Page, Part, Picture, Points, Text, Tiles
from freehold.console.board.words import dollar_range, dollars
from freehold.console.charts import staircase
from freehold.costs.decide import Decision, Plan, chance, plan, rented_people, volume

_MOST_MEASURES = 4


def verdict_page(brief: Brief) -> Page:
    decision = brief.decision
    chart = staircase(decision)
    parts: list[Part] = [
        Text(f"Decided by this: {decision.ruling.decided_by}."),
        Tiles(tuple(_tiles(decision))),
    ]
    if chart is not None:
        parts.append(Picture(chart, _caption(decision)))
    parts += _what_to_do(plan(decision, measured=brief.measured is not None))
    return Page("The verdict", tuple(parts))


def _tiles(decision: Decision) -> Iterator[tuple[str, str, str]]:
    requests = float(decision.question.traffic.requests_per_month)
    yield volume(requests), "requests a month", ""
    if decision.rent:
        cheapest = decision.cheapest_rent
        usd = rented_people(decision).plus(float(cheapest.usd_per_month))
        note = "" if decision.own is None else f"{dollars(float(cheapest.usd_per_month))} of it for tokens"
        yield dollars(usd.p50), f"USD a month to rent {cheapest.rented.name}", note
    if decision.own is not None:
        own = decision.own.usd_per_month
        yield dollars(own.p50), f"USD a month to own {decision.own.owned.model}", dollar_range(own)
    if decision.own_is_cheaper is not None:
        yield chance(decision.own_is_cheaper), "probability that owning is the cheaper", ""


def _caption(decision: Decision) -> str:
    own = "" if decision.own is None else f"Owned: {decision.own.owned.name}, a step a further replica. "
    return (
        f"{own}Rented: {decision.cheapest_rent.rented.name}. People included on both sides; lengths and "
        "peaks of requests stay as they are. Grey: where owning begins to pay (80 % interval)."
    )


def _what_to_do(made: Plan) -> Iterator[Part]:
    yield Heading("What to do")
    yield Text(f"Now. {made.now}")
    yield Heading("What to find out next")
    yield Points(
        tuple(
            (each.name.replace("_", " "), f"{each.why}: {each.how}.")
            for each in made.measure[:_MOST_MEASURES]
        )
    )
    yield Heading("What opens the question again")
    yield Points(tuple(("", f"{each.says[:1].upper()}{each.says[1:]}.") for each in made.reopen))
