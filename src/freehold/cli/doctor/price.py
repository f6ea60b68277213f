"""Whether it is known what a model costs."""

from __future__ import annotations

from datetime import UTC, datetime

from freehold.cli.doctor.report import Check, Group
from freehold.cli.figures import exact
from freehold.cli.prices import price_at
from freehold.config import ModelSettings
from freehold.costs import PriceFile
from freehold.errors import ConfigError


def check_price(name: str, model: ModelSettings, prices: PriceFile) -> Check:
    group = Group(f"model {name}")
    if model.tenure == "owned":
        if model.hourly_cost_usd is None:
            return group.skipped("price", "unknown, as is said of the config")
        return group.good("price", f"{exact(model.hourly_cost_usd)} USD an hour, used or not")
    try:
        price = price_at(name, model, prices, datetime.now(UTC))
    except ConfigError as error:
        return group.bad("price", error.message, error.hint)
    rates = None if price is None else (price.batch if model.batch else price.standard)
    if price is None or rates is None:
        hint = "input_usd_per_million and output_usd_per_million say it, or price_as names another model's"
        return group.odd("price", "it is unknown, so its requests are counted as of unknown cost", hint)
    output = exact(rates.output_usd_per_million) or "nothing"
    said = f"{exact(rates.input_usd_per_million)} USD in and {output} out, a million tokens ({price.source})"
    return group.good("price", f"simulated: {said}" if model.provider == "sandbox" else said)
