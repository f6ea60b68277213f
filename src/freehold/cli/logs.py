"""What a serving process has to say: lines on stderr, with a UTC time, as text or as JSON.

No line holds what was asked or answered, nor a secret. A fault of ours is told by its kind and its place in
the code: its own words might repeat a prompt. Does not know what is logged.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

LogFormat = Literal["text", "json"]
Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

ABOUT = "about"
"""The attribute of a log record that holds its fields, by name."""


def log_to_stderr(format_: LogFormat = "text") -> None:
    """From here on what we say, and others' warnings, go to stderr; a second call changes the format."""
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler, _ToStderr)]
    handler = ours[0] if ours else _ToStderr(sys.stderr)
    handler.setFormatter(_Json() if format_ == "json" else _Text())
    if not ours:
        root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("freehold").setLevel(logging.INFO)


class _ToStderr(logging.StreamHandler[Any]):
    """Ours, among those that others may have added."""


class _Text(logging.Formatter):
    """`2026-11-24T06:21:37Z WARNING the changed config is in use`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        line = super().formatMessage(record)
        fields = getattr(record, ABOUT, {})
        return " ".join([line, *(f"{name}={value}" for name, value in fields.items() if value is not None)])

    def formatException(self, ei: Fault) -> str:  # noqa: N802 - logging's own name
        return "\n".join([*_frames(ei), _kind(ei)])


class _Json(logging.Formatter):
    """One object a line: time, level, event, and what is known about it."""

    def format(self, record: logging.LogRecord) -> str:
        import msgspec  # noqa: PLC0415 - only a serving process logs

        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, ABOUT, {}),
        }
        if record.exc_info:
            line["fault"] = _kind(record.exc_info)
            line["frames"] = _frames(record.exc_info)
        return msgspec.json.encode(line).decode()


def _kind(fault: Fault) -> str:
    return "a fault" if fault[0] is None else f"{fault[0].__module__}.{fault[0].__qualname__}"


def _frames(fault: Fault) -> list[str]:
    """The lines of code that led there; without the values, and without the exception's own words."""
    return [line.rstrip("\n") for line in traceback.format_tb(fault[2])]
