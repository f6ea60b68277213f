"""The verdict's rule, as it is stated."""

from __future__ import annotations

import pytest

from freehold.costs.decide import Constraint, rule

LEAVES_OWN = Constraint("data_may_not_leave", "its data may not leave the house", "own")
LEAVES_RENT = Constraint("nobody_can_run_gpus", "nobody can run GPUs", "rent")


PART = Constraint("may_not_leave", "20 % of its requests may not leave the house", "own", in_part=True)


def test_where_a_part_may_not_leave_a_surely_cheaper_mix_decides_else_owning_all() -> None:
    assert rule([PART], 0.0, 0.0, None, 0.8).verdict == "hybrid"
    assert rule([PART], 0.0, 0.0, None, 0.79).verdict == "own"
    assert rule([PART], 0.0, 0.0).verdict == "own"
    assert rule([PART], 0.0, 0.0, None, 0.8).by == "constraint"
    assert "20 % of its requests" in rule([PART], 0.0, 0.0, None, 0.8).decided_by
    assert rule([PART, LEAVES_OWN], 0.0, 0.0, None, 1.0).verdict == "own"
    assert rule([PART, LEAVES_RENT], 0.0, 0.0, None, 1.0).verdict == "unclear"


@pytest.mark.parametrize(
    ("cheaper", "mix", "verdict"),
    [
        (0.8, 0.0, "own"),
        (0.79, 0.0, "unclear"),
        (0.2, 1.0, "rent"),
        (0.21, 0.0, "unclear"),
        (0.5, 0.8, "hybrid"),
        (0.5, 0.79, "unclear"),
        (None, None, "unclear"),
    ],
)
def test_the_verdict_follows_the_probabilities(
    cheaper: float | None, mix: float | None, verdict: str
) -> None:
    assert rule([], cheaper, mix).verdict == verdict


def test_a_declared_constraint_decides_whatever_it_costs() -> None:
    ruling = rule([LEAVES_OWN], 0.0, 0.0)
    assert ruling.verdict == "own"
    assert "data_may_not_leave" in ruling.decided_by
    assert rule([LEAVES_RENT], 1.0, 0.0).verdict == "rent"


def test_constraints_that_leave_no_home_are_told_as_a_contradiction() -> None:
    ruling = rule([LEAVES_OWN, LEAVES_RENT], 0.9, 0.0)
    assert ruling.verdict == "unclear"
    assert "contradicts" in ruling.decided_by


def test_no_share_of_drawn_worlds_is_told_as_certain() -> None:
    assert "only under 1%" in rule([], 0.0, 0.0).decided_by
    assert "over 99%" in rule([], 1.0, 0.0).decided_by
    assert "85%" in rule([], 0.85, 0.0).decided_by
