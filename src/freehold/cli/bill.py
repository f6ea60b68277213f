"""How a request's cost came about, in one sentence: checked by computing it again.

The ledger keeps the amount; the figures behind it are today's config. Where they no longer give that amount
the sentence says so, and the ledger's amount stands.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from freehold.cli.figures import counted, moment, money
from freehold.cli.prices import price_at, price_file
from freehold.config import ModelSettings, Settings
from freehold.costs import Price, cost, slot_cost
from freehold.errors import ConfigError
from freehold.ledger import REPRICED, Record, Repriced, events
from freehold.wire import Usage

_CHANGED = "computed when it was answered; today's config would give another amount"


def how_computed(record: Record, settings: Settings) -> str:
    """The sentence, for any record."""
    if isinstance(record, Repriced):
        return _repriced(record, settings)
    if not record.attempts:
        return "no model was asked"
    if record.model is None:
        return "no model answered" if record.cost_usd is not None else "a model broke off and may have billed"
    model = settings.models.get(record.model)
    if model is None:
        return f"computed when it was answered; {record.model} is no longer in the config"
    if model.tenure == "owned":
        return _owned(record, model)
    return _rented(record, record.model, model, settings)


def _repriced(record: Repriced, settings: Settings) -> str:
    was = money(record.original_cost_usd)
    said = next((e for e in events(settings.ledger.path, REPRICED) if e.id == record.corrected_by), None)
    if said is None:
        return f"repriced; it was {was} when it was answered"
    return f"repriced by {said.who} at {moment(said.at)} UTC ({said.why}); it was {was} when it was answered"


def _owned(record: Record, model: ModelSettings) -> str:
    hourly, used = model.hourly_cost_usd, record.slot_microseconds
    if record.cost_usd is None:
        return "hourly_cost_usd is not in the config" if hourly is None else "it was not known at the time"
    if hourly is None or used is None or slot_cost(used, model.slots, hourly) != record.cost_usd:
        return _CHANGED if len(record.attempts) == 1 else _several(record)
    seconds = (Decimal(used) / 1_000_000).normalize()
    return f"{seconds:f} slot-seconds ÷ ({counted(model.slots, 'slot')} × 3600) × {hourly:f} USD an hour"


def _rented(record: Record, name: str, model: ModelSettings, settings: Settings) -> str:
    if record.usage is None:
        return "the model did not report its tokens"
    price = _price(name, model, settings, datetime.fromtimestamp(record.at, UTC))
    if record.cost_usd is None:
        return "its price is not known" if price is None else "it was not known at the time"
    if price is None or cost(record.usage, price, batch=model.batch) != record.cost_usd:
        return _CHANGED if len(record.attempts) == 1 else _several(record)
    return _by_tokens(record.usage, price, batch=model.batch)


def _several(record: Record) -> str:
    return f"the sum over {counted(len(record.attempts), 'attempt')}"


def _price(name: str, model: ModelSettings, settings: Settings, at: datetime) -> Price | None:
    try:
        return price_at(name, model, price_file(settings), at)
    except ConfigError:
        return None  # the config's prices are wrong now; `freehold check` says how


def _by_tokens(usage: Usage, price: Price, *, batch: bool) -> str:
    rates = (price.batch if batch and price.batch is not None else price.standard).at(usage.input_tokens)
    cached = usage.cached_tokens or 0  # a model that reports no split bills all as uncached
    parts = [f"{usage.input_tokens - cached:,} × {rates.input_usd_per_million:f}"]
    if cached:
        own = rates.cached_input_usd_per_million
        parts.append(f"{cached:,} × {rates.input_usd_per_million if own is None else own:f}")
    if usage.output_tokens and rates.output_usd_per_million is not None:
        parts.append(f"{usage.output_tokens:,} × {rates.output_usd_per_million:f}")
    return f"{' + '.join(parts)} USD for a million tokens, by {price.source}"
