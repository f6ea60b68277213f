"""Alternatives: a spare, a fleet scaled by the hour, capacity that is committed to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.costs.decide.test_decision import FLEET, MINI, TRAFFIC, no_people

from freehold.costs import Price, Rates
from freehold.costs.decide import (
    Decision,
    Host,
    Question,
    Rented,
    Spread,
    Traffic,
    assumptions,
    decide,
    sentence,
)
from freehold.costs.decide.other_ways import shipped_committed

np = pytest.importorskip("numpy")

SURE = replace(FLEET, goodput_rps=Spread.exactly(1.0), gpu_usd_per_hour=Spread.exactly(2.5))
REPLICA_USD = 2 * 2.5 * 730


def decided(traffic: Traffic, rented: Rented = MINI) -> Decision:
    return decide(Question(traffic, [rented], [SURE], no_people(assumptions()), worlds=100))


def usd(decision: Decision, kind: str) -> list[float]:
    return [each.usd_per_month.p50 for each in decision.other_ways if each.kind == kind]


def test_a_spare_is_one_replica_more() -> None:
    decision = decided(TRAFFIC)
    assert decision.own is not None
    assert usd(decision, "spare") == [pytest.approx(decision.own.usd_per_month.p50 + REPLICA_USD)]


def test_a_fleet_scaled_by_the_hour_costs_less_where_the_load_has_waves_and_only_there() -> None:
    waves, flat = decided(TRAFFIC), decided(replace(TRAFFIC, peak_to_mean=1.0))
    assert waves.own is not None
    assert flat.own is not None
    assert usd(waves, "autoscaled")[0] < 0.8 * waves.own.usd_per_month.p50
    assert usd(flat, "autoscaled") == [pytest.approx(flat.own.usd_per_month.p50)]


def test_committed_capacity_is_bought_for_the_peak_in_whole_steps() -> None:
    rented = replace(MINI, name="openai/gpt-4o-mini")
    hourly, monthly = usd(decided(TRAFFIC, rented), "committed")
    # 11.416 a second at the peak, each 500 + 4 × 250 tokens: 1,027,397 a minute are 28 units, so 30.
    assert (hourly, monthly) == (30 * 730, 30 * 260)
    little = decided(replace(TRAFFIC, requests_per_month=Decimal(1000)), rented)
    assert usd(little, "committed") == [15 * 730, 15 * 260]
    assert usd(decided(TRAFFIC), "committed") == []


def test_committed_capacity_has_an_interval_in_which_a_units_real_rate_falls_as_often_as_it_says() -> None:
    rented = replace(MINI, name="openai/gpt-4o-mini")
    busy = replace(TRAFFIC, requests_per_month=Decimal(10**9))  # so many units that steps hardly count
    question = Question(busy, [rented], [SURE], no_people(assumptions()), worlds=4000)
    told = [each.usd_per_month for each in decide(question).other_ways if each.kind == "committed"]
    assert all(usd.p10 < usd.p50 < usd.p90 for usd in told)
    row = next(row for row in shipped_committed() if row.model == "gpt-4o-mini")
    reached = row.rate_reached.at(np.random.default_rng(5).standard_normal(20_000))
    per_minute = 1500 * busy.requests_per_second * busy.peak_to_mean * 60
    fresh = np.ceil(per_minute / 37_000 / reached / 5) * 5 * 730
    assert 0.75 <= ((fresh >= told[0].p10) & (fresh <= told[0].p90)).mean() <= 0.85


def test_the_open_model_at_a_host_is_told_unasked_and_decides_nothing() -> None:
    cheap = Rented("host/llama", Price(Rates(Decimal("0.01"), Decimal("0.02")), "a host's list"))
    question = Question(TRAFFIC, [MINI], [SURE], no_people(assumptions()), worlds=100)
    without, told = decide(question), decide(replace(question, hosts=[Host(cheap, "llama")]))
    (host,) = [each for each in told.other_ways if each.kind == "host"]
    assert host.usd_per_month == Spread.exactly(100.0)  # 10 M times 500 and 250 tokens
    assert "a host's list" in host.says
    assert told.ruling == without.ruling
    assert "cheaper than both is llama at a host, at 100 USD a month" in sentence(told)
    assert "at a host" not in sentence(without)
    dear = replace(cheap, price=Price(Rates(Decimal(10), Decimal(20)), "a host's list"))
    assert "at a host" not in sentence(decide(replace(question, hosts=[Host(dear, "llama")])))
    short = replace(question, owned=[replace(SURE, falls_short_share=0.5)], hosts=[Host(cheap, "llama")])
    (again,) = [each for each in decide(short).other_ways if each.kind == "host"]
    assert again.usd_per_month.p50 == pytest.approx(100 + 0.5 * 2250)


def test_every_row_of_committed_capacity_has_source_and_date() -> None:
    for row in shipped_committed():
        assert row.source
        assert row.as_of.year >= 2025
