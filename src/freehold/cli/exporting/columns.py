"""The columns of an export, the same in every format: one row a request.

Money is a decimal string with every digit, unknown is `None`, times are ISO 8601 in UTC.
"""

from __future__ import annotations

from typing import Any

from freehold.cli.figures import exact, iso
from freehold.ledger import Record, original_cost_usd

# Each column and what it is in SQL.
COLUMNS = {
    "request_id": "VARCHAR",
    "at": "TIMESTAMP WITH TIME ZONE",
    "endpoint": "VARCHAR",
    "route": "VARCHAR",
    "key": "VARCHAR",
    "model": "VARCHAR",
    "tenure": "VARCHAR",
    "provider": "VARCHAR",
    "upstream_model": "VARCHAR",
    "status": "INTEGER",
    "stream": "BOOLEAN",
    "label": "VARCHAR",
    "input_tokens": "BIGINT",
    "cached_tokens": "BIGINT",
    "output_tokens": "BIGINT",
    "reasoning_tokens": "BIGINT",
    "cost_usd": "VARCHAR",
    "original_cost_usd": "VARCHAR",
    "simulated": "BOOLEAN",
    "seconds": "DOUBLE",
    "ttft_seconds": "DOUBLE",
    "slot_microseconds": "BIGINT",
    "reason": "VARCHAR",
    "error": "VARCHAR",
    "attempts": "VARCHAR",
}
_OF_USAGE = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")


def row_of(record: Record) -> dict[str, Any]:
    """The row, by column; `attempts` are as the ledger holds them."""
    usage = record.usage
    said: dict[str, Any] = {
        "at": iso(record.at),
        "cost_usd": exact(record.cost_usd),
        "original_cost_usd": exact(original_cost_usd(record)),
        **{name: None if usage is None else getattr(usage, name) for name in _OF_USAGE},
    }
    return {name: said[name] if name in said else getattr(record, name) for name in COLUMNS}
