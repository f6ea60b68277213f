"""The smallest fleet that keeps a promise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.costs.fleet import Lengths, Promise, Serving, goodput_rps, poisson, simulate, smallest
from freehold.costs.fleet.run import one_keeps
from freehold.errors import ConfigError

PROMISE = Promise(1.0, 0.05)


def step_seconds(prompt: int, running: int, cached: float) -> float:
    return 0.01 + 0.0002 * prompt + 0.0005 * running + 1e-7 * cached


SERVING = Serving(step_seconds, 50_000, 64)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 40), st.integers(20, 400), st.integers(5, 100))
def test_the_smallest_fleet_keeps_the_promise_and_one_less_does_not(
    rate: float, given_tokens: int, made: int
) -> None:
    arrivals = poisson(rate, Lengths(given_tokens, made), 300)
    sized = smallest(arrivals, SERVING, PROMISE)
    assert sized.enough.keeps(PROMISE)
    assert simulate(arrivals, SERVING, sized.enough.replicas) == sized.enough
    if sized.enough.replicas > 1:
        assert sized.one_less is not None
        assert sized.one_less.replicas == sized.enough.replicas - 1
        assert not sized.one_less.keeps(PROMISE)


def test_a_burst_needs_more_replicas_than_the_same_requests_spread_evenly() -> None:
    even = [(number / 4, 200, 50) for number in range(240)]
    burst = [(number // 60 * 15 + number % 60 / 60, 200, 50) for number in range(240)]
    assert (
        smallest(burst, SERVING, PROMISE).enough.replicas > smallest(even, SERVING, PROMISE).enough.replicas
    )


def test_a_promise_that_no_fleet_keeps_is_refused_with_what_can_be_had() -> None:
    with pytest.raises(ConfigError, match=r"p95 TPOT .* \(promised 0\.001\)"):
        smallest([(0.0, 10, 20), (1.0, 10, 20)], SERVING, Promise(1.0, 0.001))
    with pytest.raises(ConfigError, match="without any queue"):
        goodput_rps(SERVING, Lengths(10, 20), Promise(1.0, 0.001))


def test_at_the_goodput_the_promise_holds_and_a_tenth_above_it_does_not() -> None:
    lengths = Lengths(300, 60)
    rate = goodput_rps(SERVING, lengths, PROMISE)
    assert simulate(poisson(rate, lengths), SERVING, 1).keeps(PROMISE)
    assert not simulate(poisson(rate * 1.1, lengths), SERVING, 1).keeps(PROMISE)


@pytest.mark.parametrize("made", [0, 20])
def test_a_patient_promise_does_not_let_a_replica_serve_more_than_it_can(made: int) -> None:
    """A finite draw is served within any patience; a queue that only grows is one all the same."""
    rate = goodput_rps(SERVING, Lengths(50, made), Promise(3600.0, 3600.0))
    assert rate <= 1 / (0.0002 * 50)  # what its prompts alone allow
    assert rate >= goodput_rps(SERVING, Lengths(50, made), PROMISE)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0.5, 40), st.integers(20, 400), st.integers(0, 100), st.floats(0.02, 3), st.floats(0.01, 0.1)
)
def test_stopping_once_a_promise_is_broken_tells_the_same_as_the_whole_simulation(
    rate: float, given_tokens: int, made: int, ttft: float, tpot: float
) -> None:
    arrivals, promise = poisson(rate, Lengths(given_tokens, made), 400), Promise(ttft, tpot)
    assert one_keeps(arrivals, SERVING, promise) == simulate(arrivals, SERVING, 1).keeps(promise)


def test_where_a_search_begins_hardly_moves_what_it_finds() -> None:
    lengths = Lengths(300, 60)
    found = goodput_rps(SERVING, lengths, PROMISE)
    for guess in (found / 30, found / 1.3, found * 1.1, found * 50):
        assert goodput_rps(SERVING, lengths, PROMISE, guess) == pytest.approx(found, rel=0.03)
