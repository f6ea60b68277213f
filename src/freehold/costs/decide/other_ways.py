"""Other ways of the same month: a spare, a fleet by the hour, open weights at a host, committed capacity.

Each with its interval. Does not know which way is the verdict's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any

from freehold.costs.decide.rented import Host
from freehold.costs.decide.spread import Spread, spread_of
from freehold.costs.decide.traffic import HOURS_A_MONTH, Traffic
from freehold.costs.decide.worlds import Month, Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HOURS = 100  # of the load's curve: hours that are alike


@dataclass(frozen=True, slots=True)
class OtherWay:
    """`kind` is `spare`, `autoscaled`, `committed` or `host`; USD a month, people included."""

    kind: str
    name: str
    usd_per_month: Spread
    says: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A row of `committed.toml`: capacity by the unit. Output counts `output_weight` times as input does.

    `rate_reached`: the share of the stated rate that a unit gives in reality.
    """

    model: str
    input_tokens_per_minute_per_unit: Decimal
    output_weight: Decimal
    rate_reached: Spread
    least_units: Decimal
    step_units: Decimal
    usd_per_unit_hour: Decimal
    usd_per_unit_month: Decimal
    source: str
    as_of: date


def shipped_committed() -> tuple[Committed, ...]:
    """The table that comes with the product."""
    text = resources.files("freehold.costs.data").joinpath("committed.toml").read_text("utf-8")
    rows = tomllib.loads(text, parse_float=Decimal)
    return tuple(
        Committed(name, **{key: _read(value) for key, value in row.items()}) for name, row in rows.items()
    )


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return Spread(*map(float, value))
    return Decimal(value) if isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class Rentable:
    """What can be rented beside what was asked: capacity committed to, and open weights at hosts.

    Each host with the share of requests that are asked again of the rented model.
    """

    rented: Sequence[str]
    hosts: Sequence[tuple[Host, float]] = ()
    table: Sequence[Committed] = ()


def other_ways(
    priced: Month, traffic: Traffic, owned: str, rentable: Rentable, score: Score
) -> tuple[OtherWay, ...]:
    """Of the cheapest owned fleet (`owned` is its name), and of what can be rented."""
    reached = score("rate_reached")
    return (
        OtherWay(
            "spare",
            f"{owned} with one replica to spare",
            spread_of(priced.own + priced.usd_per_replica),
            "a replica may fail at the peak and the promise still holds",
        ),
        OtherWay(
            "autoscaled",
            f"{owned} scaled by the hour",
            spread_of(_scaled(priced, traffic)),
            "hours as on demand, one replica ahead of the load, for a new one has to load its weights",
        ),
        *(_at_host(priced, traffic, host, again) for host, again in rentable.hosts),
        *(
            way
            for row in rentable.table
            if _is_rented(row, rentable.rented)
            for way in _committed(priced, row, traffic, reached)
        ),
    )


def _at_host(priced: Month, traffic: Traffic, host: Host, again: float) -> OtherWay:
    usd = float(host.rented.usd_per_month(traffic))
    says = f"{usd:,.0f} for tokens, by {host.rented.price.source}; its contract was not looked at"
    if again:
        says = f"{says}; with the {again:.0%} that it does not do well enough asked again"
    total = priced.rent_base + usd + priced.rent_tokens * again
    return OtherWay(
        "host", f"{host.rented.name}, the open model at a host", spread_of(total), says, host.model
    )


def _scaled(priced: Month, traffic: Traffic) -> NDArray[np.float64]:
    """Each hour holds what its load needs and one more, never more than the fixed fleet."""
    import numpy as np  # noqa: PLC0415 - an extra, loaded where used

    curve = traffic.curve()
    hours = curve[(np.arange(_HOURS) + 0.5).astype(int) * len(curve) // _HOURS]
    served = priced.requests_per_replica * traffic.peak_to_mean  # a month at the load that one can bear
    load = hours[:, None] * float(traffic.requests_per_month)
    held = np.minimum(priced.replicas, np.maximum(1.0, np.ceil(load / served - 1e-9)) + 1.0)
    return np.asarray(priced.own_base + priced.own_again + held.mean(axis=0) * priced.usd_per_replica)


def _is_rented(row: Committed, rented: Iterable[str]) -> bool:
    return any(name.rpartition("/")[2] == row.model and name.split("/")[0] in _SOLD_BY for name in rented)


_SOLD_BY = {"openai", "azure"}  # the same model, had from Azure


def _committed(
    priced: Month, row: Committed, traffic: Traffic, reached: NDArray[np.float64]
) -> Iterator[OtherWay]:
    import numpy as np  # noqa: PLC0415 - as above

    fresh = traffic.input_tokens - traffic.cached_tokens  # cached tokens do not count, by the same source
    weighed = fresh + traffic.output_tokens * row.output_weight
    per_minute = weighed * Decimal(traffic.requests_per_second * traffic.peak_to_mean * 60)
    needed = float(per_minute / row.input_tokens_per_minute_per_unit) / row.rate_reached.at(reached)
    step = float(row.step_units)
    units = np.maximum(float(row.least_units), np.ceil(needed / step - 1e-9) * step)
    low, high = (round(float(end)) for end in np.quantile(units, (0.1, 0.9), method="inverted_cdf"))
    count = f"{low}" if low == high else f"{low} to {high}"
    says = f"{count} provisioned throughput units for the peak; {row.source}, {row.as_of.isoformat()}"
    name = f"azure/{row.model}, committed capacity"
    by_hour, by_month = float(row.usd_per_unit_hour * HOURS_A_MONTH), float(row.usd_per_unit_month)
    yield OtherWay("committed", f"{name} by the hour", spread_of(priced.rent_base + units * by_hour), says)
    yield OtherWay("committed", f"{name} by the month", spread_of(priced.rent_base + units * by_month), says)
