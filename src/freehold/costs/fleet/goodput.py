"""How many requests a second one replica serves within the promise, under arrivals by chance.

For traffic that nobody has measured: arrivals are Poisson at a constant rate, lengths log-normal around
their means. Real traffic comes in bursts; a trace says more. Does not know prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

from freehold.costs.fleet.replica import Serving
from freehold.costs.fleet.run import Outcome, Promise, simulate
from freehold.errors import ConfigError

_REQUESTS = 1500
_SEED = 11
_CLOSE = 0.02  # rates this near to each other are the same


@dataclass(frozen=True, slots=True)
class Lengths:
    """Mean tokens of a request, and how they spread: the standard deviation of their logarithm."""

    input_tokens: float
    output_tokens: float
    sigma: float = 0.6


def poisson(rate: float, lengths: Lengths, requests: int = _REQUESTS) -> list[tuple[float, int, int]]:
    """Arrivals at `rate` a second, the same draw at each call but for its scale in time."""
    random = Random(_SEED)  # noqa: S311 - a simulation's dice, the same at each run
    at, made = 0.0, []
    for _ in range(requests):
        at += random.expovariate(1.0)
        given = _length(random, lengths.input_tokens, lengths.sigma)
        out = _length(random, lengths.output_tokens, lengths.sigma)
        made.append((at / rate, given, out))
    return made


def _length(random: Random, mean: float, sigma: float) -> int:
    if mean <= 0:
        return 0
    return max(1, round(random.lognormvariate(log(mean) - sigma * sigma / 2, sigma)))


def goodput_rps(serving: Serving, lengths: Lengths, promise: Promise) -> float:
    """The highest rate at which the promise holds, in requests a second.

    Raises `ConfigError` where even a lone request is slower than promised.
    """
    alone = simulate(poisson(1e-6, lengths, 200), serving, 1)
    if not alone.keeps(promise):
        raise too_slow(alone, promise)
    low = 1.0 / max(1e-9, alone.ttft_p50_seconds + (alone.tpot_p50_seconds or 0.0) * lengths.output_tokens)
    if not _keeps(low, serving, lengths, promise):
        low, high = low / 64, low
    else:
        most = _most_rps(serving, lengths)
        high = min(low * 2, most)
        while _keeps(high, serving, lengths, promise):
            if high >= most:
                return most
            low, high = high, min(high * 2, most)
    while high / low > 1 + _CLOSE:
        middle = exp((log(low) + log(high)) / 2)
        if _keeps(middle, serving, lengths, promise):
            low = middle
        else:
            high = middle
    return low


def _most_rps(serving: Serving, lengths: Lengths) -> float:
    """What is served when everything waits: above it a queue grows, however patient the promise."""
    arrivals = poisson(1e9, lengths)
    burst = simulate(arrivals, serving, 1)
    tokens = sum(made for _, _, made in arrivals)
    if tokens:
        return len(arrivals) * burst.output_tokens_per_second / tokens
    return 0.95 * len(arrivals) / burst.ttft_p95_seconds


def _keeps(rate: float, serving: Serving, lengths: Lengths, promise: Promise) -> bool:
    return simulate(poisson(rate, lengths), serving, 1).keeps(promise)


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
