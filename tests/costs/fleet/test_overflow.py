"""A fleet sized for what may not leave, with the rest overflowing to a rented model, against a simulation."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from tests.costs.decide.test_decision import MINI, no_people

from freehold.costs import Price, Rates
from freehold.costs.decide import Owned, Question, Rented, Spread, Traffic, assumptions, decide
from freehold.costs.fleet import Job, Lengths, Promise, Replica, Serving, goodput_rps, quantile

np = pytest.importorskip("numpy")

PROMISE = Promise(1.5, 0.06)
GIVEN, MADE, PEAK = 600, 120, 3.0
ROOM = 64  # requests that run at once


def seconds(prompt: int, running: int, cached: float) -> float:
    return 0.008 + 0.00015 * prompt + 0.0004 * running + 8e-8 * cached


SERVING = Serving(seconds, cache_tokens=80_000, most_requests=ROOM)
GOODPUT = goodput_rps(SERVING, Lengths(GIVEN, MADE), PROMISE)
FULL = int(0.8 * GOODPUT * MADE * PROMISE.tpot_p95_seconds)  # at once, at that load, by Little's law
NOTHING = Rented("openai/nothing", Price(Rates(Decimal("0.000001"), Decimal("0.000001")), "a test"))


def traffic(peak_of_what_stays: float, share: float) -> Traffic:
    """What may not leave peaks at so many replicas' worth."""
    mean = peak_of_what_stays * GOODPUT / share / PEAK
    return Traffic(Decimal(mean * 730 * 3600), Decimal(GIVEN), Decimal(MADE), PEAK, may_not_leave_share=share)


def least_fleet(asked: Traffic) -> int:
    """Tokens cost next to nothing, so the mix holds no machine more than it must."""
    fleet = Owned("llama", "fp8", "H100", 1, Spread.exactly(GOODPUT), Spread.exactly(2.0))
    decision = decide(Question(asked, [NOTHING], [fleet], no_people(assumptions()), worlds=10))
    assert decision.mix_usd_per_month is not None
    return round(decision.mix_usd_per_month.p50 / (2.0 * 730))


def arrivals(asked: Traffic, luck: Random, span: float = 1800.0) -> list[tuple[float, bool]]:
    """From the quietest moment to the peak by the assumed curve, with whether each may not leave."""
    peak, now, came = asked.requests_per_second * PEAK, 0.0, []
    while (now := now + luck.expovariate(peak)) < span:
        if luck.random() < (now / span) ** (PEAK - 1):
            came.append((now, luck.random() < asked.may_not_leave_share))
    return came


def served(asked: Traffic, replicas: int) -> tuple[float, float, float]:
    """p95 TTFT and TPOT of what may not leave, and the share of all requests that overflowed."""
    luck = Random(11)  # noqa: S311 - a simulation's dice, the same at each run
    fleet = [Replica(SERVING) for _ in range(replicas)]
    kept, left, came = [], 0, arrivals(asked, luck)
    for at, stays in came:
        for each in fleet:
            each.advance(at)
        emptiest = min(fleet, key=lambda each: each.outstanding)
        if not stays and emptiest.outstanding >= FULL:
            left += 1
            continue
        job = Job(at, GIVEN, MADE)
        emptiest.give(job)
        if stays:
            kept.append(job)
    for each in fleet:
        each.advance(float("inf"))
    waits = sorted(job.ttft_seconds for job in kept if job.ttft_seconds is not None)
    paces = sorted(job.tpot_seconds for job in kept if job.tpot_seconds is not None)
    return quantile(waits, 0.95), quantile(paces, 0.95), left / len(came)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_what_may_not_leave_keeps_its_promise_on_the_fleet_that_is_sized_for_it(share: float) -> None:
    asked = traffic(2.9, share)
    replicas = least_fleet(asked)
    assert replicas == 3
    ttft, tpot, left = served(asked, replicas)
    assert ttft <= PROMISE.ttft_p95_seconds
    assert tpot <= PROMISE.tpot_p95_seconds
    # Above the fleet's capacity by the curve that was assumed; a queue and chance move it a little.
    curve = asked.curve() * asked.requests_per_second
    above = float(np.maximum(0.0, curve - replicas * GOODPUT).sum() / curve.sum())
    assert left == pytest.approx(above, abs=0.1)
    assert left > 0


def test_a_fleet_of_half_the_size_breaks_the_promise_of_what_may_not_leave() -> None:
    asked = traffic(2.9, 0.5)
    assert served(asked, 1)[0] > PROMISE.ttft_p95_seconds


def test_without_a_label_that_stays_the_mix_may_hold_less() -> None:
    asked = traffic(2.9, 0.5)
    assert least_fleet(replace(asked, may_not_leave_share=0.0)) == 1


def test_the_more_may_not_leave_the_dearer_the_mix_until_all_is_owned() -> None:
    fleet = Owned("llama", "fp8", "H100", 1, Spread.exactly(GOODPUT), Spread.exactly(2.0))
    usd = []
    for share in (0.0, 0.3, 0.6, 1.0):
        asked = replace(traffic(8.0, 0.5), may_not_leave_share=share)
        decision = decide(Question(asked, [MINI], [fleet], no_people(assumptions()), worlds=10))
        assert decision.own is not None
        mixed = decision.mix_usd_per_month
        usd.append(float("inf") if mixed is None else mixed.p50)
        assert decision.ruling.verdict == ("own" if share == 1.0 else decision.ruling.verdict)
    assert usd == sorted(usd)
    assert usd[-1] == float("inf")
