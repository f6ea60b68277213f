"""Records, sums and keys as JSON: the documented shapes of `--json`.

Money is a decimal string with every digit, never in scientific notation; unknown is null; times are ISO 8601
in UTC. Does not know how they are shown to a person.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from freehold.access import Key
from freehold.cli.figures import exact, iso
from freehold.ledger import Record, Stats, original_cost_usd


def record_shape(record: Record) -> dict[str, Any]:
    """One request, as `requests` and `explain` print it."""
    return {
        "request_id": record.request_id,
        "at": iso(record.at),
        "key": record.key,
        "endpoint": record.endpoint,
        "route": record.route,
        "model": record.model,
        "tenure": record.tenure,
        "upstream_model": record.upstream_model,
        "stream": record.stream,
        "status": record.status,
        "label": record.label,
        "usage": None if record.usage is None else plain(record.usage),
        "cost_usd": exact(record.cost_usd),
        "original_cost_usd": exact(original_cost_usd(record)),
        "simulated": record.simulated,
        "attempts": [plain(attempt) for attempt in record.attempts],
        "reason": record.reason,
        "seconds": record.seconds,
        "ttft_seconds": record.ttft_seconds,
        "slot_microseconds": record.slot_microseconds,
        "error": record.error,
        "held_usd": exact(record.held_usd),
        "found": record.found,
    }


def stats_shape(stats: Stats) -> dict[str, Any]:
    """Totals and their parts, as `stats` prints them; every total is the sum of its parts."""
    shape: dict[str, Any] = plain(stats)
    times = {name: shape.pop(name) for name in ("since", "until", "rows_removed_before")}
    return {**{name: None if at is None else iso(at) for name, at in times.items()}, **shape}


def key_shape(key: Key, spent_usd: Decimal | None) -> dict[str, Any]:
    """A key without its secret, as `keys list` prints it. Empty lists mean that it may use everything."""
    budget, rate = key.budget, key.rate
    return {
        "id": key.id,
        "hint": key.hint,
        "admin": key.admin,
        "routes": sorted(key.routes),
        "models": sorted(key.models),
        "note": key.note,
        "owner": key.owner,
        "at": iso(key.at),
        "expires_at": None if key.expires_at is None else iso(key.expires_at),
        "revoked": key.revoked,
        "budget_usd": None if budget is None else exact(budget.usd),
        "budget_period": None if budget is None else budget.period,
        "spent_usd": exact(spent_usd),
        "requests_per_minute": None if rate is None else rate.requests_per_minute,
        "tokens_per_minute": None if rate is None else rate.tokens_per_minute,
    }


def plain(value: Any) -> Any:
    """A value of the ledger as JSON can hold it."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(part) for name, part in msgspec.structs.asdict(value).items()}
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
