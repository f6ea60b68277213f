"""How many requests a second one replica serves within the promise, under arrivals by chance.

For traffic that nobody has measured: arrivals are Poisson at a constant rate, lengths log-normal around
their means. Real traffic comes in bursts; a trace says more. Does not know prices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

from freehold.costs.fleet.replica import Serving
from freehold.costs.fleet.run import Arrivals, Outcome, Promise, one_keeps, simulate
from freehold.errors import ConfigError

_REQUESTS = 1500
_SEED = 11
_CLOSE = 0.02  # rates this near to each other are the same
_NEAR = 1.15  # how far off a good guess is


@dataclass(frozen=True, slots=True)
class Lengths:
    """Mean tokens of a request, and how they spread: the standard deviation of their logarithm."""

    input_tokens: float
    output_tokens: float
    sigma: float = 0.6


def poisson(rate: float, lengths: Lengths, requests: int = _REQUESTS) -> list[tuple[float, int, int]]:
    """Arrivals at `rate` a second, the same draw at each call but for its scale in time."""
    return _at_rate(_draw(lengths, requests), rate)


def _draw(lengths: Lengths, requests: int) -> list[tuple[float, int, int]]:
    """Arrivals at one a second."""
    random = Random(_SEED)  # noqa: S311 - a simulation's dice, the same at each run
    at, made = 0.0, []
    for _ in range(requests):
        at += random.expovariate(1.0)
        given = _length(random, lengths.input_tokens, lengths.sigma)
        out = _length(random, lengths.output_tokens, lengths.sigma)
        made.append((at, given, out))
    return made


def _at_rate(drawn: Arrivals, rate: float) -> list[tuple[float, int, int]]:
    return [(at / rate, given, out) for at, given, out in drawn]


def _length(random: Random, mean: float, sigma: float) -> int:
    if mean <= 0:
        return 0
    return max(1, round(random.lognormvariate(log(mean) - sigma * sigma / 2, sigma)))


def goodput_rps(serving: Serving, lengths: Lengths, promise: Promise, near: float | None = None) -> float:
    """The highest rate at which the promise holds, in requests a second. `near` is a guess, to begin there.

    Raises `ConfigError` where even a lone request is slower than promised.
    """
    drawn = _draw(lengths, _REQUESTS)
    alone = simulate(_at_rate(_draw(lengths, 200), 1e-6), serving, 1)
    if not alone.keeps(promise):
        raise too_slow(alone, promise)

    def holds(rate: float) -> bool:
        return one_keeps(_at_rate(drawn, rate), serving, promise)

    if near is None:
        lone = alone.ttft_p50_seconds + (alone.tpot_p50_seconds or 0.0) * lengths.output_tokens
        near, factor = 2.0 / max(1e-9, lone), 2.0
    else:
        factor = _NEAR
    most = _most_rps(serving, drawn)
    low, high = _bracket(holds, min(near, most), factor, most)
    while high / low > 1 + _CLOSE:
        middle = exp((log(low) + log(high)) / 2)
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def _bracket(holds: Callable[[float], bool], near: float, factor: float, most: float) -> tuple[float, float]:
    """A rate that holds and one above it that does not; `most` for both where even that holds."""
    if holds(near):
        low = near
        while low < most:
            high = min(low * factor, most)
            if not holds(high):
                return low, high
            low, factor = high, factor * factor
        return most, most
    high = near
    while not holds(low := high / factor):
        high, factor = low, factor * factor
    return low, high


def _most_rps(serving: Serving, drawn: Arrivals) -> float:
    """What is served when everything waits: above it a queue grows, however patient the promise."""
    burst = simulate(_at_rate(drawn, 1e9), serving, 1)
    tokens = sum(made for _, _, made in drawn)
    if tokens:
        return len(drawn) * burst.output_tokens_per_second / tokens
    return 0.95 * len(drawn) / burst.ttft_p95_seconds


def too_slow(best: Outcome, promise: Promise) -> ConfigError:
    tpot = "none" if best.tpot_p95_seconds is None else f"{best.tpot_p95_seconds:.3g} s"
    return ConfigError(
        "promise",
        f"cannot be kept even without any queue: p95 TTFT is {best.ttft_p95_seconds:.3g} s "
        f"(promised {promise.ttft_p95_seconds:g}), p95 TPOT {tpot} (promised {promise.tpot_p95_seconds:g})",
        hint="promise less, or take a faster GPU, more GPUs a replica or a lower precision",
    )


def curve(serving: Serving, lengths: Lengths, rates: Sequence[float]) -> list[Outcome]:
    """One replica at each rate: latency and tokens against load, up to and over the knee."""
    return [simulate(poisson(rate, lengths), serving, 1) for rate in rates]
