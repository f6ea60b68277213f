"""Limits filter, policies only rank. The properties run over every policy file, future ones included."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from freehold.errors import Refused
from freehold.privacy import Label
from freehold.routing import Candidate, Facts, Ranking, decide, load_policy, policy_names

CAN = st.frozensets(st.sampled_from(["tools", "json_schema", "images", "logprobs"]))
MODELS = ["gpt", "azure", "llama", "qwen"]


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    names = draw(st.lists(st.sampled_from(MODELS), min_size=1, unique=True))
    candidates = tuple(
        Candidate(
            model=name,
            tenure=draw(st.sampled_from(["rented", "owned"])),
            clearance=draw(st.sampled_from(Label)),
            can=draw(CAN),
            context_tokens=draw(st.none() | st.integers(1, 2000)),
            weight=draw(st.sampled_from([0.0, 0.1, 0.9])),
            region=draw(st.none() | st.sampled_from(["eu", "us"])),
        )
        for name in names
    )
    return Facts(
        route="support",
        home=draw(st.sampled_from(["rented", "owned"])),
        candidates=candidates,
        label=draw(st.sampled_from(Label)),
        private=draw(st.sampled_from(["keep", "redact", "refuse"])),
        redacted=draw(st.none() | st.sampled_from(Label)),
        regions=draw(st.none() | st.frozensets(st.sampled_from(["eu", "us"]), min_size=1)),
        own_only=draw(st.booleans()),
        needs=draw(CAN),
        input_tokens=draw(st.integers(0, 2000)),
        only_tenure=draw(st.none() | st.sampled_from(["rented", "owned"])),
        down=dict.fromkeys(draw(st.lists(st.sampled_from(names))), "is down"),
        ttft_seconds=draw(st.dictionaries(st.sampled_from(names), st.floats(0.001, 10))),
        cost_usd=draw(st.dictionaries(st.sampled_from(names), st.decimals(0, 1, places=6))),
        sticky=draw(st.text(max_size=8)),
    )


@pytest.mark.parametrize("name", policy_names())
@given(facts=all_facts(), other=all_facts())
def test_a_steady_choice_is_the_same_for_all_requests_alike_to_the_limits(
    name: str, facts: Facts, other: Facts
) -> None:
    """The gateway makes it once: what was observed, what it would cost and who asks must not matter."""
    up = replace(facts, down={}, input_tokens=0)
    changed = replace(
        up, ttft_seconds=other.ttft_seconds, cost_usd=other.cost_usd, sticky=other.sticky, output_tokens=7
    )
    try:
        choice = decide(up, load_policy(name))
    except Refused:
        return
    if choice.steady:
        assert decide(changed, load_policy(name)) == choice


def test_the_policy_that_looks_at_the_home_alone_is_steady() -> None:
    assert decide(facts(GPT, LLAMA), load_policy("home")).steady
    assert not decide(facts(GPT, LLAMA), load_policy("fastest")).steady


@pytest.mark.parametrize("name", policy_names())
@given(facts=all_facts())
def test_no_policy_brings_back_what_a_limit_removed(name: str, facts: Facts) -> None:
    try:
        choice = decide(facts, load_policy(name))
    except Refused as refused:
        assert refused.status in (400, 403, 503)  # noqa: PT017 - the property speaks of both outcomes
        return
    assert choice.order
    for candidate in choice.order:
        least = facts.label if facts.redacted is None else min(facts.label, facts.redacted)
        assert least <= candidate.clearance
        assert facts.regions is None or candidate.region in facts.regions
        assert candidate.tenure == "owned" or not facts.own_only
        assert facts.needs <= candidate.can
        assert candidate.model not in facts.down
        assert facts.only_tenure in (None, candidate.tenure)
        assert candidate.context_tokens is None or facts.input_tokens <= candidate.context_tokens
    removed = {removal.model for removal in choice.removed}
    assert removed.isdisjoint(candidate.model for candidate in choice.order)
    assert len(removed) + len(choice.order) == len(facts.candidates)
    assert choice.why


@given(facts=all_facts())
def test_a_policy_that_cheats_is_cut_to_what_the_limits_left(facts: Facts) -> None:
    def cheat(facts: Facts, candidates: tuple[Candidate, ...]) -> Ranking:
        return Ranking(facts.candidates, "it cheats") if candidates else Ranking((), "")

    try:
        choice = decide(facts, cheat)
    except Refused:
        return
    assert {r.model for r in choice.removed}.isdisjoint(c.model for c in choice.order)


def candidate(model: str, tenure: str, **changes: object) -> Candidate:
    values: dict[str, object] = {
        "model": model,
        "tenure": tenure,
        "clearance": Label.SECRET if tenure == "owned" else Label.INTERNAL,
        "can": frozenset(),
    }
    return Candidate(**(values | changes))  # type: ignore[arg-type]  # values of mixed types by name


def facts(*candidates: Candidate, **changes: object) -> Facts:
    values: dict[str, object] = {
        "route": "support",
        "home": "rented",
        "candidates": candidates,
        "label": Label.INTERNAL,
    }
    return Facts(**(values | changes))  # type: ignore[arg-type]  # values of mixed types by name


GPT, LLAMA = candidate("gpt", "rented"), candidate("llama", "owned")


def order(of: Facts, policy: str) -> list[str]:
    return [c.model for c in decide(of, load_policy(policy)).order]


def test_home_asks_the_home_first_and_the_other_home_as_fallback() -> None:
    assert order(facts(GPT, LLAMA), "home") == ["gpt", "llama"]
    assert order(facts(GPT, LLAMA, home="owned"), "home") == ["llama", "gpt"]


def test_a_personal_request_stays_with_the_owned_model() -> None:
    assert order(facts(GPT, LLAMA, label=Label.PERSONAL), "home") == ["llama"]


def test_a_personal_request_is_an_error_when_its_owned_model_is_down() -> None:
    with pytest.raises(Refused, match="llama is restarting") as refused:
        decide(facts(GPT, LLAMA, label=Label.PERSONAL, down={"llama": "is restarting"}), load_policy("home"))
    assert refused.value.status == 503


def test_refuse_answers_403_where_the_first_choice_lacks_clearance() -> None:
    with pytest.raises(Refused, match="cleared for internal only") as refused:
        decide(facts(GPT, LLAMA, label=Label.PERSONAL, private="refuse"), load_policy("home"))
    assert refused.value.status == 403


def test_refuse_leaves_a_request_alone_that_a_cleared_model_answers() -> None:
    personal = facts(GPT, LLAMA, label=Label.PERSONAL, private="refuse", home="owned")
    assert order(personal, "home") == ["llama"]


def test_what_no_model_can_do_is_refused_with_the_parameter_named() -> None:
    with pytest.raises(Refused, match="does not support images") as refused:
        decide(facts(GPT, needs=frozenset({"images"})), load_policy("home"))
    assert refused.value.status == 400


def test_cheapest_ranks_by_cost_and_puts_an_unknown_cost_last() -> None:
    known = {"gpt": Decimal("0.002"), "llama": Decimal("0.001")}
    assert order(facts(GPT, LLAMA, cost_usd=known), "cheapest") == ["llama", "gpt"]
    assert order(facts(LLAMA, GPT, cost_usd={"gpt": Decimal(1)}), "cheapest") == ["gpt", "llama"]


def test_fastest_ranks_by_observed_ttft_and_tries_the_unobserved_first() -> None:
    assert order(facts(GPT, LLAMA, ttft_seconds={"gpt": 0.4, "llama": 0.1}), "fastest") == ["llama", "gpt"]
    assert order(facts(GPT, LLAMA, ttft_seconds={"gpt": 0.4}), "fastest") == ["llama", "gpt"]


def test_split_is_sticky_and_keeps_its_shares() -> None:
    pair = (candidate("gpt", "rented", weight=0.9), candidate("llama", "owned", weight=0.1))
    firsts = [order(facts(*pair, sticky=f"user-{n}"), "split")[0] for n in range(2000)]
    assert firsts == [order(facts(*pair, sticky=f"user-{n}"), "split")[0] for n in range(2000)]
    # Four standard deviations of a binomial with n = 2000, p = 0.1 are about 54.
    assert abs(firsts.count("llama") - 200) < 54


def test_a_grown_weight_moves_users_in_one_direction_only() -> None:
    def firsts(share: float) -> list[str]:
        pair = (candidate("gpt", "rented", weight=1 - share), candidate("llama", "owned", weight=share))
        return [order(facts(*pair, sticky=f"user-{n}"), "split")[0] for n in range(500)]

    for before, after in zip(firsts(0.1), firsts(0.4), strict=True):
        assert (before, after) != ("llama", "gpt")
