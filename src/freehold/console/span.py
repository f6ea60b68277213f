"""Since when: the range of time that a page looks at, as its URL says it. Times are UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from freehold.errors import Refused

_UNITS = {"m": (60, "minute"), "h": (3600, "hour"), "d": (86_400, "day")}
_AGO = re.compile(r"(\d{1,5})([mhd])")
EVER = "all"
OFFERED = ("1h", "24h", "7d", "30d", EVER)


@dataclass(frozen=True, slots=True)
class Span:
    """`word` is what the URL says, `start` Unix seconds (`None`: from the beginning)."""

    word: str
    start: float | None

    @property
    def said(self) -> str:
        """In words that end a sentence: `in the last 24 hours`."""
        if self.start is None:
            return "since the ledger began"
        found = _AGO.fullmatch(self.word)
        if found is None:
            return f"since {self.word} UTC"
        number, (_, noun) = int(found[1]), _UNITS[found[2]]
        return f"in the last {noun}" if number == 1 else f"in the last {number} {noun}s"


def read_span(word: str | None, now: float, default: str = EVER) -> Span:
    """`24h`, `7d`, `all`, or a date. Raises `Refused` (400) for anything else."""
    word = word or default
    if word == EVER:
        return Span(word, None)
    found = _AGO.fullmatch(word)
    if found is not None:
        return Span(word, now - int(found[1]) * _UNITS[found[2]][0])
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        offered = ", ".join(OFFERED)
        said = f"since={word!r} is no time: write {offered}, or a date such as 2026-11-24."
        raise Refused(400, said) from None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return Span(word, aware.timestamp())
