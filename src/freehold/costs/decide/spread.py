"""An uncertain figure: its 80 % interval and its middle, and draws from it. Does not know what of."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from freehold.errors import FreeholdError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Z90 = 1.2815515655446004
"""The standard normal's 90 % quantile: between it and its negative lie 80 %."""


@dataclass(frozen=True, slots=True)
class Spread:
    """`p10` ≤ `p50` ≤ `p90` of something that is never negative. All three alike: it is known exactly.

    Raises `FreeholdError` where they are out of order, negative or not finite.
    """

    p10: float
    p50: float
    p90: float

    def __post_init__(self) -> None:
        if not 0 <= self.p10 <= self.p50 <= self.p90 < float("inf"):
            raise FreeholdError(
                f"{self.p10:g}, {self.p50:g}, {self.p90:g} is no range",
                hint="give three figures that are not negative and do not fall: low, middle, high",
            )

    @classmethod
    def exactly(cls, value: float) -> Spread:
        return cls(value, value, value)

    def plus(self, known: float) -> Spread:
        """With a known sum on top."""
        return Spread(self.p10 + known, self.p50 + known, self.p90 + known)

    @property
    def known(self) -> bool:
        return self.p10 == self.p90

    def draw(self, random: np.random.Generator, worlds: int) -> NDArray[np.float64]:
        """One figure a world, shape (`worlds`,).

        Two half log-normals that meet at the median, so that the three quantiles hold as stated; two half
        normals, cut at zero, where the lower figure is zero and has no logarithm.
        """
        return self.at(random.standard_normal(worlds))

    def at(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """The figure at a standard normal score, the same shape."""
        import numpy as np  # noqa: PLC0415 - an extra, loaded where used

        if self.known:
            return np.full(normal.shape, self.p50)
        if self.p10 > 0:
            below, above = log(self.p50 / self.p10), log(self.p90 / self.p50)
            steps = np.where(normal < 0, below, above) / Z90
            return np.asarray(self.p50 * np.exp(normal * steps))
        steps = np.where(normal < 0, self.p50 - self.p10, self.p90 - self.p50) / Z90
        return np.asarray(np.maximum(0.0, self.p50 + normal * steps))


def spread_of(values: NDArray[np.float64]) -> Spread:
    """The 80 % interval and the median of what was drawn."""
    import numpy as np  # noqa: PLC0415 - as above

    p10, p50, p90 = (float(value) for value in np.quantile(values, (0.1, 0.5, 0.9)))
    return Spread(p10, p50, p90)
