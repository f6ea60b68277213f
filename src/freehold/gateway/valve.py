"""Overload: how many new requests may wait for this process at once; one more is refused. Knows no HTTP.

What waits for a model waits elsewhere and costs nothing; what arrives and has not begun waits for the
processor. That queue is bounded, so that everything that is taken is begun soon, and the newest go. The bound
follows how late the loop runs: the queueing time in this process, which says nothing about slow models, as in
WeChat's DAGOR (Zhou et al., "Overload Control for Scaling WeChat Microservices", SoCC 2018, 4.2.1). It
shrinks by a share while that is too long and grows slowly else, as TCP's window does (RFC 5681).
"""

from __future__ import annotations

import logging
from typing import Final

log = logging.getLogger("freehold")

_LATE_SECONDS: Final = 0.15
_IN_TIME_SECONDS: Final = 0.05
_SHRINKS: Final = 0.7
_GROWS: Final = 16  # a look
_FEWEST: Final = 128  # so many may come at once on any machine, however slow
_MOST: Final = 512
_QUIET_LOOKS: Final = 10  # without a refusal: the burst is over
_LOOKS_A_STEP: Final = 5
_MANY_REFUSALS: Final = 150  # in so many looks; refusing takes time, too
_LONGEST_REST_SECONDS: Final = 8


class Valve:
    """`waiting` are the requests that were taken and have not begun, `most` how many these may be.

    `refused` counts those that were not taken, ever, `refused_connections` the connections beyond the bound.
    `rest_seconds` is when a refused client may come again: a second, and longer while very many are refused.
    """

    __slots__ = (
        "_looks", "_quiet", "_seen", "_since", "_stepped", "_told", "most", "refused",
        "refused_connections", "rest_seconds", "waiting",
    )  # fmt: skip

    def __init__(self) -> None:
        self.waiting = 0
        self.most = _MOST
        self.refused = 0
        self.refused_connections = 0
        self.rest_seconds = 1
        self._looks = 0
        self._stepped = 0  # refusals at the last step
        self._seen = 0  # refusals at the last look
        self._told = 0  # refusals that the log knows of
        self._since: float | None = None  # when the burst began
        self._quiet = 0

    def look(self, late_seconds: float, now: float) -> None:
        """To be called about ten times a second, with how late this call is."""
        if late_seconds > _LATE_SECONDS:
            self.most = max(_FEWEST, int(self.most * _SHRINKS))
        elif late_seconds < _IN_TIME_SECONDS:
            self.most = min(_MOST, self.most + _GROWS)
        self._looks += 1
        if self._looks % _LOOKS_A_STEP == 0:
            many = self.refused - self._stepped > _MANY_REFUSALS
            self._stepped = self.refused
            rest = self.rest_seconds * 2 if many else self.rest_seconds // 2
            self.rest_seconds = min(_LONGEST_REST_SECONDS, max(1, rest))
        if self.refused != self._seen:
            self._seen = self.refused
            self._quiet = 0
            self._since = now if self._since is None else self._since
        elif self._since is not None:
            self._quiet += 1
            if self._quiet == _QUIET_LOOKS:
                self._tell(now - self._since)

    def _tell(self, seconds: float) -> None:
        refused, self._told, self._since = self.refused - self._told, self.refused, None
        log.warning("overloaded for %.1f s: %d new requests were refused with 503", seconds, refused)
