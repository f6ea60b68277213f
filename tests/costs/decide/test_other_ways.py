"""Alternatives: a spare, a fleet scaled by the hour, capacity that is committed to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.costs.decide.test_decision import FLEET, MINI, TRAFFIC, no_people

from freehold.costs.decide import Decision, Question, Rented, Spread, Traffic, assumptions, decide
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


def test_every_row_of_committed_capacity_has_source_and_date() -> None:
    for row in shipped_committed():
        assert row.source
        assert row.as_of.year >= 2025
