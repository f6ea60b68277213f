"""Not only money: a constraint removes ways and decides, a preference ranks, what nobody said is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from freehold.costs import Price, Rates
from freehold.costs.capacity import shipped_facts, shipped_models
from freehold.costs.decide import (
    Answers,
    Leaning,
    Owned,
    Question,
    Rented,
    Spread,
    Traffic,
    Weighed,
    assumptions,
    decide,
    owned_candidate,
    read_answers,
    rented_candidate,
    rule,
    sentence,
    shipped_terms,
    weigh,
)

TODAY = date(2026, 11, 24)
MINI, OTHER, LLAMA, QWEN = "openai/gpt-4o-mini", "mistral/large", "llama-3.1-8b", "qwen2.5-7b"


def weighed(text: str, rented: tuple[str, ...] = (MINI,), owned: tuple[str, ...] = (LLAMA,)) -> Weighed:
    return of_answers(read_answers(text), rented, owned)


def of_answers(answers: Answers, rented: tuple[str, ...], owned: tuple[str, ...]) -> Weighed:
    facts, terms = shipped_facts(), shipped_terms()
    ways = [rented_candidate(name, answers, terms, facts, {}) for name in rented]
    ways += [owned_candidate(name, answers, terms, facts) for name in owned]
    return weigh(answers, ways, TODAY)


@pytest.mark.parametrize(
    ("constraint", "contract", "key"),
    [
        ("no_training_on_data = true", "trains_on_data = true", "no_training_on_data"),
        ("retention_days_at_most = 0", "retention_days = 30", "retention_days_at_most"),
        ("residency = ['eu']", "regions = ['us']", "residency"),
        ("certifications = ['ISO 27001', 'C5']", "certifications = ['iso27001']", "certifications"),
        ("support = 'around-the-clock'", "support = 'business-hours'", "support"),
    ],
)
def test_a_contract_that_does_not_meet_a_constraint_removes_its_model(
    constraint: str, contract: str, key: str
) -> None:
    found = weighed(f'[constraints]\n{constraint}\n[contracts."{MINI}"]\n{contract}')
    assert [(each.name, each.key) for each in found.removed] == [(MINI, key)]
    assert [(each.key, each.leaves) for each in found.constraints] == [(key, "own")]


@pytest.mark.parametrize(
    ("constraint", "contract"),
    [
        ("no_training_on_data = true", "trains_on_data = false"),
        ("retention_days_at_most = 30", "retention_days = 30"),
        ("residency = ['EU', 'ch']", "regions = ['us', 'eu']"),
        ("certifications = ['ISO 27001']", "certifications = ['iso27001', 'SOC 2']"),
        ("support = 'business-hours'", "support = 'around-the-clock'"),
    ],
)
def test_a_contract_that_meets_a_constraint_stays(constraint: str, contract: str) -> None:
    found = weighed(f'[constraints]\n{constraint}\n[contracts."{MINI}"]\n{contract}')
    assert not found.removed
    assert not found.to_ask
    assert not found.constraints


def test_what_a_contract_does_not_say_is_asked_and_neither_removes_nor_passes() -> None:
    found = weighed("[constraints]\nresidency = ['eu']\nsupport = 'business-hours'", (OTHER,))
    assert {each.key for each in found.to_ask} == {"residency", "support"}
    assert not found.removed


def test_a_side_of_which_something_is_left_decides_nothing() -> None:
    text = f"[constraints]\nno_training_on_data = true\n[contracts.'{OTHER}']\ntrains_on_data = true"
    found = weighed(text, (MINI, OTHER))
    assert [each.name for each in found.removed] == [OTHER]
    assert not found.constraints


@pytest.mark.parametrize(
    ("company", "model", "keys"),
    [
        ("monthly_users = 700_000_001", LLAMA, ["licence"]),
        ("monthly_users = 700_000_000", LLAMA, []),
        ("monthly_users = 700_000_001", QWEN, []),
        ("purpose = 'commercial'", "llama-7b", ["licence"]),
        ("purpose = 'research'", "llama-7b", []),
        ("purpose = 'hosting'", "falcon-180b", ["licence"]),
        ("purpose = 'commercial'", "falcon-180b", []),
    ],
)
def test_a_licence_removes_what_it_does_not_allow(company: str, model: str, keys: list[str]) -> None:
    found = weighed(f"[company]\n{company}", owned=(model,))
    assert [each.key for each in found.removed] == keys
    assert [each.leaves for each in found.constraints] == ["rent"] * len(keys)


def test_every_limited_licence_of_the_list_of_models_has_a_row() -> None:
    limited = {model.licence for model in shipped_models().values() if "(" in model.licence}
    limited |= {model.licence for model in shipped_models().values() if "only" in model.licence}
    assert limited == set(shipped_terms().licences)


def test_stated_quality_below_what_is_needed_removes_and_is_always_told_as_stated() -> None:
    text = f"[constraints]\nleast_good_enough_share = 0.9\n[quality.'{LLAMA}']\n"
    found = weighed(text + "good_enough_share = 0.8\nsource = '200 tickets'")
    assert [each.name for each in found.removed] == [LLAMA]
    assert [each.name for each in found.to_ask] == [MINI]
    assert any("(stated)" in each.says and each.source == "200 tickets" for each in found.known)


def test_a_fact_is_told_with_who_says_it() -> None:
    text = f'[contracts."{MINI}"]\nretires = 2027-01-01\nleaving_engineer_months = 2'
    told = {each.says: each for each in weighed(text).known if each.name == MINI}
    assert told["will be retired on 2027-01-01"].source == "your answers"
    assert told["leaving takes 2 engineer's months"].source == "your answers"
    assert "openai.com" in told["does not train on what it is sent"].source
    assert any("was retired on" in each.says for each in weighed("", ("openai/gpt-4-0613",)).known)


def test_a_rented_model_of_open_weights_says_that_it_can_be_had_elsewhere() -> None:
    assert any("are open" in each.says for each in weighed("", ("together/llama-3.1-8b",)).known)
    assert not any("are open" in each.says for each in weighed("").known if each.name == MINI)


def test_preferences_rank_where_the_money_leaves_it_open_and_change_no_verdict() -> None:
    leaning = weighed("[preferences]\nindependence = 3\nquick_start = 1").leaning
    assert leaning is not None
    assert leaning.side == "own"
    ruling = rule([], 0.5, 0.0, leaning)
    assert (ruling.verdict, ruling.by, ruling.first) == ("unclear", "preference", "own")
    assert "ranks owning first" in ruling.decided_by
    assert rule([], 0.1, 0.0, leaning).by == "money"
    assert rule([], 0.5, 0.0, Leaning(2, 2, "both")).by == "nothing"


RENTED = (
    Rented(MINI, Price(Rates(Decimal("0.15"), Decimal("0.60")), "a test")),
    Rented(OTHER, Price(Rates(Decimal(2), Decimal(6)), "a test")),
)
OWNED = (
    Owned(LLAMA, "fp8", "h100", 1, Spread(4.0, 5.0, 6.0), Spread(2.0, 2.5, 3.0)),
    Owned(QWEN, "fp8", "h100", 1, Spread(2.0, 2.5, 3.0), Spread(2.0, 2.5, 3.0)),
)
QUESTION = Question(
    Traffic(Decimal(10_000_000), Decimal(500), Decimal(250), 3.0), RENTED, OWNED, assumptions(), worlds=200
)


def test_a_removed_way_is_not_compared_while_others_are_left() -> None:
    pytest.importorskip("numpy")
    out = f"[constraints]\nno_training_on_data = true\n[contracts.'{MINI}']\ntrains_on_data = true"
    found = weighed(out + "\n[company]\nmonthly_users = 800_000_000", (MINI, OTHER), (LLAMA, QWEN))
    decision = decide(replace(QUESTION, weighed=found))
    assert decision.cheapest_rent.rented.name == OTHER
    assert decision.own is not None
    assert decision.own.owned.model == QWEN
    assert decision.ruling.by == "money"


def test_a_side_without_a_way_left_is_the_constraint_that_decides_and_its_cost_is_told() -> None:
    pytest.importorskip("numpy")
    found = weighed(
        "[constraints]\nretention_days_at_most = 0\n[contracts.mistral]\nretention_days = 30", (MINI, OTHER)
    )
    decision = decide(replace(QUESTION, weighed=found))
    assert decision.ruling.verdict == "own"
    assert decision.ruling.by == "constraint"
    assert "retention_days_at_most" in decision.ruling.decided_by
    assert "because no rented model is left" in sentence(decision)
    assert len(decision.rent) == 2
    assert all(scene.ruling.verdict == "own" for scene in decision.scenarios)
