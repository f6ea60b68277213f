"""A line in the log for each request, from its record: figures and names of the config, no content.

`[server] log_requests` asks for it. Does not know how lines look.
"""

from __future__ import annotations

import logging
from typing import Any

from freehold.cli.figures import exact
from freehold.cli.logs import ABOUT
from freehold.gateway import Draft
from freehold.ledger import Record

_log = logging.getLogger("freehold.requests")


def log_requests() -> None:
    """Let the lines through, which are no warnings."""
    _log.setLevel(logging.INFO)


def log_request(record: Record, draft: Draft) -> None:
    """One line. An error is told by its code: its words may be an upstream's, and repeat what was asked."""
    _log.info("request", extra={ABOUT: fields_of(record, draft.code)})


def fields_of(record: Record, code: str | None) -> dict[str, Any]:
    """The fields of the line. Unknown is null in JSON, and left out in text."""
    usage = record.usage
    return {
        "request_id": record.request_id,
        "endpoint": record.endpoint,
        "route": record.route,
        "model": record.model,
        "tenure": record.tenure,
        "key": record.key,
        "status": record.status,
        "code": code,
        "stream": record.stream,
        "attempts": len(record.attempts),
        "ms": round(record.seconds * 1000, 3),
        "ttft_ms": None if record.ttft_seconds is None else round(record.ttft_seconds * 1000, 3),
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
        "cost_usd": exact(record.cost_usd),
        "simulated": record.simulated,
    }
