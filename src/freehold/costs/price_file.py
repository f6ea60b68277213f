"""The override file: prices that an organisation knows better than the public table.

    [openai."gpt-4o-mini"]
    input_usd_per_million        = 0.15
    output_usd_per_million       = 0.60
    cached_input_usd_per_million = 0.075
    batch_input_usd_per_million  = 0.075   # likewise batch_output_…, batch_cached_input_…
    source = "our contract"
    as_of  = 2026-08-01

TOML text in, prices out. Does not know where the file lies.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from freehold.costs.price import Price, Rates, fault_in
from freehold.errors import ConfigError

_RATES = tuple(f"{name}_usd_per_million" for name in ("input", "output", "cached_input"))
_BATCH = tuple(f"batch_{name}" for name in _RATES)
_WORDS = ("source", "as_of")
_KEYS = (*_RATES, *_BATCH, *_WORDS)


@dataclass(frozen=True, slots=True)
class PriceFile:
    """Prices by provider and model. Names are compared without regard to case."""

    prices: Mapping[tuple[str, str], Price] = field(default_factory=dict)

    def price(self, provider: str, model: str) -> Price | None:
        return self.prices.get((provider.lower(), model.lower()))


def read_prices(text: str, *, name: str = "the price file") -> PriceFile:
    """The prices in a file's `text`; `name` stands in messages and as the default source.

    Raises `ConfigError` with the first mistake; `mistakes_in_prices` lists them all.
    """
    reading = _Reading(text, name)
    prices = reading.prices()
    if reading.mistakes:
        raise reading.mistakes[0]
    return PriceFile(prices)


def mistakes_in_prices(text: str, *, name: str = "the price file") -> list[ConfigError]:
    """All mistakes of a price file, each with its key, line and, where we know one, a hint."""
    reading = _Reading(text, name)
    reading.prices()
    return reading.mistakes


class _Reading:
    """One pass over one file. Collects mistakes instead of stopping at the first."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.mistakes: list[ConfigError] = []

    def prices(self) -> dict[tuple[str, str], Price]:
        prices = {}
        for provider, model, table in self._tables():
            price = self._price((provider, model), table)
            if price is not None:
                prices[provider.lower(), model.lower()] = price
        return prices

    def _tables(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for provider, models in self._parsed().items():
            if not isinstance(models, Mapping):
                self._mistake((provider,), "is not a table of models", hint=_EXAMPLE)
                continue
            for model, table in models.items():
                if isinstance(table, Mapping):
                    yield provider, model, table
                else:
                    self._mistake((provider, model), "is not a table of prices", hint=_EXAMPLE)

    def _parsed(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            at_line = re.search(r"at line (\d+)", str(error))
            line = int(at_line[1]) if at_line else self.text.count("\n") + 1
            self.mistakes.append(
                ConfigError("", f"{self.name} is not TOML: {error}", line=line, hint=_EXAMPLE)
            )
            return {}

    def _price(self, path: tuple[str, str], table: Mapping[str, Any]) -> Price | None:
        before = len(self.mistakes)
        for key in table.keys() - set(_KEYS):
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(_KEYS)}"
            self._mistake((*path, key), "is no key of a price", hint=hint)
        standard = self._rates(path, table, _RATES, needed=True)
        batch = self._rates(path, table, _BATCH, needed=any(key in table for key in _BATCH))
        source, as_of = self._source(path, table), self._as_of(path, table)
        if standard is None or len(self.mistakes) > before:
            return None
        return Price(standard=standard, batch=batch, source=source, as_of=as_of)

    def _rates(
        self, path: tuple[str, str], table: Mapping[str, Any], keys: tuple[str, ...], *, needed: bool
    ) -> Rates | None:
        figures = [self._figure((*path, key), table.get(key)) for key in keys]
        if figures[0] is not None:
            return Rates(figures[0], figures[1], figures[2])
        if needed and keys[0] not in table:
            self._mistake((*path, keys[0]), "is missing", hint="0 is a price too")
        return None

    def _figure(self, path: tuple[str, ...], value: object) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._mistake(path, "must be a number", hint="USD per million tokens, without quotes")
            return None
        figure = Decimal(value)
        fault = fault_in(figure)
        if fault is not None:
            self._mistake(path, fault)
            return None
        return figure

    def _source(self, path: tuple[str, str], table: Mapping[str, Any]) -> str:
        source = table.get("source", self.name)
        if isinstance(source, str):
            return source
        self._mistake((*path, "source"), "must be a text", hint='for example "our contract"')
        return self.name

    def _as_of(self, path: tuple[str, str], table: Mapping[str, Any]) -> date | None:
        value = table.get("as_of")
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            day = value
        if isinstance(day, datetime):
            return day.date()
        if day is None or isinstance(day, date):
            return day
        self._mistake((*path, "as_of"), "must be a date", hint="for example 2026-08-01")
        return None

    def _mistake(self, path: tuple[str, ...], message: str, *, hint: str | None = None) -> None:
        line = _line_of(self.text, path)
        self.mistakes.append(ConfigError(_dotted(path), f"{message} ({self.name})", line=line, hint=hint))


_EXAMPLE = 'a price stands in a table such as [openai."gpt-4o-mini"]'


def _dotted(path: tuple[str, ...]) -> str:
    bare = re.compile(r"[A-Za-z0-9_-]+")
    return ".".join(part if bare.fullmatch(part) else f'"{part}"' for part in path)


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line (from 1) where a key stands, else its table's, `None` where neither is found.

    `tomllib` keeps no positions, so each header and each key is read again as TOML of its own.
    """
    table: tuple[str, ...] = ()
    found = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = _keys_of(stripped)
            if table and path[: len(table)] == table:
                found = number
        elif "=" in stripped and (*table, *_keys_of(stripped.split("=")[0] + "= 0")) == path:
            return number
    return found


def _keys_of(line: str) -> tuple[str, ...]:
    try:
        value: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    keys = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        keys.append(key)
    return tuple(keys)
