"""How much is asked in a month, how long it is and how it comes in waves. Does not know prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from freehold.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOURS_A_MONTH = 730  # 365 × 24 ÷ 12
SECONDS_A_MONTH = HOURS_A_MONTH * 3600
MOST_REQUESTS = 10**15
MOST_TOKENS = 10**7  # of one request; the longest context on the market holds a tenth of it
_GRID = 2000  # points of the load's duration curve


@dataclass(frozen=True, slots=True)
class Traffic:
    """A month of requests. Token counts are means of one request; `cached_tokens` are a part of the input.

    `duration_curve`: load relative to its mean over equal shares of the time, rising; mean 1. It tells how
    much of the load a fleet of some size can serve, whatever the hour at which it comes.

    `may_not_leave_share` of the requests, at every hour, may not go to a rented model.

    Raises `ConfigError` on a volume or length that is negative, zero or absurd.
    """

    requests_per_month: Decimal
    input_tokens: Decimal
    output_tokens: Decimal
    peak_to_mean: float
    cached_tokens: Decimal = Decimal(0)
    duration_curve: tuple[float, ...] | None = None
    may_not_leave_share: float = 0.0

    def __post_init__(self) -> None:
        _within("requests_per_month", self.requests_per_month, MOST_REQUESTS)
        _within("input_tokens", self.input_tokens, MOST_TOKENS)
        if not 0 <= self.output_tokens <= MOST_TOKENS:
            raise ConfigError("output_tokens", f"{self.output_tokens} a request cannot be", hint=_HINT)
        if not 0 <= self.cached_tokens <= self.input_tokens:
            raise ConfigError(
                "cached_tokens",
                f"{self.cached_tokens:,.0f} of {self.input_tokens:,.0f} input tokens cannot be",
                hint="cached tokens are a part of the input tokens",
            )
        if not 0 <= self.may_not_leave_share <= 1:
            raise ConfigError(
                "may_not_leave",
                f"{self.may_not_leave_share:g} of the requests cannot be",
                hint="20% or 0.2 is a fifth of them",
            )
        if not 1 <= self.peak_to_mean <= MOST_PEAK:
            raise ConfigError(
                "peak_to_mean",
                f"{self.peak_to_mean:g} times the mean cannot be",
                hint=f"the ratio is between 1 (the same load at all hours) and {MOST_PEAK}",
            )

    @property
    def requests_per_second(self) -> float:
        """The mean over the month."""
        return float(self.requests_per_month) / SECONDS_A_MONTH

    def curve(self) -> NDArray[np.float64]:
        """Load ÷ mean load at equal shares of the time, rising, mean 1.

        Without a trace the one-parameter curve r·u^(r−1) for the peak-to-mean ratio r: its mean over u in
        0..1 is 1, its end r, and r = 1 is a flat load.
        """
        import numpy as np  # noqa: PLC0415 - an extra, loaded where used

        if self.duration_curve is not None:
            return np.asarray(self.duration_curve)
        edges = np.linspace(0, 1, _GRID + 1) ** self.peak_to_mean
        return np.asarray(np.diff(edges) * _GRID)


MOST_PEAK = 1000
_HINT = f"requests a month lie between 1 and {MOST_REQUESTS:.0e}, tokens of one up to {MOST_TOKENS:.0e}"


def _within(what: str, value: Decimal, most: int) -> None:
    if not (value.is_finite() and 0 < value <= most):
        raise ConfigError(what, f"{value} cannot be", hint=_HINT)


def duration_curve(seconds: Sequence[float], window_seconds: float) -> tuple[float, ...]:
    """The curve of arrivals at these times, counted in windows. At least one arrival."""
    import numpy as np  # noqa: PLC0415 - as above

    times = np.asarray(seconds, dtype=np.float64)
    times = times - times.min()
    windows = max(1, int(np.ceil((times.max() + 1e-9) / window_seconds)))
    counts = np.bincount(
        np.minimum((times / window_seconds).astype(np.int64), windows - 1), minlength=windows
    )
    return tuple(float(share) for share in np.sort(counts) / counts.mean())
