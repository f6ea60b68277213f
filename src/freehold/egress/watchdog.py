"""One lazy timer for one connection; moving its deadline is an assignment. Does not know what it guards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf


def _nothing() -> None:
    """What a stopped watchdog does."""


class Watchdog:
    """Calls `bark` once `deadline` (by the loop's clock) has passed.

    Deadlines move with every request and mostly outwards, so the loop's timer stays where it is and looks
    again when it fires: a timer set and cancelled per request would cost more than parsing the answer.
    """

    __slots__ = ("_armed_for", "_bark", "_handle", "_loop", "deadline")

    def __init__(self, loop: asyncio.AbstractEventLoop, bark: Callable[[], None]) -> None:
        self._loop = loop
        self._bark = bark
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for = inf
        self.deadline = inf

    def expect(self, deadline: float) -> None:
        """Bark at `deadline` unless it is moved before; `inf` for never."""
        self.deadline = deadline
        if deadline < self._armed_for:
            self._arm()

    def stop(self) -> None:
        """For good. Whom it guards is let go, so that no cycle is left to the garbage collector."""
        self.deadline = self._armed_for = inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._bark = _nothing

    def _arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed_for = self.deadline
        self._handle = self._loop.call_at(self.deadline, self._look)

    def _look(self) -> None:
        self._handle = None
        self._armed_for = inf
        if self.deadline == inf:
            return
        # The loop's clock has steps of a millisecond and may fire within the one before.
        if self._loop.time() + 0.001 >= self.deadline:
            self._bark()
        else:
            self._arm()
