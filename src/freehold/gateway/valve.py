"""Overload: while the loop runs late and much is under way, new requests are refused. Knows no HTTP.

The wait that a request sees in this process is how late the loop is, whatever its model takes: the queueing
time, which WeChat's DAGOR uses for the same reason (Zhou et al., "Overload Control for Scaling WeChat
Microservices", SoCC 2018, 4.2.1). As in CoDel (RFC 8289, 4.2) one late turn is a burst, which a queue is for;
only what stays late is overload. What is under way already is finished: the newest go.
"""

from __future__ import annotations

import logging
from typing import Final

log = logging.getLogger("freehold")

# Late by this much at each of two looks in a row, a tenth of a second apart, is overload.
_LATE_SECONDS: Final = 0.25
_IN_TIME_SECONDS: Final = 0.1  # open again
_LATE_LOOKS: Final = 2
# So many at once are served in their turn on a machine of any speed: a burst, or a client that waits for each
# of its answers, is no overload.
_ALWAYS_SERVED: Final = 512


class Valve:
    """`shut` says that a new request is to be refused; `refused` counts those that were, ever."""

    __slots__ = ("_before", "_late", "_since", "refused", "shut", "under_way")

    def __init__(self) -> None:
        self.shut = False
        self.refused = 0
        self.under_way = 0  # requests that an app works on
        self._late = 0
        self._since = 0.0
        self._before = 0

    def look(self, late_seconds: float, now: float) -> None:
        """To be called about ten times a second, with how late this call is."""
        busy = self.under_way > _ALWAYS_SERVED
        if self.shut:
            if late_seconds < _IN_TIME_SECONDS or not busy:
                self._open(now)
            return
        self._late = self._late + 1 if busy and late_seconds > _LATE_SECONDS else 0
        if self._late >= _LATE_LOOKS:
            self.shut = True
            self._since = now
            self._before = self.refused

    def _open(self, now: float) -> None:
        self.shut = False
        self._late = 0
        refused = self.refused - self._before
        if refused:
            log.warning(
                "overloaded for %.1f s: %d requests were refused with 503; %d were under way and went on",
                now - self._since, refused, self.under_way,
            )  # fmt: skip
