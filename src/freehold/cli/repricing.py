"""What requests would cost at the prices that the config knows now: the new costs, and what cannot be priced.

Rented requests of which one attempt alone was billed, by their tokens. Does not write anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from freehold.cli.prices import price_at, price_file
from freehold.config import ModelSettings, Settings
from freehold.costs import Price, asked_of, cost, same_model
from freehold.ledger import Record

_NOTHING = Decimal(0)
_ANYBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class ModelChange:
    """What changes for one model. `unknown` of its `requests` had no known cost before."""

    requests: int = 0
    unknown: int = 0
    before_usd: Decimal = _NOTHING
    after_usd: Decimal = _NOTHING

    @property
    def difference_usd(self) -> Decimal:
        return self.after_usd - self.before_usd


@dataclass(slots=True)
class Changes:
    """New costs by request id, in the order of writing; sums by model; why others stay as they are."""

    costs: dict[str, Decimal] = field(default_factory=dict)
    models: dict[str, ModelChange] = field(default_factory=dict)
    unchanged: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> ModelChange:
        parts = self.models.values()
        return ModelChange(
            sum(part.requests for part in parts),
            sum(part.unknown for part in parts),
            sum((part.before_usd for part in parts), _NOTHING),
            sum((part.after_usd for part in parts), _NOTHING),
        )


def changes(records: Iterable[Record], settings: Settings, models: frozenset[str]) -> Changes:
    """What of `records` costs something else now; of `models` alone, where any are named."""
    found = Changes()
    price = _Prices(settings)
    for record in records:
        if record.tenure != "rented" or record.simulated or record.model is None:
            continue
        if models and record.model not in models:
            continue
        new = price.of(record, record.model)
        if isinstance(new, str):
            found.skipped[new] = found.skipped.get(new, 0) + 1
        elif new == record.cost_usd:
            found.unchanged += 1
        else:
            _note(found, record, record.model, new)
    return found


def _note(found: Changes, record: Record, model: str, new: Decimal) -> None:
    found.costs[record.request_id] = new
    change = found.models.setdefault(model, ModelChange())
    change.requests += 1
    change.after_usd += new
    if record.cost_usd is None:
        change.unknown += 1
    else:
        change.before_usd += record.cost_usd


class _Prices:
    """Each model's price by day: it is looked up once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._overrides = price_file(settings)
        self._known: dict[tuple[str, int], Price | None] = {}

    def of(self, record: Record, name: str) -> Decimal | str:
        """The record's new cost, or why it stays as it is."""
        model = self._settings.models.get(name)
        why_not = _why_not(record, model)
        if model is None or why_not is not None:
            return why_not or _GONE
        new = cost(record.usage, self._price(name, model, record.at), batch=model.batch)
        return "no price is known" if new is None else new

    def _price(self, name: str, model: ModelSettings, at: float) -> Price | None:
        moment = datetime.fromtimestamp(at, UTC)
        day = name, moment.toordinal()
        if day not in self._known:
            self._known[day] = price_at(name, model, self._overrides, moment)
        return self._known[day]


_GONE = "the model is not in the config any more"
_CHECKS: tuple[tuple[Callable[[Record, ModelSettings], bool], str], ...] = (
    (
        lambda record, model: record.provider != model.provider or model.tenure != "rented",
        "the model is another one now",
    ),
    (
        lambda record, model: (
            record.upstream_model is not None and same_model(record.upstream_model, [model.model]) is None
        ),
        "the upstream's name is not the config's any more",
    ),
    (
        lambda record, _: any(attempt.tenure == "owned" for attempt in record.attempts),
        "an owned model has a part in the cost",
    ),
    (
        lambda record, _: any(a.certainty == "maybe" for a in asked_of(record, lambda name: name, _ANYBODY)),
        "an attempt may have been billed whose tokens were never told",
    ),
    (lambda record, _: record.usage is None, "the tokens were never told"),
)


def _why_not(record: Record, model: ModelSettings | None) -> str | None:
    if model is None:
        return _GONE
    return next((why for applies, why in _CHECKS if applies(record, model)), None)
