"""What parent and child say to each other: one JSON object a line, over the child's stdin and stdout.

Knows the words, not the pipes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

MAX_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """Parent to child, once: what to load and how. `context_tokens` is per slot and already decided."""

    name: str
    weights: str
    slots: int
    context_tokens: int
    threads: int | None
    gpu_layers: int
    embeddings: bool
    mean_pooling: bool
    chat_template: str | None
    secret: str = field(repr=False)
    parent_pid: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Child to parent, once: requests are answered on `port`."""

    port: int
    sandboxed: bool
    missing: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """Child to parent, last: it cannot start."""

    reason: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Child to parent, again and again: the engine's own loop has just answered."""

    slots_busy: int
    waiting: int
    rss_bytes: int


Report = Ready | Failed | Health
_REPORTS: dict[str, type[Report]] = {"ready": Ready, "failed": Failed, "health": Health}
_KINDS = {report: kind for kind, report in _REPORTS.items()}


def encode_job(job: Job) -> bytes:
    return json.dumps(asdict(job)).encode() + b"\n"


def decode_job(line: bytes) -> Job:
    return Job(**json.loads(line))


def encode_report(report: Report) -> bytes:
    return json.dumps({"kind": _KINDS[type(report)], **asdict(report)}).encode() + b"\n"


def decode_report(line: bytes) -> Report:
    """Raises ValueError if the line is not one of ours."""
    fields = json.loads(line)
    try:
        return _REPORTS[fields.pop("kind")](**fields)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a report: {line[:200]!r}") from error
