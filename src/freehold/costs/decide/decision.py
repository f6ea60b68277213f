"""The comparison, the verdict and what would flip it, from traffic, prices, fleets and assumptions.

Does not know where these came from, nor how the answer is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from freehold.costs.decide.assumptions import Assumption, Assumptions
from freehold.costs.decide.crossings import Crossing
from freehold.costs.decide.enough import Seen
from freehold.costs.decide.horizon import Horizon, look_ahead
from freehold.costs.decide.other_ways import OtherWay, Rentable, other_ways, shipped_committed
from freehold.costs.decide.owned import TYPED, Owned
from freehold.costs.decide.rented import Host, Rented
from freehold.costs.decide.rule import Constraint, Ruling, rule
from freehold.costs.decide.spread import Z90, Spread, spread_of
from freehold.costs.decide.traffic import Traffic
from freehold.costs.decide.weighing import Weighed
from freehold.costs.decide.worlds import (
    SEED,
    WORLDS,
    Month,
    Score,
    break_even,
    drawn,
    month,
    owns_at,
    rents_at,
    replicas_spread,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared. At least one rented and one owned way, unless a constraint leaves one home only.

    `weighed` is what counts beside the money: ways that are removed are not compared while others are left.
    `seen` is what the month was scaled from, where it was. `hosts` rent out the weights of owned ones: nobody
    asked for them, so that they are told and do not decide.
    """

    traffic: Traffic
    rented: Sequence[Rented]
    owned: Sequence[Owned]
    assumed: Assumptions
    worlds: int = WORLDS
    seed: int = SEED
    weighed: Weighed = field(default_factory=Weighed)
    seen: Seen | None = None
    hosts: Sequence[Host] = ()

    @property
    def is_thin(self) -> bool:
        """Whether the month stands on too little to be told from it."""
        return self.seen is not None and not self.seen.is_enough

    def constraints(self) -> list[Constraint]:
        """What was declared, and what follows from it for the ways that are compared."""
        return [*self.assumed.constraints(), *self.weighed.constraints, *self._kept()]

    def _kept(self) -> list[Constraint]:
        """A part of the traffic that may not leave. Where nothing may, that is said already."""
        share = self.traffic.may_not_leave_share
        if not share or not self.assumed.may_leave:
            return []
        says = f"{100 * share:.3g} % of its requests may not leave the house"
        return [Constraint("may_not_leave", says, "own", in_part=share < 1)]

    def left(self) -> Question:
        """Without the ways that are removed; a side of which nothing is left keeps all, to show its cost."""
        rented = [one for one in self.rented if not self.weighed.is_removed(one.name, "rent")]
        owned = [one for one in self.owned if not self.weighed.is_removed(one.model, "own")]
        return replace(self, rented=rented or self.rented, owned=owned or self.owned)

    def ruled(self, priced: Month | None) -> Ruling:
        """`priced` is `None` where there is nothing to compare."""
        leaning, said = self.weighed.leaning, self.constraints()
        if priced is None:
            return rule(said, None, None, leaning)
        beats_own = priced.mix_beats_own if any(one.in_part for one in said) else None
        return rule(said, priced.own_is_cheaper, priced.mix_beats_both, leaning, beats_own)


@dataclass(frozen=True, slots=True)
class RentedMonth:
    """The exact tokens of a month at a price, in USD."""

    rented: Rented
    usd_per_month: Decimal


@dataclass(frozen=True, slots=True)
class OwnedMonth:
    """A fleet held for 730 hours without spares, people and project included; USD a month, and whole GPUs.

    `asked_again_usd` of it are the rented model's, for requests that are asked again.
    """

    owned: Owned
    usd_per_month: Spread
    replicas: Spread
    asked_again_usd: float = 0.0

    @property
    def gpus(self) -> Spread:
        n = self.owned.gpus
        return Spread(self.replicas.p10 * n, self.replicas.p50 * n, self.replicas.p90 * n)


@dataclass(frozen=True, slots=True)
class Swing:
    """How far one assumption alone moves the monthly saving of owning, from its p10 to its p90; USD."""

    name: str
    at_p10_usd: float
    at_p90_usd: float

    @property
    def width_usd(self) -> float:
        return abs(self.at_p90_usd - self.at_p10_usd)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The question asked again in another world."""

    name: str
    ruling: Ruling
    own_over_rent: Spread


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer. `own` and what compares with it are `None` where no fleet was possible."""

    question: Question
    rent: tuple[RentedMonth, ...]
    own: OwnedMonth | None
    other_fleets: tuple[OwnedMonth, ...]
    ruling: Ruling
    own_is_cheaper: float | None
    mix_beats_both: float | None
    own_over_rent: Spread | None
    mix_usd_per_month: Spread | None
    crossings: tuple[Crossing, ...]
    swings: tuple[Swing, ...]
    scenarios: tuple[Scenario, ...]
    horizon: Horizon | None
    other_ways: tuple[OtherWay, ...] = ()

    @property
    def owned_quality_is_known(self) -> bool:
        """Whether anybody says how much of the work the owned model does well enough."""
        known = self.question.weighed.known
        return self.own is not None and any(
            each.name == self.own.owned.model and each.key == "quality" for each in known
        )

    @property
    def cheapest_rent(self) -> RentedMonth:
        return min(self.rent, key=lambda item: item.usd_per_month)


def decide(question: Question) -> Decision:
    """Compare, and judge. The rented side is the cheapest of the rented ways, the owned one likewise.

    Raises `ConfigError` on a price that cannot be computed.
    """
    question = question.left()
    rent = tuple(RentedMonth(item, item.usd_per_month(question.traffic)) for item in question.rented)
    score = drawn(question.worlds, question.seed)
    fleets = _fleets(question, rent, score)
    if not fleets or not rent:
        own = fleets[0][0] if fleets else None
        return Decision(
            question, rent, own, (), question.ruled(None), None, None, None, None, (), (), (), None
        )
    own, priced = fleets[0]
    per_request = _per_request(question, rent)
    return Decision(
        question=question,
        rent=rent,
        own=own,
        other_fleets=tuple(other for other, _ in fleets[1:]),
        ruling=question.ruled(priced),
        own_is_cheaper=priced.own_is_cheaper,
        mix_beats_both=priced.mix_beats_both,
        own_over_rent=spread_of(priced.own / priced.rent),
        mix_usd_per_month=_finite(priced.mix),
        crossings=tuple(break_even(priced, per_request)),
        swings=_swings(question, per_request, own.owned),
        scenarios=_scenarios(question, per_request, own.owned, score),
        horizon=look_ahead(question.traffic, per_request, own.owned, question.assumed, score),
        other_ways=other_ways(
            priced,
            question.traffic,
            own.owned.name,
            Rentable([item.rented.name for item in rent], _hosts(question), shipped_committed()),
            score,
        ),
    )


def _hosts(question: Question) -> list[tuple[Host, float]]:
    """With the share of requests that their model does not do well enough."""
    short = {owned.model: owned.falls_short_share for owned in question.owned}
    return [(host, short.get(host.model, 0.0)) for host in question.hosts]


@dataclass(frozen=True, slots=True)
class Point:
    """Both sides at one volume, USD a month, over the same worlds as the verdict."""

    requests_per_month: float
    rent: Spread
    own: Spread


def curves(decision: Decision, volumes: Sequence[float]) -> list[Point]:
    """The cheapest rented and the cheapest owned way at other volumes; lengths and waves stay as they are.

    Empty where there is nothing to compare.
    """
    question, own = decision.question, decision.own
    if own is None or not decision.rent:
        return []
    per_request = _per_request(question, decision.rent)
    score = drawn(question.worlds, question.seed)
    priced = month(question.traffic, per_request, own.owned, question.assumed, score)
    sides = zip(
        volumes, rents_at(priced, volumes, per_request), owns_at(priced, volumes, per_request), strict=True
    )
    return [Point(*each) for each in sides]


def assumed(decision: Decision) -> list[Assumption]:
    """Every uncertain figure behind the verdict: the assumptions, and the hour of the GPU that it owns."""
    figures = [*decision.question.assumed.figures.values()]
    if decision.own is not None:
        owned = decision.own.owned
        name = f"usd_per_hour_of_one_{owned.gpu.lower().replace(' ', '_')}"
        hour = Assumption(
            name,
            owned.gpu_usd_per_hour,
            owned.hour_source,
            owned.hour_as_of or date.min,
            overridden=owned.hour_source == TYPED,
        )
        figures.append(hour)
        if decision.own.asked_again_usd:
            figures.append(_asked_again(decision, owned))
    return figures


def _asked_again(decision: Decision, owned: Owned) -> Assumption:
    stated = next(
        (
            each
            for each in decision.question.weighed.known
            if (each.name, each.key) == (owned.model, "quality")
        ),
        None,
    )
    said = "" if stated is None else f", by {stated.source}"
    rented = decision.cheapest_rent.rented.name
    return Assumption(
        "asked_again_share",
        Spread.exactly(owned.falls_short_share),
        f"what {owned.model} does not do well enough{said}; each asked again of {rented} at its usual length",
        date.min,
        overridden=True,
    )


def rented_people(decision: Decision) -> Spread:
    """What renting takes in people, USD a month; nothing where nothing is owned to compare it with."""
    points = curves(decision, [0.0])
    return points[0].rent if points else Spread.exactly(0.0)


def _fleets(question: Question, rent: Sequence[RentedMonth], score: Score) -> list[tuple[OwnedMonth, Month]]:
    """Every owned way priced, the cheapest (by its median) first, what is had on demand before the rest.

    Spot may be taken away, a reservation and a purchase bind for years: these are alternatives.
    """
    per_request = _per_request(question, rent) if rent else 0.0
    priced = [
        (owned, month(question.traffic, per_request, owned, question.assumed, score))
        for owned in question.owned
    ]
    made = [(_owned_month(owned, how), how) for owned, how in priced]
    return sorted(made, key=lambda pair: (pair[0].owned.tenancy != "on-demand", pair[0].usd_per_month.p50))


def _owned_month(owned: Owned, priced: Month) -> OwnedMonth:
    return OwnedMonth(owned, spread_of(priced.own), replicas_spread(priced), float(priced.own_again[0]))


def _per_request(question: Question, rent: Sequence[RentedMonth]) -> float:
    cheapest = min(item.usd_per_month for item in rent)
    return float(cheapest / question.traffic.requests_per_month)


def _finite(mix: NDArray[np.float64]) -> Spread | None:
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    possible = mix[np.isfinite(mix)]
    return spread_of(possible) if len(possible) >= 0.9 * len(mix) else None


def _swings(question: Question, per_request: float, owned: Owned) -> tuple[Swing, ...]:
    """One assumption at a time at its p10 and p90, all others at their medians; the widest first."""
    import numpy as np  # noqa: PLC0415 - as above

    names = [*question.assumed.figures, "gpu_usd_per_hour", "goodput_rps"]

    def saving(moved: str, normal: float) -> float:
        def score(name: str) -> Any:
            return np.full(1, normal if name == moved else 0.0)

        priced = month(question.traffic, per_request, owned, question.assumed, score)
        return float((priced.rent - priced.own)[0])

    swings = [Swing(name, saving(name, -Z90), saving(name, Z90)) for name in names]
    moving = [swing for swing in swings if swing.width_usd > 0]
    return tuple(sorted(moving, key=lambda swing: -swing.width_usd))


def _scenarios(question: Question, per_request: float, owned: Owned, score: Score) -> tuple[Scenario, ...]:
    """The four that every board asks for."""
    traffic = question.traffic
    double = replace(traffic, requests_per_month=traffic.requests_per_month * 2)
    half = replace(traffic, requests_per_month=traffic.requests_per_month / 2)
    good = owned.goodput_rps
    lighter = replace(owned, goodput_rps=Spread(good.p10 * 2, good.p50 * 2, good.p90 * 2))
    asked = (
        ("the rented price falls by 40 %", traffic, per_request * 0.6, owned),
        ("traffic doubles", double, per_request, owned),
        ("traffic halves", half, per_request, owned),
        ("an open model as good at half the compute", traffic, per_request, lighter),
    )
    return tuple(_scenario(question, score, *case) for case in asked)


def _scenario(
    question: Question, score: Score, name: str, traffic: Traffic, per_request: float, owned: Owned
) -> Scenario:
    priced = month(traffic, per_request, owned, question.assumed, score)
    ruling = question.ruled(priced)
    return Scenario(name, ruling, spread_of(priced.own / priced.rent))
