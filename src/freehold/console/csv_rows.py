"""Records as CSV: one row a request, money with every digit, unknown empty, times in UTC. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

from freehold.console.figures import exact, iso
from freehold.ledger import Record, original_cost_usd

COLUMNS = (
    "request_id",
    "at",
    "endpoint",
    "route",
    "key",
    "model",
    "tenure",
    "provider",
    "upstream_model",
    "status",
    "stream",
    "label",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_usd",
    "original_cost_usd",
    "simulated",
    "attempts",
    "seconds",
    "ttft_seconds",
    "slot_microseconds",
    "reason",
    "error",
)
_OF_USAGE = frozenset({"input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"})
# A spreadsheet takes text that begins so for a formula, and some of it comes from upstreams.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def head() -> str:
    return _written([COLUMNS])


def rows(records: Iterable[Record]) -> str:
    return _written(_row(record) for record in records)


def table(name: str, columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> Response:
    """A small table as a file to keep; a figure's own rows."""
    text = _written([tuple(columns), *(tuple(map(_safe, line)) for line in lines)])
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _row(record: Record) -> tuple[Any, ...]:
    said: dict[str, Any] = {
        "at": iso(record.at),
        "stream": str(record.stream).lower(),
        "simulated": str(record.simulated).lower(),
        "cost_usd": exact(record.cost_usd),
        "original_cost_usd": exact(original_cost_usd(record)),
        "attempts": len(record.attempts),
    }
    return tuple(said[name] if name in said else _cell(record, name) for name in COLUMNS)


def _cell(record: Record, name: str) -> Any:
    if name in _OF_USAGE:
        return None if record.usage is None else getattr(record.usage, name)
    return _safe(getattr(record, name))


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _written(lines: Iterable[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue()
