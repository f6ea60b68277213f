"""The facts that answers rest on, each with source and date, and a user's own before them. Reads no file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, TypeVar

from freehold.costs.capacity.gpu_prices import GpuPrice, gpu_prices_of, shipped_gpu_prices, with_own_prices
from freehold.costs.capacity.models import Model, model_of_row, shipped_models
from freehold.engine.sizing import Gpu, gpu_of_row, shipped_gpus
from freehold.errors import ConfigError

FactT = TypeVar("FactT", Gpu, Model)

_PRICE_DAYS: Final = 183
_FACT_DAYS: Final = 731
_TABLES: Final = {"gpus": Gpu, "models": Model}


@dataclass(frozen=True, slots=True)
class Facts:
    """GPUs and models by name. `overridden` holds `(table, name)` of rows that the user's file changed."""

    gpus: Mapping[str, Gpu]
    models: Mapping[str, Model]
    gpu_prices: tuple[GpuPrice, ...] = ()
    overridden: frozenset[tuple[str, str]] = frozenset()


def shipped_facts() -> Facts:
    """The facts that come with the product."""
    return Facts(shipped_gpus(), shipped_models(), shipped_gpu_prices())


def is_stale(as_of: date | None, today: date, *, price: bool = False) -> bool:
    """Whether a fact is old: a price after half a year, any other after two years; an undated one is."""
    return as_of is None or (today - as_of).days > (_PRICE_DAYS if price else _FACT_DAYS)


def with_own_facts(facts: Facts, text: str, *, name: str) -> Facts:
    """The facts with those of a user's TOML file before them.

    The file has tables `[gpus."NAME"]` and `[models."NAME"]` with the facts that differ (a new name needs
    all of them) and rows `[[gpu_prices]]`. Each needs `source` and `as_of`. Raises ConfigError with the key.
    """
    try:
        file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            name, f"is no TOML: {error}", hint="tables such as [models.NAME], each with its facts"
        ) from error
    for table in file:
        if table not in {*_TABLES, "gpu_prices"}:
            raise ConfigError(f"{name}: {table}", "is no table of facts", hint="use gpus, models, gpu_prices")
    gpus = _merged(facts.gpus, file.get("gpus", {}), gpu_of_row, f"{name}: gpus")
    models = _merged(facts.models, file.get("models", {}), model_of_row, f"{name}: models")
    own = gpu_prices_of(file.get("gpu_prices", ()), name)
    changed = {(table, row) for table in _TABLES for row in file.get(table, {})}
    changed |= {("gpu_prices", f"{each.provider}/{each.gpu}/{each.region}") for each in own}
    return Facts(gpus, models, with_own_prices(facts.gpu_prices, own), facts.overridden | changed)


def _merged(
    known: Mapping[str, FactT],
    rows: Mapping[str, Mapping[str, Any]],
    build: Callable[[str, Mapping[str, Any]], FactT],
    where: str,
) -> dict[str, FactT]:
    merged = dict(known)
    for name, row in rows.items():
        key = f"{where}.{name}"
        _check_origin(row, key)
        old = known.get(name)
        base = {} if old is None else {each.name: getattr(old, each.name) for each in fields(old)}
        base.pop("name", None)
        try:
            merged[name] = build(name, {**base, **row})
        except (KeyError, TypeError) as error:
            raise ConfigError(key, f"lacks a fact or has one too many: {error}") from error
        _check_numbers(merged[name], key)
    return merged


def _check_origin(row: Mapping[str, Any], key: str) -> None:
    if not isinstance(row.get("source"), str) or not isinstance(row.get("as_of"), date):
        raise ConfigError(key, "needs source and as_of", hint='source = "https://…", as_of = 2026-11-24')


def _check_numbers(fact: Gpu | Model, key: str) -> None:
    for each in fields(fact):
        value = getattr(fact, each.name)
        if isinstance(value, int | float) and not isinstance(value, bool) and not 0 <= value < 1e15:
            raise ConfigError(f"{key}.{each.name}", f"{value!r} is out of bounds")
