"""How a decision is shown: the sentence, the table, the picture, what would flip it, what was assumed.

Does not know how it was reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from freehold.cli.deciding import Decided, Window
from freehold.cli.figures import counted, duration
from freehold.cli.plan_screen import plan_blocks
from freehold.cli.screen import Block, Cell, Column, Meaning, Screen, Table, Word, line
from freehold.cli.weighed_screen import weighed_blocks
from freehold.costs.decide import (
    LEAST_REQUESTS,
    Decision,
    OwnedMonth,
    Plan,
    Spread,
    asked_again,
    assumed,
    plan,
    rented_people,
    sentence,
    volume,
)

_MOST_SWINGS = 6
_MANY_TOKENS = 100


def _plan(decided: Decided) -> Plan:
    return plan(decided.decision, measured=decided.window is not None)


def _measured(window: Window | None) -> Iterator[Block]:
    if window is None:
        return
    asked = "" if window.requests is None else f"{window.requests:,} requests over "
    paid = "" if window.usd is None else f"; billed were {window.usd:,.2f} USD"
    yield line(Word(f"Measured by {window.source}: {asked}{window.days:.3g} days{paid}.", "faint"))
    if window.repeated:
        lines = counted(window.repeated, "line")
        yield line(Word(f"{lines} of it stood there before, word for word: were exports joined?", "odd"))
    if window.simulated:
        yield line(Word(f"Simulated: a sandbox answered {window.simulated:,} of them.", "simulated"))


def decision_screen(decided: Decided) -> Screen:
    decision = decided.decision
    return [
        line(Word(sentence(decision), "strong")),
        line(),
        *_costs(decided),
        *weighed_blocks(decision),
        *_measured(decided.window),
        *_scenarios(decision),
        *_swings(decision),
        *_ahead(decision),
        *plan_blocks(_plan(decided)),
        *_assumed(decision),
    ]


def ways_told(decided: Decided) -> Iterator[tuple[str, str, str, str, str]]:
    """Each way: its name, its tenure (`mixed` for a mix), USD a month with people, interval, by what."""
    decision = decided.decision
    people = rented_people(decision)
    for item in decision.rent:
        tokens = float(item.usd_per_month)
        by = f"{_dollars(tokens)} for tokens, by {item.rented.price.source}"
        yield item.rented.name, "rented", *_spread(people.plus(tokens)), by
    for own in (decision.own, *_worth_a_line(decision.other_fleets)) if decision.own else ():
        yield own.owned.name, "owned", *_spread(own.usd_per_month), _owned_by(decision, own)
    if decision.mix_usd_per_month is not None:
        again = _again_in_the_mix(decision)
        yield "own the base, rent the peaks", "mixed", *_spread(decision.mix_usd_per_month), again
    for other in decision.other_ways:
        tenure = "rented" if other.kind in {"committed", "host"} else "owned"
        yield other.name, tenure, *_spread(other.usd_per_month), other.says


def _again_in_the_mix(decision: Decision) -> str:
    own = decision.own
    if own is None or not own.asked_again_usd:
        return ""
    short = f"{own.owned.falls_short_share:.0%}"
    return (
        f"{short} of what is served at home is asked again of {decision.cheapest_rent.rented.name}, included"
    )


def _spread(usd: Spread) -> tuple[str, str]:
    return _dollars(usd.p50), "" if usd.known else f"{_dollars(usd.p10)} to {_dollars(usd.p90)}"


_MEANINGS: Mapping[str, Meaning] = {"rented": "rented", "owned": "owned"}


def _costs(decided: Decided) -> Iterator[Block]:
    rows: list[tuple[Cell, ...]] = [
        (Word(name, _MEANINGS[tenure]) if tenure in _MEANINGS else name, usd, interval, by)
        for name, tenure, usd, interval, by in ways_told(decided)
    ]
    columns = (
        Column("way"),
        Column("USD a month", right=True, whole=True),
        Column("80 % interval", right=True, leaves=2),
        Column("by", leaves=1),
    )
    yield Table(columns, rows)
    yield line()
    if decided.decision.own is not None:
        yield line(Word("With the people that each way takes, the rented ones too.", "faint"))
    yield line(Word(traffic_told(decided), "faint"))


def traffic_told(decided: Decided) -> str:
    traffic = decided.decision.question.traffic
    given, made = _mean(traffic.input_tokens), _mean(traffic.output_tokens)
    kept = f", {100 * traffic.may_not_leave_share:.3g} % of which may not leave"
    kept = kept if traffic.may_not_leave_share else ""
    return (
        f"{volume(float(traffic.requests_per_month))} requests a month of {given} tokens in, "
        f"{made} out{kept}; the peak is {traffic.peak_to_mean:.3g} times the mean"
        f"{arrivals(decided)}."
    )


def _mean(tokens: Decimal) -> str:
    """Of a request; of many tokens no fraction is worth a word."""
    return f"{float(tokens):,.0f}" if tokens >= _MANY_TOKENS else f"{float(tokens):.3g}"


def arrivals(decided: Decided) -> str:
    """How much is known of when requests come, as the end of a sentence."""
    if any(way.enough is None for way in decided.fleets):
        return "; arrivals are drawn by chance around it, not measured"
    if decided.window is not None and decided.window.days < 1:
        number = decided.window.requests
        waves = ""
        if number is not None and number < LEAST_REQUESTS:
            waves = f", {counted(number, 'request')}: too few to know its waves"
        return f"; scaled to a month from {duration(decided.window.days * 86_400)} of traffic{waves}"
    return ""


def _worth_a_line(fleets: Sequence[OwnedMonth]) -> list[OwnedMonth]:
    """All that are had on demand, and of every other tenancy the cheapest: `--json` has the rest."""
    told: set[str] = set()
    kept = []
    for own in fleets:
        name = own.owned.tenancy
        if name == "on-demand" or name not in told:
            kept.append(own)
            told.add(name)
    return kept


def _owned_by(decision: Decision, own: OwnedMonth) -> str:
    return "; ".join(part for part in (_machines(own), asked_again(decision, own)) if part)


def _machines(own: OwnedMonth) -> str:
    low, high = round(own.gpus.p10), round(own.gpus.p90)
    count = str(low) if low == high else f"{low} to {high}"
    price = own.owned.gpu_usd_per_hour
    rate = f"{price.p50:.3g}" if price.known else f"{price.p10:.3g} to {price.p90:.3g}"
    return f"{count} GPU{'' if count == '1' else 's'} at {rate} USD an hour"


def _dollars(usd: float) -> str:
    return f"{usd:,.0f}" if usd >= 100 else f"{usd:,.2f}"


def _scenarios(decision: Decision) -> Iterator[Block]:
    if not decision.scenarios:
        return
    yield line()
    yield line(Word("What would change it", "title"))
    rows: list[tuple[Cell, ...]] = [
        (item.name, item.ruling.verdict, f"{item.own_over_rent.p10:.2g} to {item.own_over_rent.p90:.2g}")
        for item in decision.scenarios
    ]
    yield Table((Column("if"), Column("then"), Column("own ÷ rent", right=True)), rows)


def _swings(decision: Decision) -> Iterator[Block]:
    if not decision.swings:
        return
    yield line()
    yield line(
        Word("What matters most", "title"),
        Word("  USD a month that owning saves, at both ends", "faint"),
    )
    rows: list[tuple[Cell, ...]] = [
        (item.name.replace("_", " "), _signed(item.at_p10_usd), _signed(item.at_p90_usd))
        for item in decision.swings[:_MOST_SWINGS]
    ]
    yield Table((Column("assumption"), Column("low", right=True), Column("high", right=True)), rows)


def _signed(usd: float) -> str:
    return f"{usd:+,.0f}".replace("-", "−")


def _ahead(decision: Decision) -> Iterator[Block]:
    """The months to come, with prices that drift and traffic that grows, discounted to today."""
    horizon = decision.horizon
    if horizon is None:
        return
    saved, paid = horizon.savings_usd, horizon.payback_month
    when = "" if paid is None else f", in month {paid.p50:.0f} ({paid.p10:.0f} to {paid.p90:.0f})"
    yield line()
    yield line(
        Word(f"Over {horizon.months} months", "title"),
        f"  owning saves {_signed(saved.p10)} to {_signed(saved.p90)} USD (median {_signed(saved.p50)}); "
        f"it pays back with a probability of {horizon.pays_back:.0%}{when}.",
    )


def _assumed(decision: Decision) -> Iterator[Block]:
    yield line()
    yield line(Word("Assumed", "title"), Word("  --assumptions FILE replaces any row", "faint"))
    rows: list[tuple[Cell, ...]] = [
        (item.name, _range(item.value), item.source, item.dated) for item in assumed(decision)
    ]
    yield Table(
        (Column("name"), Column("value", right=True), Column("source", leaves=1), Column("as of", leaves=2)),
        rows,
    )


def _range(value: Spread) -> str:
    return f"{value.p50:g}" if value.known else f"{value.p10:g} – {value.p50:g} – {value.p90:g}"
