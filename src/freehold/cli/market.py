"""A state of the market in TOML files: facts, prices of APIs, last days of models. Answers no question.

A file is a file of facts (`gpus`, `models`, `gpu_prices`, as for --facts), a price file as the config names
one, or holds `[retired]` alone, the last day of each rented model. A folder stands for all its TOML files.
What they do not say is as the product knows it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from freehold.cli.user_file import text_of
from freehold.costs import PriceFile, read_prices
from freehold.costs.capacity import Facts, shipped_facts, with_own_facts
from freehold.errors import ConfigError

_FACTS = {"gpus", "models", "gpu_prices"}


@dataclass(frozen=True, slots=True)
class Market:
    """Prices and facts of one moment. `retired`: the last day of a rented model, by `provider/model`."""

    facts: Facts
    overrides: PriceFile = field(default_factory=PriceFile)
    retired: Mapping[str, date] = field(default_factory=dict)

    def is_gone(self, rented: str, today: date) -> bool:
        last = self.retired.get(rented)
        return last is not None and last < today


def market(path: Path) -> Market:
    """The market of a file or a folder. Raises `ConfigError` naming what is wrong in it."""
    found = Market(shipped_facts())
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise ConfigError("", f"{path} holds no TOML file", hint="facts.toml, prices.toml, retired.toml")
    for file in files:
        found = _with(found, file)
    return found


def _with(found: Market, file: Path) -> Market:
    try:
        text = text_of(file, encoding="utf-8-sig")
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "a price file, a file of facts, or [retired] with days"
        raise ConfigError("", f"{file.name} is no TOML: {error}", hint=hint) from error
    if "retired" in table:
        return replace(found, retired={**found.retired, **_retired(table, file.name)})
    if table.keys() & _FACTS:
        return replace(found, facts=with_own_facts(found.facts, text, name=file.name))
    prices = {**found.overrides.prices, **read_prices(text, name=file.name).prices}
    return replace(found, overrides=PriceFile(prices))


def _retired(table: Mapping[str, Any], name: str) -> dict[str, date]:
    days = table["retired"]
    if len(table) > 1 or not isinstance(days, dict) or not all(type(day) is date for day in days.values()):
        raise ConfigError(
            f"{name}: retired", "must be a table of days, alone", hint='"openai/gpt-4" = 2027-01-31'
        )
    return days
