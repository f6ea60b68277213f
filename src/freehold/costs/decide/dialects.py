"""Rows of other tools' exports as rows of a trace. A dialect is known by the names of its columns.

Sources: LiteLLM's table of spend logs (https://docs.litellm.ai/docs/proxy/cost_tracking), Langfuse's
observations (https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields),
Helicone's export (https://docs.helicone.ai/tools/export). Does not read files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`needs`: columns that tell it; `translate`: one row of it as `t_ms`, `input_tokens`, and so on."""

    name: str
    needs: frozenset[str]
    translate: Callable[[Row], Row]


def dialect_of(columns: Iterable[str]) -> Dialect | None:
    """The dialect that these columns speak; `None` where nobody knows it."""
    names = set(columns)
    return next((dialect for dialect in DIALECTS if dialect.needs <= names), None)


def _own(row: Row) -> Row:
    return row


def _litellm(row: Row) -> Row:
    return {
        "t_ms": milliseconds(row.get("startTime")),
        "input_tokens": row.get("prompt_tokens"),
        "output_tokens": row.get("completion_tokens"),
        "route": row.get("model_group") or row.get("model"),
    }


def _helicone(row: Row) -> Row:
    return {
        "t_ms": milliseconds(row.get("request_created_at")),
        "input_tokens": row.get("prompt_tokens"),
        "output_tokens": row.get("completion_tokens"),
        "cached_tokens": row.get("prompt_cache_read_tokens"),
        "route": row.get("request_model") or row.get("model"),
    }


def _langfuse(row: Row) -> Row:
    details = _object(row.get("usageDetails", row.get("usage_details")))
    return {
        "t_ms": milliseconds(row.get("startTime", row.get("start_time"))),
        "input_tokens": details.get("input"),
        "output_tokens": details.get("output"),
        "cached_tokens": details.get("input_cached_tokens"),
        "route": row.get("name"),
    }


def _object(value: object) -> Row:
    """A JSON object, or its text as a CSV cell holds it; empty where it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return {}
    return value if isinstance(value, Mapping) else {}


def milliseconds(value: object) -> object:
    """An ISO 8601 time (without a zone: UTC) in milliseconds since 1970; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
    except ValueError:
        return value
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment.timestamp() * 1000


DIALECTS = (
    Dialect("freehold", frozenset({"t_ms", "input_tokens", "output_tokens"}), _own),
    Dialect("LiteLLM", frozenset({"startTime", "prompt_tokens", "completion_tokens"}), _litellm),
    Dialect("Helicone", frozenset({"request_created_at", "prompt_tokens", "completion_tokens"}), _helicone),
    Dialect("Langfuse", frozenset({"startTime", "usageDetails"}), _langfuse),
    Dialect("Langfuse", frozenset({"start_time", "usage_details"}), _langfuse),
)
