"""The prices behind a config: the override file that it names, and the price of each rented model."""

from __future__ import annotations

from datetime import datetime

from freehold.cli.user_file import text_of
from freehold.config import ModelSettings, Settings
from freehold.costs import Price, PriceFile, configured_price, price_of, read_prices


def price_file(settings: Settings) -> PriceFile:
    """The override file; an empty one where the config names none. Raises `ConfigError`."""
    path = settings.prices.file
    if path is None:
        return PriceFile()
    return read_prices(text_of(path, "prices.file"), name=path.name)


def price_at(name: str, model: ModelSettings, overrides: PriceFile, at: datetime) -> Price | None:
    """What the model called `name` cost at `at`; `None` where nobody knows it. Raises `ConfigError`."""
    configured = configured_price(
        input_usd_per_million=model.input_usd_per_million,
        output_usd_per_million=model.output_usd_per_million,
        cached_input_usd_per_million=model.cached_input_usd_per_million,
        # `batch = true` says that the figures are batch figures.
        batch_input_usd_per_million=model.input_usd_per_million if model.batch else None,
        batch_output_usd_per_million=model.output_usd_per_million if model.batch else None,
        batch_cached_input_usd_per_million=model.cached_input_usd_per_million if model.batch else None,
        key=f"models.{name}",
    )
    return price_of(
        model.provider,
        model.model,
        at=at,
        configured=configured,
        overrides=overrides,
        price_as=model.price_as,
        url=model.url,
    )
