"""Which price holds for a model. The order is fixed; nothing is fetched and nothing is guessed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from freehold.costs.known import known_price
from freehold.costs.price import Price, Rates, fault_in
from freehold.costs.price_file import PriceFile
from freehold.errors import ConfigError


def price_of(
    provider: str,
    model: str,
    *,
    at: datetime,
    configured: Price | None = None,
    overrides: PriceFile | None = None,
    price_as: str | None = None,
    url: str | None = None,
) -> Price | None:
    """The price of `model` at `provider`, `None` where nobody knows it.

    Asked in this order: the model's own figures in the config (`configured`), the override file, the table
    that the genai-prices package carries. `price_as` ("openai/gpt-4o-mini") asks the latter two for another
    model's price. `url` finds the provider behind the wire that many speak. `at` (aware) picks
    among prices with a start date.

    Raises `ConfigError` where `price_as` is not written as provider/model.
    """
    if configured is not None:
        return configured
    if price_as is not None:
        provider, model = _split(price_as)
        url = None
    found = overrides.price(provider, model) if overrides is not None else None
    return found if found is not None else known_price(provider, model, at=at, url=url)


def _split(price_as: str) -> tuple[str, str]:
    provider, slash, model = price_as.partition("/")
    if not (provider and slash and model):
        raise ConfigError(
            "price_as",
            f'"{price_as}" names no model of a provider',
            hint='write it as "provider/model", for example "openai/gpt-4o-mini"',
        )
    return provider, model


def configured_price(
    *,
    input_usd_per_million: Decimal | None = None,
    output_usd_per_million: Decimal | None = None,
    cached_input_usd_per_million: Decimal | None = None,
    batch_input_usd_per_million: Decimal | None = None,
    batch_output_usd_per_million: Decimal | None = None,
    batch_cached_input_usd_per_million: Decimal | None = None,
    key: str = "",
) -> Price | None:
    """The price that a model's own config table states, `None` where it states no figure.

    `key` is the table's dotted key (`models.gpt`), for the message. Raises `ConfigError` on a figure that
    is no price, and on figures without their input rate.
    """
    standard = _rates(key, "", input_usd_per_million, output_usd_per_million, cached_input_usd_per_million)
    batch = _rates(
        key,
        "batch_",
        batch_input_usd_per_million,
        batch_output_usd_per_million,
        batch_cached_input_usd_per_million,
    )
    if standard is None:
        if batch is not None:
            raise _no_input(key, "")
        return None
    return Price(standard=standard, batch=batch, source="the config")


def _rates(
    key: str, prefix: str, input_: Decimal | None, output: Decimal | None, cached: Decimal | None
) -> Rates | None:
    figures = {"input": input_, "output": output, "cached_input": cached}
    for name, figure in figures.items():
        fault = None if figure is None else fault_in(figure)
        if fault is not None:
            raise ConfigError(f"{key}.{prefix}{name}_usd_per_million".lstrip("."), fault)
    if input_ is None:
        if output is None and cached is None:
            return None
        raise _no_input(key, prefix)
    return Rates(input_, output, cached)


def _no_input(key: str, prefix: str) -> ConfigError:
    name = f"{prefix}input_usd_per_million"
    return ConfigError(
        f"{key}.{name}".lstrip("."),
        "is missing, though other prices are given",
        hint=f"add {name}; 0 is a price too",
    )
