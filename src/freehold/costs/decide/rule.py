"""The verdict's rule, stated once. Does not know how its figures were found.

A declared constraint decides. Else: own if the probability that owning is cheaper is at least 0.8, rent if it
is at most 0.2, hybrid if a mix beats both, else unclear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["rent", "own", "hybrid", "unclear"]

OWN_FROM = 0.8
RENT_TO = 0.2


@dataclass(frozen=True, slots=True)
class Constraint:
    """What the organisation declared and which home it leaves; `key` names the line of the assumptions."""

    key: str
    says: str
    leaves: Literal["rent", "own"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict and what decided it, in words that follow "because"."""

    verdict: Verdict
    decided_by: str


def rule(
    constraints: Sequence[Constraint],
    own_is_cheaper: float | None,
    mix_beats_both: float | None,
) -> Ruling:
    """`own_is_cheaper`, `mix_beats_both`: probabilities, `None` where there is nothing to compare."""
    left = {constraint.leaves for constraint in constraints}
    said = "; ".join(f"{constraint.says} ({constraint.key})" for constraint in constraints)
    if len(left) > 1:
        return Ruling("unclear", f"what is declared contradicts itself: {said}")
    if left:
        return Ruling(left.pop(), said)
    if own_is_cheaper is None:
        return Ruling("unclear", "one side has no figure")
    if own_is_cheaper >= OWN_FROM:
        return Ruling("own", f"owning is cheaper with a probability of {own_is_cheaper:.0%}")
    if own_is_cheaper <= RENT_TO:
        return Ruling("rent", f"owning is cheaper with a probability of only {own_is_cheaper:.0%}")
    if mix_beats_both is not None and mix_beats_both >= OWN_FROM:
        return Ruling(
            "hybrid", f"owning the base load and renting the peaks beats both in {mix_beats_both:.0%}"
        )
    return Ruling("unclear", f"owning is cheaper with a probability of {own_is_cheaper:.0%}")
