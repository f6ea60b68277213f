"""Many worlds drawn from the assumptions, seeded; in each, what renting, owning and a mix cost a month.

Arrays have shape (worlds,). Money here is float: these are estimates, shown as intervals. What is exact (a
rented month at a price) is `rented`'s. Does not know how anything is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from freehold.costs.decide.assumptions import Assumptions
from freehold.costs.decide.crossings import Crossing, Stairs, crossings_of, intervals
from freehold.costs.decide.owned import Owned, requests_a_month
from freehold.costs.decide.spread import Spread, spread_of
from freehold.costs.decide.traffic import Traffic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORLDS = 4000
SEED = 20_23
_AT_ONCE = 50  # volumes: all of them in all worlds would fill the caches
Score = Callable[[str], "NDArray[np.float64]"]


@dataclass(frozen=True, slots=True)
class Month:
    """What one month costs, in USD, by world. `base` is what does not grow with the traffic.

    `mixed` reckons the mix when it is asked for: it takes longer than all the rest.
    """

    rent_tokens: NDArray[np.float64]
    rent_base: NDArray[np.float64]
    own_machines: NDArray[np.float64]
    own_running: NDArray[np.float64]
    project: NDArray[np.float64]
    mixed: Callable[[], NDArray[np.float64]]
    replicas: NDArray[np.float64]
    usd_per_replica: NDArray[np.float64]
    requests_per_replica: NDArray[np.float64]
    asked_again_share: float = 0.0

    @property
    def rent(self) -> NDArray[np.float64]:
        return self.rent_tokens + self.rent_base

    @property
    def own_base(self) -> NDArray[np.float64]:
        return self.own_running + self.project

    @property
    def own_again(self) -> NDArray[np.float64]:
        """Tokens that the rented model takes for what the owned one did not answer well enough."""
        return self.rent_tokens * self.asked_again_share

    @property
    def own(self) -> NDArray[np.float64]:
        return self.own_machines + self.own_base + self.own_again

    @property
    def mix(self) -> NDArray[np.float64]:
        return self.mixed()

    @property
    def own_is_cheaper(self) -> float:
        """The share of the worlds in which it is."""
        return float((self.own < self.rent).mean())

    @property
    def mix_beats_own(self) -> float:
        return float((self.mix < self.own).mean())

    @property
    def mix_beats_both(self) -> float:
        import numpy as np  # noqa: PLC0415 - an extra, loaded where used

        return float((self.mix < np.minimum(self.own, self.rent)).mean())


def drawn(worlds: int = WORLDS, seed: int = SEED) -> Score:
    """Standard normal scores by name, the same for the same name: comparisons share their luck."""
    import zlib  # noqa: PLC0415 - beside its one use

    import numpy as np  # noqa: PLC0415 - as above

    def score(name: str) -> NDArray[np.float64]:
        random = np.random.default_rng((seed, zlib.crc32(name.encode())))
        return random.standard_normal(worlds)

    return score


def month(
    traffic: Traffic, usd_per_request: float, owned: Owned, assumed: Assumptions, score: Score
) -> Month:
    """Price this traffic three ways in every world. `usd_per_request` is rented, for the mean request."""
    engineer = assumed["engineer_usd_per_month"].at(score("engineer_usd_per_month"))
    per_hour = owned.gpu_usd_per_hour.at(score("gpu_usd_per_hour"))
    goodput = owned.goodput_rps.at(score("goodput_rps")) * assumed["capacity_factor"].at(
        score("capacity_factor")
    )
    running = engineer * assumed["own_engineers"].at(score("own_engineers"))
    running = (
        running + assumed["tuning_gpu_hours_per_year"].at(score("tuning_gpu_hours_per_year")) * per_hour / 12
    )
    project = project_usd(assumed, score) / assumed["horizon_months"].at(score("horizon_months"))
    rent_base = engineer * assumed["rent_engineers"].at(score("rent_engineers"))
    replica_usd = owned.replica_usd(per_hour)
    replicas = owned.replicas(traffic.requests_per_second * traffic.peak_to_mean, goodput)
    tokens, again = (
        float(traffic.requests_per_month) * usd_per_request,
        asked_again_share(traffic, owned, assumed),
    )
    return Month(
        rent_tokens=tokens + 0 * engineer,
        rent_base=rent_base,
        own_machines=replicas * replica_usd,
        own_running=running,
        project=project,
        mixed=cache(lambda: _mix(traffic, tokens, goodput, replica_usd, replicas, again) + running + project),
        replicas=replicas,
        usd_per_replica=replica_usd,
        requests_per_replica=requests_a_month(goodput, traffic.peak_to_mean),
        asked_again_share=again,
    )


def asked_again_share(traffic: Traffic, owned: Owned, assumed: Assumptions) -> float:
    """Of the requests, those that the rented model answers too: none of those that may not leave."""
    return owned.falls_short_share * (1 - traffic.may_not_leave_share) if assumed.may_leave else 0.0


def project_usd(assumed: Assumptions, score: Score) -> NDArray[np.float64]:
    """What the move itself costs, once: engineers' months and what they would have built meanwhile.

    Without people there is no project.
    """
    engineer = assumed["engineer_usd_per_month"].at(score("engineer_usd_per_month"))
    months = assumed["migration_engineer_months"].at(score("migration_engineer_months"))
    delay = assumed["delay_usd_per_engineer_month"].at(score("delay_usd_per_engineer_month"))
    return months * (engineer + delay * (engineer > 0))


def _mix(
    traffic: Traffic,
    rent_tokens: float,
    goodput: NDArray[np.float64],
    replica_usd: NDArray[np.float64],
    full: NDArray[np.float64],
    again: float,
) -> NDArray[np.float64]:
    """The cheapest of the fleets below the full one, with the load above it rented; without people.

    Of what it serves itself the share `again` is rented too. It can serve all that may not leave, at the peak
    as well: above it then stands only what may.
    """
    import numpy as np  # noqa: PLC0415 - as above

    curve = traffic.curve() * traffic.requests_per_second
    load = np.concatenate([[0.0], np.cumsum(curve[::-1])])[::-1] / len(curve)  # mean load above each point
    mean = traffic.requests_per_second
    kept = np.ceil(curve[-1] * traffic.may_not_leave_share / goodput - 1e-9)
    best = np.full(goodput.shape, np.inf)
    for share in np.linspace(0.1, 0.95, 18):
        replicas = np.minimum(np.maximum(np.maximum(1.0, kept), np.floor(full * share)), full)
        capacity = replicas * goodput
        place = np.searchsorted(curve, capacity)
        above = load[place] - capacity * (len(curve) - place) / len(curve)
        rented = np.maximum(0.0, above) / mean
        usd = replicas * replica_usd + rent_tokens * (rented + again * (1 - rented))
        best = np.minimum(best, np.where(replicas < full, usd, np.inf))
    return best


def break_even(priced: Month, usd_per_request: float, worlds: int = 1000) -> list[Crossing]:
    """Requests a month at which the cheaper side changes; lengths and waves stay as they are."""
    return intervals(break_evens(priced, usd_per_request, worlds))


def break_evens(priced: Month, usd_per_request: float, worlds: int) -> list[list[float]]:
    """All crossings in each of the first so many worlds."""
    return [
        crossings_of(
            Stairs(
                float(priced.own_base[world]),
                float(priced.usd_per_replica[world]),
                float(priced.requests_per_replica[world]),
            ),
            usd_per_request * (1 - priced.asked_again_share),
            float(priced.rent_base[world]),
        )
        for world in range(min(worlds, len(priced.rent_base)))
    ]


def owns_at(priced: Month, requests: Sequence[float], usd_per_request: float) -> list[Spread]:
    """What the fleet for so many requests a month costs, people and project included; USD, at each volume.

    `usd_per_request` is rented, for those that are asked again.
    """
    import numpy as np  # noqa: PLC0415 - as above

    found: list[Spread] = []
    for begin in range(0, len(requests), _AT_ONCE):
        volumes = np.asarray(requests[begin : begin + _AT_ONCE])[:, None]
        replicas = np.maximum(1.0, np.ceil(volumes / priced.requests_per_replica - 1e-9))
        usd = priced.own_base + replicas * priced.usd_per_replica
        usd = usd + volumes * usd_per_request * priced.asked_again_share
        quantiles = np.quantile(usd, (0.1, 0.5, 0.9), axis=1).T
        found += [Spread(float(low), float(middle), float(high)) for low, middle, high in quantiles]
    return found


def rents_at(priced: Month, requests: Sequence[float], usd_per_request: float) -> list[Spread]:
    """What so many requests a month cost rented, today, with the people that renting takes; USD."""
    base = spread_of(priced.rent_base)
    return [base.plus(volume * usd_per_request) for volume in requests]


def replicas_spread(priced: Month) -> Spread:
    """Of the fleet's size; whole machines, by the quantile that one of the worlds has."""
    import numpy as np  # noqa: PLC0415 - as above

    p10, p50, p90 = np.quantile(priced.replicas, (0.1, 0.5, 0.9), method="inverted_cdf")
    return Spread(float(p10), float(p50), float(p90))
