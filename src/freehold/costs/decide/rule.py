"""The verdict's rule, stated once. Does not know how its figures were found.

A declared constraint decides; one of a part of the traffic leaves owning all, or a mix where that is cheaper
with a probability of at least 0.8.

Else: own if the probability that owning is cheaper is at least 0.8, rent if it
is at most 0.2, hybrid if a mix beats both, else unclear. What is preferred ranks the two where the money
leaves it unclear; it changes no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["rent", "own", "hybrid", "unclear"]
Side = Literal["rent", "own"]
By = Literal["constraint", "money", "preference", "nothing"]

OWN_FROM = 0.8
RENT_TO = 0.2


@dataclass(frozen=True, slots=True)
class Constraint:
    """What the organisation declared and which home it leaves; `key` names the line of the assumptions."""

    key: str
    says: str
    leaves: Side
    in_part: bool = False  # of a part of the traffic: the rest may be where it wants


@dataclass(frozen=True, slots=True)
class Leaning:
    """What preferences rank first: weights for either side, and which they are."""

    for_own: int
    for_rent: int
    says: str

    @property
    def side(self) -> Side | None:
        if self.for_own == self.for_rent:
            return None
        return "own" if self.for_own > self.for_rent else "rent"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict and what decided it, in words that follow "because".

    `by`: whether a constraint, the money or a preference did; a preference ranks first what `first` names.
    """

    verdict: Verdict
    decided_by: str
    by: By = "nothing"
    first: Side | None = None


def chance(share: float) -> str:
    """A share of drawn worlds; of a few thousand none is no proof of never."""
    return "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{share:.0%}"


def rule(
    constraints: Sequence[Constraint],
    own_is_cheaper: float | None,
    mix_beats_both: float | None,
    leaning: Leaning | None = None,
    mix_beats_own: float | None = None,
) -> Ruling:
    """`own_is_cheaper`, `mix_beats_…`: probabilities, `None` where there is nothing to compare.

    Where constraints keep only a part at home, its overflow may be rented: a mix is left beside owning all.
    """
    left = {constraint.leaves for constraint in constraints}
    said = "; ".join(f"{constraint.says} ({constraint.key})" for constraint in constraints)
    if len(left) > 1:
        return Ruling("unclear", f"what is declared contradicts itself: {said}", "constraint")
    if left == {"own"} and all(one.in_part for one in constraints) and (mix_beats_own or 0) >= OWN_FROM:
        mixed = f"renting the peaks of the rest beats owning all in {chance(mix_beats_own or 0)}"
        return Ruling("hybrid", f"{said}; {mixed}", "constraint")
    if left:
        return Ruling(left.pop(), said, "constraint")
    if own_is_cheaper is None:
        return _ranked("one side has no figure", leaning)
    said_of_money = f"owning is cheaper with a probability of {chance(own_is_cheaper)}"
    if own_is_cheaper >= OWN_FROM:
        return Ruling("own", said_of_money, "money")
    if own_is_cheaper <= RENT_TO:
        only = f"owning is cheaper with a probability of only {chance(own_is_cheaper)}"
        return Ruling("rent", only, "money")
    if mix_beats_both is not None and mix_beats_both >= OWN_FROM:
        mixed = f"owning the base load and renting the peaks beats both in {chance(mix_beats_both)}"
        return Ruling("hybrid", mixed, "money")
    return _ranked(said_of_money, leaning)


def _ranked(money: str, leaning: Leaning | None) -> Ruling:
    """The money leaves it open: what is preferred ranks the two."""
    if leaning is None or leaning.side is None:
        return Ruling("unclear", money)
    verb = "owning" if leaning.side == "own" else "renting"
    ranks = f"what you prefer ranks {verb} first: {leaning.says}"
    return Ruling("unclear", f"{money}; {ranks}", "preference", leaning.side)
