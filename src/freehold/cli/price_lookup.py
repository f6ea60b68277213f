"""Which facts a name means: rented models, GPUs, their prices, open models. Does not show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from freehold.costs import Price, PriceFile, price_of
from freehold.costs.capacity import Facts, GpuPrice, Model, find_model, is_stale
from freehold.engine.sizing import Gpu, find_gpu
from freehold.errors import FreeholdError

FactT = TypeVar("FactT")


@dataclass(frozen=True, slots=True)
class Row(Generic[FactT]):
    """A fact, whether it is old, and whether it is the user's own."""

    fact: FactT
    stale: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Found:
    """`api` pairs the name that was asked with its price; `unknown` are names that mean nothing here."""

    api: tuple[tuple[str, Price], ...]
    gpus: tuple[Row[Gpu], ...]
    gpu_prices: tuple[Row[GpuPrice], ...]
    models: tuple[Row[Model], ...]
    unknown: tuple[str, ...]


def looked_up(names: tuple[str, ...], facts: Facts, overrides: PriceFile, now: datetime) -> Found:
    """What the names mean; all tables where there are none."""
    tables = names or ("gpus", "gpu_prices", "models")
    gpus: dict[str, Gpu] = {}
    models: dict[str, Model] = {}
    prices: dict[int, GpuPrice] = {}
    api, unknown = [], []
    for name in tables:
        price = _rented(name, overrides, now)
        here_gpus, here_models = _gpus(name, facts), _models(name, facts)
        here_prices = [
            each
            for each in facts.gpu_prices
            if name == "gpu_prices" or each.provider == name.lower() or _is_priced(each, here_gpus, name)
        ]
        gpus |= {each.name: each for each in here_gpus}
        models |= {each.name: each for each in here_models}
        prices |= {id(each): each for each in here_prices}
        if price is not None:
            api.append((name, price))
        if price is None and not (here_gpus or here_models or here_prices):
            unknown.append(name)
    today = now.date()
    return Found(
        api=tuple(api),
        gpus=tuple(
            Row(each, is_stale(each.as_of, today), ("gpus", each.name) in facts.overridden)
            for each in gpus.values()
        ),
        gpu_prices=tuple(
            Row(each, is_stale(each.as_of, today, price=True), _key(each) in facts.overridden)
            for each in prices.values()
        ),
        models=tuple(
            Row(each, is_stale(each.as_of, today), ("models", each.name) in facts.overridden)
            for each in models.values()
        ),
        unknown=tuple(unknown),
    )


def _is_priced(price: GpuPrice, gpus: list[Gpu], name: str) -> bool:
    return name != "gpus" and any(price.gpu == gpu.name for gpu in gpus)


def _key(price: GpuPrice) -> tuple[str, str]:
    return "gpu_prices", f"{price.provider}/{price.gpu}/{price.region}"


def _rented(name: str, overrides: PriceFile, now: datetime) -> Price | None:
    provider, slash, model = name.partition("/")
    return price_of(provider, model, at=now, overrides=overrides) if slash and model else None


def _gpus(name: str, facts: Facts) -> list[Gpu]:
    if name == "gpus":
        return list(facts.gpus.values())
    try:
        return [find_gpu(name, facts.gpus)]
    except FreeholdError:
        return []


def _models(name: str, facts: Facts) -> list[Model]:
    if name == "models":
        return list(facts.models.values())
    try:
        return [find_model(name, facts.models)]
    except FreeholdError:
        return []
