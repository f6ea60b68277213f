"""Prices of public APIs, from the table inside the genai-prices package. Never fetches: starts no updater.

The package is loaded at the first question (12 MB, about half a second), not at import.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from freehold.costs.price import Price, Rates, Tier

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

_BATCH = {"processing": "batch"}

# Charges that no token count of ours can be multiplied with. A model that has one is unknown to us: a
# total that leaves out a part of the bill would be a wrong total.
_NOT_COUNTED = ("requests_kcount", "output_reasoning_mtok", "output_citation_mtok")

_HUB = "huggingface_"

# The package gives this model no figures and says in its description that OpenAI moderates free of charge.
_FREE_IN_WORDS = ("openai", "moderation")


def known_price(provider: str, model: str, *, at: datetime, url: str | None = None) -> Price | None:
    """The package's price for text tokens, `None` where it has none that we can compute with.

    `provider` must be one of its ids (exactly: `openai`, `azure`, `groq`…) or `url` one of its providers'
    addresses. A price that changes with the time of day is unknown here.
    Audio, image and cache-write rates are left out: usage on this wire does not tell those tokens apart.
    """
    home = _provider(provider, url)
    if home is None:
        return None
    found = _model(home, model)
    if found is None or _varies_by_hour(found):
        return None
    moment = at.astimezone(UTC)
    if (home.id, found.id) == _FREE_IN_WORDS:
        return Price(standard=Rates(Decimal(0), Decimal(0)), source=_source(home, found))
    standard = _rates(found.get_prices(moment))
    if standard is None:
        return None
    return Price(
        standard=standard,
        batch=_rates(found.get_prices(moment, _BATCH)) if _has_batch(found, moment) else None,
        source=_source(home, found),
    )


def hosts_of(words: str, is_it: Callable[[str], bool], *, at: datetime) -> list[tuple[str, Price]]:
    """Who rents out a model, as `provider/model` with its price: one of each provider, the cheapest input.

    `is_it` says whether an id names the model; only ids that hold `words` (letters and figures of it, small)
    are looked at. What costs nothing is no offer: it is a trial.
    """
    from genai_prices.data import providers  # noqa: PLC0415 - loaded at the first question, see above

    found: dict[str, tuple[str, Price]] = {}
    for home in providers:
        for model in home.models:
            if words not in _squeezed(model.id) or not is_it(model.id):
                continue
            price = known_price(home.id, model.id, at=at)
            if price is None or price.standard.free or price.standard.output_usd_per_million is None:
                continue
            host = home.id.removeprefix(_HUB)  # the hub passes on to hosts that have a door of their own
            known = found.get(host)
            if known is None or _input(price) < _input(known[1]):
                found[host] = f"{home.id}/{model.id}", price
    return sorted(found.values(), key=lambda each: _input(each[1]))


def _input(price: Price) -> Decimal:
    return price.standard.input_usd_per_million


def _squeezed(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _source(home: Provider, found: ModelInfo) -> str:
    import genai_prices  # noqa: PLC0415 - loaded at the first question, see above

    return f"genai-prices {genai_prices.__version__}: {home.id}/{found.id}"


def _provider(provider: str, url: str | None) -> Provider | None:
    import re  # noqa: PLC0415 - beside its one use

    from genai_prices.data import providers  # noqa: PLC0415 - loaded at the first question, see above

    for candidate in providers:
        if candidate.id == provider.lower():
            return candidate
    if url is None:
        return None
    return next((candidate for candidate in providers if re.match(candidate.api_pattern, url)), None)


def _model(home: Provider, model: str) -> ModelInfo | None:
    from genai_prices.data import providers  # noqa: PLC0415 - loaded at the first question, see above

    return home.find_model(model, all_providers=providers)


def _varies_by_hour(model: ModelInfo) -> bool:
    from genai_prices.types import (  # noqa: PLC0415 - loaded at the first question, see above
        ModelPrice,
        TimeOfDateConstraint,
    )

    if isinstance(model.prices, ModelPrice):
        return False
    return any(isinstance(price.constraint, TimeOfDateConstraint) for price in model.prices)


def _has_batch(model: ModelInfo, moment: datetime) -> bool:
    return any(
        variant.when == _BATCH and (variant.constraint is None or variant.constraint.active(moment))
        for variant in model.price_variants or ()
    )


def _rates(prices: ModelPrice) -> Rates | None:
    figures = vars(prices)
    if any(figures.get(name) is not None for name in _NOT_COUNTED):
        return None
    parts = [figures.get(name) for name in ("input_mtok", "output_mtok", "cache_read_mtok")]
    starts = sorted({tier.start for part in parts for tier in getattr(part, "tiers", ())})
    base = _flat(parts, 0)
    if base is None:
        return None
    above = ((start, _flat(parts, start + 1)) for start in starts)
    tiers = tuple(Tier(start, rates) for start, rates in above if rates is not None)
    return Rates(
        base.input_usd_per_million,
        base.output_usd_per_million,
        base.cached_input_usd_per_million,
        tiers,
    )


def _flat(parts: list[object], input_tokens: int) -> Rates | None:
    input_, output, cached = (_figure(part, input_tokens) for part in parts)
    return None if input_ is None else Rates(input_, output, cached)


def _figure(part: object, input_tokens: int) -> Decimal | None:
    from genai_prices.types import TieredPrices  # noqa: PLC0415 - loaded at the first question, see above

    if not isinstance(part, TieredPrices):
        return part if isinstance(part, Decimal) else None
    figure = part.base
    for tier in part.tiers:
        if input_tokens > tier.start:
            figure = tier.price
    return figure
