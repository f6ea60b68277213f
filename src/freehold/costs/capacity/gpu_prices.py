"""What an hour of a GPU costs at whom. A table of facts; does not choose among them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Any

from freehold.errors import ConfigError

_MOST_USD_PER_HOUR = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class GpuPrice:
    """For one GPU of an instance with `gpu_count` of them. `gpu` is a name of the table of GPUs.

    `reserved_1y_usd_per_hour` and `spot_usd_per_hour` are None where that is not offered or not known,
    `as_of` where the source does not say when.
    """

    provider: str
    instance: str
    gpu: str
    gpu_count: int
    region: str
    usd_per_hour: Decimal
    reserved_1y_usd_per_hour: Decimal | None
    spot_usd_per_hour: Decimal | None
    source: str
    as_of: date | None


def shipped_gpu_prices() -> tuple[GpuPrice, ...]:
    """The prices that come with the product."""
    text = files("freehold.costs").joinpath("data/gpu_prices.toml").read_text("utf-8")
    return gpu_prices_of(tomllib.loads(text)["gpu_prices"], "gpu_prices.toml")


def gpu_prices_of(rows: Sequence[Mapping[str, Any]], where: str) -> tuple[GpuPrice, ...]:
    """Rows of a file. Raises ConfigError with the number of the row, from 1."""
    return tuple(_price(row, f"{where}: gpu_prices[{number}]") for number, row in enumerate(rows, 1))


def with_own_prices(known: Sequence[GpuPrice], own: Sequence[GpuPrice]) -> tuple[GpuPrice, ...]:
    """The user's prices first; they replace those of the same provider, GPU and region."""
    replaced = {(each.provider, each.gpu, each.region) for each in own}
    kept = (each for each in known if (each.provider, each.gpu, each.region) not in replaced)
    return (*own, *kept)


def _price(row: Mapping[str, Any], key: str) -> GpuPrice:
    known = {"provider", "instance", "gpu", "gpu_count", "region", "usd_per_hour", "reserved_1y", "spot"}
    for name in row:
        if name not in known | {"source", "as_of"}:
            raise ConfigError(
                f"{key}.{name}", "is no fact about a price", hint=f"use {', '.join(sorted(known))}"
            )
    for name in ("provider", "gpu", "source"):
        if not isinstance(row.get(name), str):
            raise ConfigError(f"{key}.{name}", "is missing or no text")
    price = _usd(row, "usd_per_hour", key)
    if price is None:
        raise ConfigError(f"{key}.usd_per_hour", "is missing", hint='usd_per_hour = "2.49"')
    return GpuPrice(
        provider=row["provider"],
        instance=row.get("instance", ""),
        gpu=row["gpu"],
        gpu_count=row.get("gpu_count", 1),
        region=row.get("region", ""),
        usd_per_hour=price,
        reserved_1y_usd_per_hour=_usd(row, "reserved_1y", key),
        spot_usd_per_hour=_usd(row, "spot", key),
        source=row["source"],
        as_of=row.get("as_of"),
    )


def _usd(row: Mapping[str, Any], name: str, key: str) -> Decimal | None:
    if name not in row:
        return None
    try:
        price = Decimal(str(row[name]))
    except InvalidOperation:
        price = Decimal(-1)
    if not (price.is_finite() and 0 <= price <= _MOST_USD_PER_HOUR):
        raise ConfigError(f"{key}.{name}", f"{row[name]!r} is no price for an hour", hint='write "2.49"')
    return price
