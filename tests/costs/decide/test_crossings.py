"""Where the curves cross: against a walk over all volumes."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from freehold.costs.decide import Stairs, crossings_of

pytest.importorskip("numpy")


def owned_usd(stairs: Stairs, volume: float) -> float:
    return stairs.fixed_usd + ceil(volume / stairs.step_requests - 1e-12) * stairs.step_usd


def cheaper_side(found: list[float], volume: float) -> str:
    return "own" if sum(crossing <= volume for crossing in found) % 2 else "rent"


@given(
    fixed=st.integers(0, 20_000),
    step=st.integers(1, 5_000),
    per_step=st.integers(1, 8_000),
    base=st.integers(0, 20_000),
    at=st.lists(st.floats(0.01, 60), min_size=20, max_size=20),
)
def test_between_two_crossings_the_same_side_is_the_cheaper(
    fixed: int, step: int, per_step: int, base: int, at: list[float]
) -> None:
    assume(step != per_step)
    stairs = Stairs(fixed, step, 1.0)
    found = crossings_of(stairs, per_step, base)
    assert found == sorted(found)
    for volume in at:
        own, rent = owned_usd(stairs, volume), base + volume * per_step
        if abs(own - rent) > 1e-6 * (own + rent) and all(abs(volume - where) > 1e-6 for where in found):
            assert cheaper_side(found, volume) == ("own" if own < rent else "rent"), (found, volume)


def test_a_staircase_crosses_a_line_several_times() -> None:
    """A replica costs 100 and serves 10 requests of 12 each; people cost 50 a month.

    Two full replicas cost 250 against 240 rented; three 350 against 360: owning pays from 350/12 requests on,
    no longer where the fourth is due (450 against 360), and again from 450/12; and so on until 9 replicas.
    """
    found = crossings_of(Stairs(50, 100, 10), 12)
    assert found[:4] == pytest.approx([350 / 12, 30, 450 / 12, 40])
    assert found[-1] == pytest.approx(850 / 12)
    assert len(found) % 2 == 1


def test_tokens_that_are_cheaper_than_a_full_replica_are_never_worth_owning() -> None:
    assert crossings_of(Stairs(0, 100, 10), 9.0) == []
