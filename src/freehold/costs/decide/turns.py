"""How far one figure must move until the rule gives another verdict, all else as it is today.

In the very worlds of the verdict. Does not know what was declared: where a constraint decides, money does
not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from freehold.costs.decide.decision import Decision
from freehold.costs.decide.rule import OWN_FROM, RENT_TO
from freehold.costs.decide.worlds import Month, drawn, month

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FARTHEST = 10_000  # times today's volume; beyond, nothing that holds today needs to hold
_POINTS = 800  # volumes tried on the way there

Moved = Literal["requests_per_month", "rented_price", "gpu_price"]
Side = Literal["rent", "between", "own"]


@dataclass(frozen=True, slots=True)
class Turn:
    """`moved` at `then` (today `now`; prices as a factor of today's, so 1) gives `side`, by money alone.

    `between` is neither side's by the rule: unclear, or a mix.
    """

    moved: Moved
    now: float
    then: float
    side: Side


def turns(decision: Decision) -> tuple[Turn, ...]:
    """The nearest one in each direction for volume, rented price and GPU price; those that exist."""
    question, own = decision.question, decision.own
    if own is None or not decision.rent:
        return ()
    per_request = float(decision.cheapest_rent.usd_per_month / question.traffic.requests_per_month)
    score = drawn(question.worlds, question.seed)
    priced = month(question.traffic, per_request, own.owned, question.assumed, score)
    return (
        *_by_volume(priced, float(question.traffic.requests_per_month), per_request),
        *_by_rented_price(priced),
        *_by_gpu_price(priced),
    )


def side_of(own_is_cheaper: float) -> Side:
    """What the rule makes of this probability, before it looks at a mix."""
    return "own" if own_is_cheaper >= OWN_FROM else "rent" if own_is_cheaper <= RENT_TO else "between"


def _by_volume(priced: Month, here: float, per_request: float) -> Iterator[Turn]:
    """The first volume below and above today's at which the side is another; the curves are staircases."""
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    def side(volume: float) -> Side:
        replicas = np.maximum(1.0, np.ceil(volume / priced.requests_per_replica - 1e-9))
        owning = priced.own_base + replicas * priced.usd_per_replica
        saved = volume * per_request * (1 - priced.asked_again_share)
        return side_of(float((owning < priced.rent_base + saved).mean()))

    today = side(here)
    for direction in (-1, 1):
        tried = here * _FARTHEST ** (direction * np.arange(1, _POINTS + 1) / _POINTS)
        found = next((float(volume) for volume in tried if side(volume) != today), None)
        if found is not None:
            yield Turn("requests_per_month", here, found, side(found))


def _by_rented_price(priced: Month) -> Iterator[Turn]:
    """Owning is cheaper where the factor on the price of tokens is above this, one value a world."""
    saved = priced.rent_tokens - priced.own_again
    if (saved > 0).all():
        dearer = priced.own_machines + priced.own_base - priced.rent_base
        yield from _by_factor("rented_price", dearer / saved, rising=True)


def _by_gpu_price(priced: Month) -> Iterator[Turn]:
    """Owning is cheaper where the factor on what machines cost is below this, one value a world."""
    if not (priced.own_machines > 0).all():
        return
    room = (priced.rent - priced.own_running - priced.project - priced.own_again) / priced.own_machines
    yield from _by_factor("gpu_price", room, rising=False)


def _by_factor(moved: Moved, limits: NDArray[np.float64], *, rising: bool) -> Iterator[Turn]:
    """`limits`: where each world changes sides. Rising: a higher factor favours owning."""
    import numpy as np  # noqa: PLC0415 - as above

    rent_to, own_from = (float(at) for at in np.quantile(limits, (RENT_TO, OWN_FROM)))
    if not rising:
        rent_to, own_from = own_from, rent_to
    favours_own = float(((limits < 1) if rising else (limits > 1)).mean())
    today = side_of(favours_own)
    edges: dict[Side, tuple[tuple[float, Side], ...]] = {
        "rent": ((rent_to, "between"),),
        "own": ((own_from, "between"),),
        "between": ((rent_to, "rent"), (own_from, "own")),
    }
    yield from (Turn(moved, 1.0, factor, side) for factor, side in edges[today] if factor > 0)
