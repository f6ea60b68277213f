"""Other ways of the same month: a spare replica, a fleet scaled by the hour, capacity committed to at Azure.

Each with its interval. Does not know which way is the verdict's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from math import ceil
from typing import TYPE_CHECKING, Any

from freehold.costs.decide.spread import Spread, spread_of
from freehold.costs.decide.traffic import HOURS_A_MONTH, Traffic
from freehold.costs.decide.worlds import Month

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HOURS = 100  # of the load's curve: hours that are alike


@dataclass(frozen=True, slots=True)
class OtherWay:
    """`kind` is `spare`, `autoscaled` or `committed`; USD a month, people included where it is owned."""

    kind: str
    name: str
    usd_per_month: Spread
    says: str


@dataclass(frozen=True, slots=True)
class Committed:
    """A row of `committed.toml`: capacity by the unit. Output counts `output_weight` times as input does."""

    model: str
    input_tokens_per_minute_per_unit: Decimal
    output_weight: Decimal
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
    return Decimal(value) if isinstance(value, int) else value


def other_ways(
    priced: Month, traffic: Traffic, owned: str, rented: Iterable[str], table: Iterable[Committed]
) -> tuple[OtherWay, ...]:
    """Of the cheapest owned fleet (`owned` is its name), and of the rented models that the table has."""
    rented = list(rented)
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
        *(way for row in table if _is_rented(row, rented) for way in _committed(row, traffic)),
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


def _committed(row: Committed, traffic: Traffic) -> Iterator[OtherWay]:
    fresh = traffic.input_tokens - traffic.cached_tokens  # cached tokens do not count, by the same source
    weighed = fresh + traffic.output_tokens * row.output_weight
    per_minute = weighed * Decimal(traffic.requests_per_second * traffic.peak_to_mean * 60)
    needed = ceil(per_minute / row.input_tokens_per_minute_per_unit)
    units = max(row.least_units, ceil(needed / row.step_units) * row.step_units)
    by_hour = float(units * row.usd_per_unit_hour * HOURS_A_MONTH)
    by_month = float(units * row.usd_per_unit_month)
    says = f"{units} provisioned throughput units for the peak; {row.source}, {row.as_of.isoformat()}"
    name = f"azure/{row.model}, committed capacity"
    yield OtherWay("committed", f"{name} by the hour", Spread.exactly(by_hour), says)
    yield OtherWay("committed", f"{name} by the month", Spread.exactly(by_month), says)
