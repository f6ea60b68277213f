"""The plan's figures are the verdict's own: at a turn the rule says something else, before it the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from freehold.costs import Price, Rates
from freehold.costs.decide import (
    Constraint,
    Decision,
    Owned,
    Question,
    Rented,
    Spread,
    Traffic,
    Turn,
    assumptions,
    decide,
    plan,
    side_of,
    turns,
)

pytest.importorskip("numpy")

FLEET = Owned("llama", "fp8", "h100", 1, Spread(4.0, 5.0, 6.0), Spread(2.0, 2.5, 3.0))


def rented(factor: float = 1.0) -> Rented:
    given, made = (Decimal(f"{usd * factor:.9f}") for usd in (2.5, 10))
    price = Rates(given, made)
    return Rented("openai/dear", Price(price, "a test"))


def asked(
    requests: float, *, factor: float = 1.0, owned: Owned = FLEET, own_file: str | None = None
) -> Decision:
    traffic = Traffic(Decimal(requests), Decimal(1200), Decimal(200), 3.0)
    assumed = assumptions(own_file=own_file)
    return decide(Question(traffic, [rented(factor)], [owned], assumed, worlds=400))


def moved(decision: Decision, turn: Turn, share: float) -> Decision:
    """The question again, with that one figure at this share of its turn."""
    at = turn.then * share
    if turn.moved == "requests_per_month":
        traffic = replace(decision.question.traffic, requests_per_month=Decimal(at))
        return decide(replace(decision.question, traffic=traffic))
    if turn.moved == "rented_price":
        return decide(replace(decision.question, rented=[rented(at)]))
    hour, fleet = FLEET.gpu_usd_per_hour, decision.question.owned[0]
    dearer = replace(fleet, gpu_usd_per_hour=Spread(hour.p10 * at, hour.p50 * at, hour.p90 * at))
    return decide(replace(decision.question, owned=[dearer]))


def side(decision: Decision) -> str:
    assert decision.own_is_cheaper is not None
    return side_of(decision.own_is_cheaper)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(4.5, 8.5), st.sampled_from([0.0, 0.3]))
def test_beyond_a_turn_the_rule_gives_that_side_and_before_it_todays(decades: float, short: float) -> None:
    decision = asked(round(10**decades), owned=replace(FLEET, falls_short_share=short))
    found = turns(decision)
    assume(found)
    for turn in found:
        rises = turn.then > turn.now
        assert side(moved(decision, turn, 1.02 if rises else 0.98)) == turn.side
        assert side(moved(decision, turn, 0.97 if rises else 1.03)) == side(decision)


def test_a_rented_verdict_is_opened_again_by_more_traffic_dearer_tokens_or_cheaper_machines() -> None:
    said = {turn.moved: turn for turn in turns(asked(1_000_000))}
    assert set(said) == {"requests_per_month", "rented_price", "gpu_price"}
    assert said["requests_per_month"].then > 1_000_000
    assert said["rented_price"].then > 1
    assert said["gpu_price"].then < 1


def test_the_plan_names_its_triggers_with_their_figures() -> None:
    told = plan(asked(1_000_000), measured=True)
    assert told.now.startswith("Rent openai/dear")
    turn = next(each.turn for each in told.reopen if each.turn is not None)
    assert turn.moved == "requests_per_month"
    assert f"traffic rises to {turn.then / 1e6:.3g} million requests a month" in told.reopen[0].says
    assert any("retires openai/dear" in each.says for each in told.reopen)


def test_growth_tells_when_the_traffic_will_be_there() -> None:
    grown = '[traffic_factor_per_year]\nvalue = 2\nsource = "ours"\n'
    first = plan(asked(1_000_000, own_file=grown), measured=True).reopen[0].says
    assert "months at the growth" in first
    assert "months at the growth" not in plan(asked(1_000_000), measured=True).reopen[0].says


def test_what_to_measure_is_what_moves_the_saving_most_and_what_nobody_measured() -> None:
    decision = asked(5_000_000)
    typed = plan(decision, measured=False).measure
    assert [each.name for each in typed[:2]] == ["traffic", "quality"]
    known = plan(decision, measured=True).measure
    assert [each.name for each in known[:2]] == ["quality", decision.swings[0].name]
    widths = [each.width_usd for each in known[1:] if each.width_usd is not None]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == decision.swings[0].width_usd


def test_an_assumption_that_alone_turns_the_saving_is_said_to() -> None:
    decision = asked(1_300_000, factor=2.0)
    crossing = {s.name for s in decision.swings[:4] if (s.at_p10_usd < 0) != (s.at_p90_usd < 0)}
    assert crossing  # the case is one where it happens
    told = plan(decision, measured=True).measure
    assert {each.name for each in told if each.decides} == crossing
    assert all(("alone turns" in each.why) == each.decides for each in told)


def test_where_a_constraint_decides_its_end_is_the_trigger_and_money_is_told_beside_it() -> None:
    declared = "[declared]\ndata_may_not_leave = true\n"
    decision = asked(10_000, own_file=declared)
    assert [each.key for each in decision.question.assumed.constraints()] == ["data_may_not_leave"]
    assert isinstance(decision.question.assumed.constraints()[0], Constraint)
    told = plan(decision, measured=True)
    assert told.reopen[0].says.startswith(
        "data_may_not_leave no longer decides: then the verdict would be rent"
    )
    assert not any(each.turn for each in told.reopen)


def test_without_a_fleet_there_is_a_plan_without_figures() -> None:
    traffic = Traffic(Decimal(1000), Decimal(100), Decimal(100), 3.0)
    told = plan(decide(Question(traffic, [rented()], [], assumptions())), measured=False)
    assert "until a fleet" in told.now
    assert turns(decide(Question(traffic, [rented()], [], assumptions()))) == ()
