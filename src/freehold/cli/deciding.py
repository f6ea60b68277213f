"""From what was typed to the question that `costs.decide` answers. Does not know how the answer is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec

from freehold.cli.answering import answers_at_hand, filled_in, weighed
from freehold.cli.asked import Asked
from freehold.cli.extras import install_hint
from freehold.cli.facts_at_hand import facts_at_hand
from freehold.cli.fleet_ways import Sizes, fleets
from freehold.cli.hosts import hosts_at_hand
from freehold.cli.market import Market
from freehold.cli.measured import ledger_trace, usage_at_hand
from freehold.cli.user_file import text_of
from freehold.costs import Price, PriceFile, price_of
from freehold.costs.decide import (
    Answers,
    Assumptions,
    Billed,
    Decision,
    Question,
    Rented,
    Seen,
    Spread,
    Trace,
    Traffic,
    Way,
    assumptions,
    decide,
    duration_curve,
    read_trace,
    scaled_to_month,
)
from freehold.errors import ConfigError

_TYPED_PEAK = 3.0  # of traffic that nobody measured: office hours of one region
_MOST_PEOPLE_USD = 1_000_000_000
_MOST_GROWTH = 99  # a hundred times as much each year
_WINDOW_SECONDS = 60.0  # over which a trace's load is averaged: a queue bridges less, a fleet not more


@dataclass(frozen=True, slots=True)
class Window:
    """What was measured, and how long. `requests` and `usd` are `None` where a bill does not tell them.

    `simulated` of the requests were answered by a sandbox; `repeated` lines of a bill stand there before.
    """

    source: str
    requests: int | None
    days: float
    usd: Decimal | None
    simulated: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, and with a trace what its rows cost by rented model."""

    asked: Asked
    decision: Decision
    fleets: tuple[Way, ...]
    usd_in_trace: dict[str, Decimal]
    at: datetime
    window: Window | None = None


def ask(
    asked: Asked,
    at: datetime,
    market: Market | None = None,
    sizes: Sizes | None = None,
    doing: Callable[[str], None] | None = None,
    seen: Seen | None = None,
) -> Decided:
    """Answer it; `doing` is told what takes a while. `seen`: what a volume that is given was scaled from.

    Raises `ConfigError` naming what is wrong with the question, or what is not installed.
    """
    _need_the_extra()
    known = Market(facts_at_hand(asked.facts)) if market is None else market
    answers = answers_at_hand(asked.answers)
    asked = filled_in(asked, answers)
    trace = _trace(asked)
    volume_said = asked.requests_per_month is not None
    bill = None if asked.usage is None else usage_at_hand(asked.usage, asked.usage_models)
    if bill is not None:
        asked = _by_bill(asked, bill)
    rented = [rented_model(name, at, known.overrides, batch=asked.batch) for name in asked.rent]
    if not rented and not asked.own:
        raise ConfigError(
            "rent, own",
            "there is nothing to compare",
            hint="--rent openai/gpt-4o-mini --own llama-3.1-70b --gpu h100 --precision fp8",
        )
    assumed = _assumed(asked, at, answers)
    asked, assumed = _filled(asked, assumed, measured=trace is not None)
    traffic = _traffic(asked, trace)
    found = fleets(asked, traffic, trace, assumed, known.facts, sizes, doing)
    beside = weighed(asked, answers, known.facts, at.date())
    found = [_falling_short(way, answers) for way in found]
    owned = [way.owned for way in found]
    window = _window(trace, bill)
    if window is not None and not volume_said:
        seen = Seen(window.requests, window.days)
    hosts = tuple(hosts_at_hand(asked, at)) if assumed.may_leave else ()
    question = Question(
        traffic, rented, owned, assumed, seed=asked.seed, weighed=beside, seen=seen, hosts=hosts
    )
    in_trace = {} if trace is None else {way.name: way.usd_in_trace(trace.usages()) for way in rented}
    decision = decide(question)
    if trace is not None and asked.requests_per_month is None:
        decision = _exact(decision, trace, in_trace)
    return Decided(asked, decision, tuple(found), in_trace, at, window)


def _falling_short(way: Way, answers: Answers) -> Way:
    """With what its stated quality leaves undone."""
    stated = answers.quality.get(way.owned.model)
    if stated is None:
        return way
    return replace(way, owned=replace(way.owned, falls_short_share=1 - stated.good_enough_share))


def _trace(asked: Asked) -> Trace | None:
    """A file, or the ledger where a route is named without one."""
    if asked.usage is not None and (asked.trace is not None or asked.route is not None):
        raise ConfigError("usage", "is one measure of the traffic too many", hint="give a bill or a trace")
    if asked.trace is not None:
        return read_trace(asked.trace, route=asked.route)
    return None if asked.route is None else ledger_trace(asked.config, asked.route)


def _by_bill(asked: Asked, bill: Billed) -> Asked:
    """What was not typed, by the bill."""
    requests = bill.requests_per_month(asked.requests_per_month)
    given, made = asked.input_tokens, asked.output_tokens
    cached = asked.cached_tokens
    if cached is None:
        cached = bill.tokens_a_request(bill.cached_tokens, requests) if given is None else Decimal(0)
    return replace(
        asked,
        requests_per_month=requests,
        input_tokens=bill.tokens_a_request(bill.input_tokens, requests) if given is None else given,
        output_tokens=bill.tokens_a_request(bill.output_tokens, requests) if made is None else made,
        cached_tokens=cached,
    )


def _window(trace: Trace | None, bill: Billed | None) -> Window | None:
    if trace is not None:
        days = float(trace.span_seconds) / 86_400
        return Window(trace.name, len(trace), days, None, trace.simulated)
    if bill is None:
        return None
    return Window("the bill", bill.requests, float(bill.days), bill.usd, repeated=bill.repeated)


def _need_the_extra() -> None:
    for name in ("numpy", "duckdb"):
        if find_spec(name) is None:
            raise ConfigError("", f"this needs {name}", hint=install_hint("decide"))


def _exact(decision: Decision, trace: Trace, in_trace: dict[str, Decimal]) -> Decision:
    """The rented months by the rows themselves: with tiers the mean request is not the mean of requests."""
    span = trace.span_seconds
    rent = tuple(
        replace(item, usd_per_month=scaled_to_month(in_trace[item.rented.name], span))
        for item in decision.rent
    )
    return replace(decision, rent=rent)


def rented_model(name: str, at: datetime, overrides: PriceFile, *, batch: bool) -> Rented:
    """`provider/model` with its price. Raises `ConfigError` where nobody knows one."""
    provider, slash, model = name.partition("/")
    if not (slash and provider and model):
        raise ConfigError(
            "rent", f"{name!r} names no model of a provider", hint="write --rent openai/gpt-4o-mini"
        )
    price: Price | None = price_of(provider, model, at=at, overrides=overrides)
    if price is None:
        raise ConfigError(
            "rent",
            f"nobody knows a price of {name}",
            hint="`freehold prices` looks models up; is it spelled so?",
        )
    return Rented(name, price, batch=batch)


def _traffic(asked: Asked, trace: Trace | None) -> Traffic:
    if trace is None:
        return _typed(asked)
    span = trace.span_seconds
    requests = asked.requests_per_month
    if requests is None:
        requests = scaled_to_month(Decimal(len(trace)), span)
    curve = duration_curve((trace.t_ms / 1000).tolist(), _WINDOW_SECONDS)
    cached = Decimal(0) if trace.cached_tokens is None else _mean(int(trace.cached_tokens.sum()), trace)
    return Traffic(
        requests,
        _mean(int(trace.input_tokens.sum()), trace) if asked.input_tokens is None else asked.input_tokens,
        _mean(int(trace.output_tokens.sum()), trace) if asked.output_tokens is None else asked.output_tokens,
        curve[-1] if asked.peak_to_mean is None else asked.peak_to_mean,
        cached,
        curve if asked.peak_to_mean is None else None,
        _kept(asked, trace),
    )


def _kept(asked: Asked, trace: Trace | None) -> float:
    """The share that may not leave: as typed, else by the labels of what was measured."""
    if asked.may_not_leave is not None:
        return float(asked.may_not_leave)
    return 0.0 if trace is None else trace.kept / len(trace)


def _mean(total: int, trace: Trace) -> Decimal:
    return Decimal(total) / len(trace)


def _typed(asked: Asked) -> Traffic:
    figures = {
        "requests_per_month": asked.requests_per_month,
        "input_tokens": asked.input_tokens,
        "output_tokens": asked.output_tokens,
    }
    for name, figure in figures.items():
        if figure is None:
            option = "--" + name.replace("_", "-")
            raise ConfigError(
                name, "is not given", hint=f"give {option}, --trace FILE, --usage FILE or --route R"
            )
    requests, given, made = (figure or Decimal(0) for figure in figures.values())
    return Traffic(
        requests,
        given,
        made,
        _TYPED_PEAK if asked.peak_to_mean is None else asked.peak_to_mean,
        Decimal(0) if asked.cached_tokens is None else asked.cached_tokens,
        may_not_leave_share=_kept(asked, None),
    )


_LENGTHS = ("input_tokens", "output_tokens", "cached_tokens")


def _filled(asked: Asked, assumed: Assumptions, *, measured: bool) -> tuple[Asked, Assumptions]:
    """What was not typed, by the use case; what was typed or measured is no assumption any more."""
    needed = {
        "peak_to_mean": asked.peak_to_mean is None and not measured,
        "ttft_p95_seconds": asked.ttft_p95_seconds is None,
        "tpot_p95_seconds": asked.tpot_p95_seconds is None,
        "input_tokens": asked.input_tokens is None and not measured,
        "output_tokens": asked.output_tokens is None and not measured,
        # Cached tokens are a part of the use case's own input, not of one that was typed.
        "cached_tokens": asked.cached_tokens is None and asked.input_tokens is None and not measured,
    }
    assumed = assumed.without(name for name, wanted in needed.items() if not wanted)
    by_case = {name: assumed[name].p50 for name in needed if name in assumed.figures}
    lengths = {name: Decimal(f"{by_case.pop(name):.15g}") for name in _LENGTHS if name in by_case}
    return replace(asked, **lengths, **by_case), assumed  # type: ignore[arg-type]  # names are checked above


def _assumed(asked: Asked, at: datetime, answers: Answers) -> Assumptions:
    own_file = None if asked.assumptions is None else text_of(asked.assumptions, "assumptions")
    found = assumptions(asked.profile, own_file, use_case=asked.use_case, answered=answers.assumptions)
    found = replace(found, declared={**answers.declared(), **_true(found.declared)})
    if asked.growth_per_year is not None:
        found = _growing(found, asked.growth_per_year, at)
    people = asked.people_usd_per_month
    if people is None:
        return found
    if not 0 <= people <= _MOST_PEOPLE_USD:
        hint = f"USD a month, at most {_MOST_PEOPLE_USD:,}; 0 leaves people out"
        raise ConfigError("people_usd_per_month", f"{people} cannot be", hint=hint)
    # One sum stands for all that owning takes in people: no second engineer, no project beside it.
    said = {
        "engineer_usd_per_month": float(people),
        "own_engineers": 1.0,
        "rent_engineers": 0.0,
        "migration_engineer_months": 0.0,
    }
    for name, value in said.items():
        found = found.with_value(name, Spread.exactly(value), "--people-usd-per-month", at.date())
    return found


def _true(declared: Mapping[str, bool]) -> dict[str, bool]:
    return {key: said for key, said in declared.items() if said}


def _growing(assumed: Assumptions, growth: Decimal, at: datetime) -> Assumptions:
    if not -1 < growth <= _MOST_GROWTH:
        raise ConfigError(
            "growth_per_year",
            f"{growth} cannot be",
            hint="20% or 0.2 is a fifth more each year, 1 twice as much, -0.1 a tenth less",
        )
    factor = Spread.exactly(float(1 + growth))
    return assumed.with_value("traffic_factor_per_year", factor, "--growth-per-year", at.date())
