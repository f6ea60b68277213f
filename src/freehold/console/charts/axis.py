"""A scale from values to places, and where its ticks stand. Does not know what the values are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

_MOST_TICKS = 6
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """`ticks` are values with their words; `log` axes hold positive values alone."""

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """0 at the low end, 1 at the high one; what lies outside is moved to the end."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return log10(value / self.low) / log10(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def logarithmic(
    title: str, values: Iterable[float], words: Callable[[float], str], *, whole: bool = True
) -> Axis:
    """Over all values, a tick a decade; `whole` decades at both ends, else from value to value.

    At least one value is positive.
    """
    known = [value for value in values if value > 0]
    low, high = min(known), max(known)
    if whole:
        low, high = 10.0 ** floor(log10(low)), 10.0 ** ceil(log10(high))
    if low == high:
        high = low * 10
    decades = range(ceil(log10(low) - 1e-9), floor(log10(high) + 1e-9) + 1)
    return Axis(title, low, high, tuple((10.0**n, words(10.0**n)) for n in decades), log=True)


def linear(title: str, values: Iterable[float], words: Callable[[float], str]) -> Axis:
    """Over all values and 0, with a handful of round ticks."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    step = _round_step((high - low) or 1.0)
    first, last = floor(low / step), ceil(high / step)
    last = max(last, first + 1)
    ticks = tuple((n * step, words(n * step)) for n in range(first, last + 1))
    return Axis(title, first * step, last * step, ticks)


def _round_step(width: float) -> float:
    power = 10.0 ** floor(log10(width / _MOST_TICKS))
    return next(step * power for step in _STEPS if width <= _MOST_TICKS * step * power)
