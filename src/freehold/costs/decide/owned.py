"""One way of owning: a fleet of equal replicas of one model. Does not know how their capacity was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from freehold.costs.decide.spread import Spread
from freehold.costs.decide.traffic import HOURS_A_MONTH, SECONDS_A_MONTH

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TYPED = "typed"  # whose price of an hour it is, where nobody's list has it
Tenancy = Literal["on-demand", "reserved", "spot", "bought"]


@dataclass(frozen=True, slots=True)
class Owned:
    """`goodput_rps`: requests a second that one replica of `gpus` GPUs serves within the promised latency.

    `falls_short_share`: of its answers, those that somebody says do not do; asked again of a rented model.
    `hour_source` and `hour_as_of` say who states the price of a GPU's hour, and when.
    """

    model: str
    precision: str
    gpu: str
    gpus: int
    goodput_rps: Spread
    gpu_usd_per_hour: Spread
    tenancy: Tenancy = "on-demand"
    notes: tuple[str, ...] = ()
    hour_source: str = TYPED
    hour_as_of: date | None = None
    falls_short_share: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.model} {self.precision} on {self.gpus} × {self.gpu} ({self.tenancy})"

    def replicas(self, peak_rps: float, goodput_rps: NDArray[np.float64]) -> NDArray[np.float64]:
        """The smallest fleet that serves the peak, one figure a world; at least one replica."""
        import numpy as np  # noqa: PLC0415 - an extra, loaded where used

        return np.asarray(np.maximum(1.0, np.ceil(peak_rps / goodput_rps - 1e-9)))

    def replica_usd(self, usd_per_hour: NDArray[np.float64]) -> NDArray[np.float64]:
        """One replica held for a month of 730 hours."""
        return usd_per_hour * (self.gpus * HOURS_A_MONTH)


def requests_a_month(rps: NDArray[np.float64], peak_to_mean: float) -> NDArray[np.float64]:
    """The month's requests whose peak is `rps`."""
    return rps * (SECONDS_A_MONTH / peak_to_mean)
