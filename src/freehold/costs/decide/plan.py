"""What to do now, what to find out next, and what opens the question again: from the verdict's own figures.

Says which figure and how far; knows for each how it is found out. Does not know how a plan is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from freehold.costs.decide.decision import Decision, Swing
from freehold.costs.decide.enough import enough
from freehold.costs.decide.rule import rule
from freehold.costs.decide.sentence import base_load, volume
from freehold.costs.decide.turns import Side, Turn, turns

_MOST_MEASURES = 4
_SIDES: Mapping[Side, str] = {
    "rent": "renting is the cheaper",
    "own": "owning is the cheaper",
    "between": "neither is clearly the cheaper",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure worth finding out. `width_usd`: how far it moves the monthly saving, `None` where unknown.

    `decides`: within its own range owning goes from dearer to cheaper, all else at its median.
    """

    name: str
    how: str
    why: str
    width_usd: float | None = None
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opens the question again, in words; `turn` has the figures where it is one of money's."""

    says: str
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    now: str
    measure: tuple[Measure, ...]
    reopen: tuple[Trigger, ...]


def plan(decision: Decision, *, measured: bool) -> Plan:
    """`measured`: whether the traffic is that of requests which came, not typed or assumed."""
    return Plan(
        _now(decision),
        tuple(_measures(decision, measured=measured)),
        tuple(_triggers(decision)),
    )


def _now(decision: Decision) -> str:
    rented = decision.cheapest_rent.rented.name if decision.rent else "a rented model"
    if decision.question.is_thin:
        return f"Change nothing yet: let traffic come until {enough()} were seen, and ask again."
    if decision.own is None:
        return f"Stay with {rented} until a fleet to compare it with is named."
    owned, gpus = decision.own.owned, decision.own.gpus
    low, high = round(gpus.p10), round(gpus.p90)
    count = f"{low}" if low == high else f"{low} to {high}"
    machines = f"{count} × {owned.gpu}"
    return {
        "rent": f"Rent {rented}. Let applications ask for a route of the gateway, not for the model: then a "
        "later move is one line of config.",
        "own": f"{_first(decision, owned.model, rented)} {machines} and move the route in steps.",
        "hybrid": f"Rent {rented} for the peaks and own {owned.model} for {base_load(decision)}, on at most "
        f"{machines}.",
        "unclear": f"Stay with {rented}: moving costs an effort that the figures do not yet justify. Find "
        "out first what stands below.",
    }[decision.ruling.verdict]


def _first(decision: Decision, owned: str, rented: str) -> str:
    """What comes before the machines: evidence that the model does the work.

    Where a constraint says own nobody may rent until then.
    """
    if decision.owned_quality_is_known:
        return "Get"
    if decision.question.constraints():
        return f"Show the quality of {owned} on your own requests with one machine, held for a week; then get"
    return f"Rent {rented} until the quality of {owned} is shown on your own requests; then get"


def _measures(decision: Decision, *, measured: bool) -> Iterator[Measure]:
    seen = decision.question.seen
    if seen is not None and not seen.is_enough:
        yield Measure("traffic", f"see {enough()}", f"{seen.says} tell little of a month")
    elif not measured:
        yield Measure(
            "traffic",
            "run requests through a route and decide by these, or give an export",
            "volumes, lengths and peaks were typed or assumed",
        )
    if decision.own is not None and not decision.owned_quality_is_known:
        model = decision.own.owned.model
        yield Measure(
            "quality",
            f"{_TRY}; rent {model} at a host for it",
            f"nothing here shows that {model} is good enough for this use",
        )
    compared = {decision.cheapest_rent.rented.name} if decision.rent else set()
    compared |= set() if decision.own is None else {decision.own.owned.model}
    for each in decision.question.weighed.to_ask:
        if each.name in compared:
            how = f"ask {each.name}'s provider or maker" if each.key != "least_good_enough_share" else _TRY
            yield Measure(each.key, how, f"{each.asks} is not known of {each.name}")
    yield from (_measure(decision, swing) for swing in decision.swings[:_MOST_MEASURES])


def _measure(decision: Decision, swing: Swing) -> Measure:
    decides = (swing.at_p10_usd < 0) != (swing.at_p90_usd < 0)
    row = decision.question.assumed.figures.get(swing.name)
    said = "" if row is None else f" ({'yours' if row.overridden else row.source.split(':')[0]})"
    why = f"moves what owning saves by {swing.width_usd:,.0f} USD a month{said}"
    if decides:
        why += ", and alone turns which side is cheaper"
    return Measure(swing.name, _HOW.get(swing.name, _HOW_ELSE), why, swing.width_usd, decides)


_TRY: Final = "answer a hundred of your own requests with both, and let the people who know judge"
_HOW_ELSE: Final = "ask whoever knows, and write it into a file of your own"
_HOW: Final[Mapping[str, str]] = {
    "goodput_rps": "rent one such machine for an hour and run freehold bench against it with your lengths",
    "capacity_factor": "rent one such machine for a day and run freehold bench at the load of a peak",
    "gpu_usd_per_hour": "ask three providers for a quote in your region, on demand and reserved",
    "own_engineers": "ask the team that would run it who is on call, and count its hours for a like service",
    "rent_engineers": "count last quarter's hours on keys, quotas, retries and model changes",
    "engineer_usd_per_month": "ask finance for the full cost of an engineer",
    "migration_engineer_months": "let the team estimate the move and its evaluation, after a week's trial",
    "delay_usd_per_engineer_month": "ask the product's owner what waits while engineers do this",
    "horizon_months": "ask for how long this use case is planned",
    "tuning_gpu_hours_per_year": "count the tuning runs that the quality needs",
    "peak_to_mean": "decide with a trace of some weeks",
}


def _triggers(decision: Decision) -> Iterator[Trigger]:
    constraints = decision.question.constraints()
    for each in constraints:
        yield Trigger(f"{each.key} no longer decides: {_without(decision)}")
    if not constraints:
        yield from (Trigger(_words(decision, turn), turn) for turn in turns(decision))
    if decision.rent:
        rented = decision.cheapest_rent.rented.name
        days = [
            each.says
            for each in decision.question.weighed.known
            if each.name == rented and each.key == "retires"
        ]
        yield from (Trigger(f"{rented} {says}") for says in days)
        if not days:
            yield Trigger(f"the provider retires {rented}, or changes its terms")


def _without(decision: Decision) -> str:
    """What money alone would say."""
    by_money = rule((), decision.own_is_cheaper, decision.mix_beats_both)
    return f"then the verdict would be {by_money.verdict}, since {by_money.decided_by}"


def _words(decision: Decision, turn: Turn) -> str:
    verb, ratio = "rises" if turn.then > turn.now else "falls", turn.then / turn.now
    then = f"{_SIDES[turn.side]} from there"
    if turn.moved == "requests_per_month":
        when = _when(decision, ratio)
        return (
            f"traffic {verb} to {volume(turn.then)} requests a month, {_share(ratio)} today's{when}: {then}"
        )
    return f"the price of {_priced(decision, turn)} {verb} to {_share(ratio)} today's: {then}"


def _priced(decision: Decision, turn: Turn) -> str:
    if turn.moved == "rented_price" or decision.own is None:
        return decision.cheapest_rent.rented.name
    return decision.own.owned.gpu


def _share(ratio: float) -> str:
    if ratio >= 100:
        return f"{ratio:,.0f} times"
    return f"{ratio:.2g} times" if ratio >= 1 else f"{ratio:.0%} of"


def _when(decision: Decision, ratio: float) -> str:
    """In how many months growth takes the traffic there, as far as a growth was said."""
    factor = decision.question.assumed["traffic_factor_per_year"].p50
    if factor <= 0 or factor == 1 or (factor > 1) != (ratio > 1):
        return ""
    return f" (in about {12 * log(ratio) / log(factor):.0f} months at the growth that is assumed)"
