"""The owned fleets that a question is about: every model on every GPU, by each way of paying for it.

Does not know what renting costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from freehold.cli.asked import Asked
from freehold.costs.capacity import Facts, shipped_constants
from freehold.costs.decide import (
    TYPED,
    Assumptions,
    Hour,
    Spread,
    Tenancy,
    Trace,
    Traffic,
    Wanted,
    Way,
    hourly,
    ways,
)
from freehold.costs.fleet import Arrivals, Promise
from freehold.errors import ConfigError, FreeholdError

_TTFT_P95_SECONDS, _TPOT_P95_SECONDS = 2.0, 0.1  # a person waits and reads
_USUAL_GPU, _USUAL_PRECISION = "h100", "fp8"
_MOST_USD_PER_HOUR: Final = 10_000


class Sizes:
    """What was simulated already. Fleets for drawn arrivals depend on lengths and promise, not on volume.

    Keeps the latest `most`; one that asks again and again (a page with sliders) does not pay again.
    """

    def __init__(self, most: int = 64) -> None:
        self._known: dict[object, list[Way]] = {}
        self._most = most

    def of(self, wanted: Wanted, traffic: Traffic, arrivals: Arrivals | None, facts: Facts) -> list[Way]:
        """As `ways`, which raises `ConfigError` where no fleet keeps the promise."""
        if arrivals is not None:
            return ways(wanted, traffic, arrivals, facts, shipped_constants())
        lengths = (traffic.input_tokens, traffic.output_tokens)
        key = (wanted.model, wanted.precision, wanted.gpu, wanted.promise, lengths)
        if key not in self._known:
            while len(self._known) >= self._most:
                self._known.pop(next(iter(self._known)))
            self._known[key] = ways(wanted, traffic, None, facts, shipped_constants())
        return self._known[key]


def fleets(
    asked: Asked,
    traffic: Traffic,
    trace: Trace | None,
    assumed: Assumptions,
    facts: Facts,
    sizes: Sizes | None = None,
    doing: Callable[[str], None] | None = None,
) -> list[Way]:
    """Every model on every GPU that was named. What does not fit one is left out if it fits another.

    `doing` is told what takes a while.

    Raises `ConfigError` where none fits, or has no price.
    """
    promise = promised(asked)
    sizes = Sizes() if sizes is None else sizes
    arrivals = None if trace is None else _arrivals(trace, traffic)
    found: list[Way] = []
    failed: ConfigError | None = None
    for model in asked.own:
        for gpu in asked.gpus or (_USUAL_GPU,):
            prices = _gpu_prices(asked, gpu, facts, assumed)
            wanted = Wanted(model, asked.precision or _USUAL_PRECISION, gpu, prices["on-demand"].usd, promise)
            if doing is not None:
                doing(f"simulating {model} on {gpu}")
            try:
                here = sizes.of(wanted, traffic, arrivals, facts)
            except ConfigError as error:
                failed = error
                continue
            found += [_had(way, tenancy, hour) for way in here for tenancy, hour in prices.items()]
    if failed is not None and not found:
        raise failed
    return found


def promised(asked: Asked) -> Promise:
    """What the fleet has to keep: as asked, else as a person who waits and reads needs it."""
    ttft, tpot = asked.ttft_p95_seconds, asked.tpot_p95_seconds
    return Promise(_TTFT_P95_SECONDS if ttft is None else ttft, _TPOT_P95_SECONDS if tpot is None else tpot)


def _had(way: Way, tenancy: Tenancy, hour: Hour) -> Way:
    """The same fleet, paid in another way: it need not be simulated again."""
    owned = replace(
        way.owned,
        tenancy=tenancy,
        gpu_usd_per_hour=hour.usd,
        hour_source=hour.source,
        hour_as_of=hour.as_of,
    )
    return replace(way, owned=owned)


def _arrivals(trace: Trace, traffic: Traffic) -> Arrivals:
    """The trace as it came; pressed together or drawn apart where another volume was typed."""
    per_second = len(trace) / float(trace.span_seconds) if trace.span_seconds else traffic.requests_per_second
    scale = per_second / traffic.requests_per_second / 1000
    times = ((trace.t_ms - trace.t_ms[0]) * scale).tolist()
    return list(zip(times, trace.input_tokens.tolist(), trace.output_tokens.tolist(), strict=True))


def _gpu_prices(asked: Asked, gpu: str, facts: Facts, assumed: Assumptions) -> dict[Tenancy, Hour]:
    """What was typed, else the market and a purchase. Raises `ConfigError` where there is no price."""
    if asked.gpu_usd_per_hour is not None:
        if not 0 <= asked.gpu_usd_per_hour <= _MOST_USD_PER_HOUR:
            raise ConfigError(
                "gpu_usd_per_hour", f"{asked.gpu_usd_per_hour} cannot be", hint="USD an hour of one GPU"
            )
        return {"on-demand": Hour(Spread.exactly(float(asked.gpu_usd_per_hour)), TYPED)}
    try:
        prices = hourly(gpu, facts, assumed)
    except FreeholdError as error:
        raise ConfigError("gpu", error.message, hint=error.hint) from error
    if "on-demand" not in prices:
        raise ConfigError(
            "gpu", f"no price of {gpu} is known", hint="give --gpu-usd-per-hour, or a row with --facts FILE"
        )
    return prices
