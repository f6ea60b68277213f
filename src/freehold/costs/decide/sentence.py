"""The verdict in one sentence, the same on every surface. Does not know where it is printed."""

from __future__ import annotations

from freehold.costs.decide.decision import Decision, OwnedMonth, rented_people
from freehold.costs.decide.enough import enough
from freehold.costs.decide.spread import Spread

_SUFFIXES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_FIRM = 0.005  # a wider ratio than half a per cent is told as a range


def sentence(decision: Decision) -> str:
    """What to do, on which condition, why, where that changes; before it that too little was seen, if so."""
    seen = decision.question.seen
    if seen is None or seen.is_enough:
        return _told(decision)
    few = f"Too little was seen to tell a month from it: {seen.says}, where {enough()} would do"
    return f"{few}. If it is always so: {_told(decision)}"


def _told(decision: Decision) -> str:
    verdict, why = decision.ruling.verdict, decision.ruling.decided_by
    if decision.own is None or not decision.rent:
        return f"{_head(decision)}: {why}."
    parts = [_ratio(decision), _turn(decision), _cheaper_host(decision)]
    facts = "; ".join(part for part in parts if part)
    if decision.question.constraints():
        return f"{_head(decision)}, because {why}; {facts}."
    if verdict in {"unclear", "hybrid"}:
        return f"{_head(decision)}: {why}; {facts}."
    return f"{_head(decision)}: {facts}."


def _head(decision: Decision) -> str:
    rented = decision.cheapest_rent.rented.name if decision.rent else "the rented model"
    owned = "the owned model" if decision.own is None else decision.own.owned.model
    once = _condition(decision)
    return {
        "rent": f"Keep renting {rented}",
        "own": f"Own {owned}{once}",
        "hybrid": f"Own {owned} for {base_load(decision)} and rent {rented} for the peaks{once}",
        "unclear": f"Neither renting {rented} nor owning {owned} is clearly the better",
    }[decision.ruling.verdict]


def base_load(decision: Decision) -> str:
    """What a mix serves at home."""
    kept = decision.question.traffic.may_not_leave_share
    return "what may not leave and the base load" if kept else "the base load"


def _condition(decision: Decision) -> str:
    """Nobody has said that the owned model does the work: the money alone is no reason to move to it."""
    if decision.own is None or decision.owned_quality_is_known:
        return ""
    if decision.question.constraints():
        return ", whose quality is still to be shown on your own requests"
    return " once your own requests show that it is good enough"


def _ratio(decision: Decision) -> str:
    ratio = decision.own_over_rent
    if ratio is None or decision.own is None:
        return ""
    dear, cheap = f"owning {decision.own.owned.model}", f"renting {decision.cheapest_rent.rented.name}"
    if 0 < ratio.p50 < 1 and ratio.p10 > 0:
        dear, cheap = cheap, dear
        ratio = Spread(1 / ratio.p90, 1 / ratio.p50, 1 / ratio.p10)
    return f"{dear} costs {_times(ratio)} as much as {cheap} at this volume"


def _times(ratio: Spread) -> str:
    low, high = _figure(ratio.p10), _figure(ratio.p90)
    return f"{high} times" if ratio.p90 - ratio.p10 < _FIRM or low == high else f"{low} to {high} times"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.3g}"


def _turn(decision: Decision) -> str:
    if not decision.crossings:
        return "owning does not pay at any volume with these lengths and prices"
    first = decision.crossings[0]
    if first.high <= 1:
        return "owning pays at any volume"
    range_ = (
        volume(first.low) if volume(first.low) == volume(first.high) else f"{_pair(first.low, first.high)}"
    )
    return f"owning starts to pay at {range_} requests a month (80 % interval)"


def _cheaper_host(decision: Decision) -> str:
    """A third way that nobody asked about, where it is the cheapest of all."""
    kept = decision.question.traffic.may_not_leave_share or not decision.question.assumed.may_leave
    if decision.own is None or kept:
        return ""
    rented = rented_people(decision).plus(float(decision.cheapest_rent.usd_per_month))
    least = min(rented.p50, decision.own.usd_per_month.p50)
    hosts = [each for each in decision.other_ways if each.kind == "host" and each.usd_per_month.p50 < least]
    if not hosts:
        return ""
    best = min(hosts, key=lambda each: each.usd_per_month.p50)
    return f"cheaper than both is {best.model} at a host, at {best.usd_per_month.p50:,.0f} USD a month"


def asked_again(decision: Decision, own: OwnedMonth) -> str:
    """What is reckoned with where this fleet's model falls short, or that nothing is; else empty."""
    short = own.owned.falls_short_share
    if not short or not decision.rent:
        return ""
    rest = f"the {short:.0%} that it does not do well enough"
    if not own.asked_again_usd:
        return f"{rest} are not reckoned with: they may not leave"
    if decision.question.traffic.may_not_leave_share:
        rest = f"{rest}, as far as they may leave"
    return f"{own.asked_again_usd:,.0f} for {rest}, asked again of {decision.cheapest_rent.rented.name}"


def _pair(low: float, high: float) -> str:
    first, second = volume(low).split(), volume(high).split()
    return (
        f"{first[0]} to {' '.join(second)}"
        if first[1:] == second[1:]
        else f"{' '.join(first)} to {' '.join(second)}"
    )


def volume(requests: float) -> str:
    """`71 million`: three figures and a word."""
    for size, word in _SUFFIXES:
        if requests >= size:
            return f"{requests / size:.3g} {word}"
    return f"{requests:.3g}"
