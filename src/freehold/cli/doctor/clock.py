"""Our clock against those of the upstreams, by the `Date` of their answers. Pure."""

from __future__ import annotations

import email.utils
from collections.abc import Iterable
from datetime import UTC, datetime
from statistics import median

from freehold.cli.doctor.report import Check, Group

_GROUP = Group("machine")
_MOST_SECONDS = 30.0


def skew_seconds(date: bytes | None, now: float) -> float | None:
    """How far our clock is ahead of an answer's `Date` (RFC 9110, 6.6.1); exact to a second or so."""
    if date is None:
        return None
    try:
        then = email.utils.parsedate_to_datetime(date.decode("latin-1"))
    except ValueError:
        return None
    return now - then.replace(tzinfo=then.tzinfo or UTC).timestamp()


def check_clock(skews: Iterable[float]) -> Check:
    """By the middle one of them, so that one upstream with a wrong clock does not speak for all."""
    found = list(skews)
    shown = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if not found:
        return _GROUP.skipped("clock", f"{shown}; no upstream has told its time to compare with")
    skew = median(found)
    if abs(skew) <= _MOST_SECONDS:
        return _GROUP.good("clock", f"{shown}, as the upstreams have it")
    side = "ahead of" if skew > 0 else "behind"
    said = f"{shown} is {abs(skew):,.0f} seconds {side} the upstreams' clocks"
    return _GROUP.bad("clock", said, "set it, and keep it with NTP: records, budgets and tokens go by it")
