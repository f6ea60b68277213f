"""Rate limits over a sliding minute: in any 60 seconds no more than the limit. Pure; the clock is handed in.

`now` is in seconds by a clock that never goes back. Does not know keys, routes or HTTP.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_WINDOW_SECONDS = 60.0
_TICKS_PER_SECOND = 4  # uses are added up by the quarter second, and leave together a quarter late at most


@dataclass(frozen=True, slots=True)
class Rate:
    """The most in any minute; `None` is no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class Mark:
    """What was used within one tick. `live` until the window has moved past it."""

    __slots__ = ("amount", "leaves_at", "live", "tick")

    def __init__(self, tick: int) -> None:
        self.tick = tick
        self.leaves_at = (tick + 1) / _TICKS_PER_SECOND + _WINDOW_SECONDS
        self.amount = 0
        self.live = True


class Window:
    """How much was used in the last minute."""

    __slots__ = ("_marks", "_used")

    def __init__(self) -> None:
        self._marks: deque[Mark] = deque()
        self._used = 0

    def used(self, now: float) -> int:
        marks = self._marks
        while marks and marks[0].leaves_at <= now:
            old = marks.popleft()
            old.live = False
            self._used -= old.amount
        return self._used

    def add(self, amount: int, now: float) -> Mark:
        """Count `amount`; the mark corrects it later."""
        self.used(now)
        tick = int(now * _TICKS_PER_SECOND)
        if not self._marks or self._marks[-1].tick != tick:
            self._marks.append(Mark(tick))
        mark = self._marks[-1]
        mark.amount += amount
        self._used += amount
        return mark

    def correct(self, mark: Mark, difference: int) -> None:
        """What was counted with `mark` turned out to be so much more, or less."""
        if mark.live:
            mark.amount += difference
            self._used += difference

    def wait_seconds(self, amount: int, limit: int, now: float) -> float | None:
        """How long until `amount` fits under `limit` if nobody else comes; 0 is now, `None` never."""
        if amount > limit:
            return None
        over = self.used(now) + amount - limit
        if over <= 0:
            return 0.0
        for mark in self._marks:
            over -= mark.amount
            if over <= 0:
                return mark.leaves_at - now
        return self.empty_in(now)

    def empty_in(self, now: float) -> float:
        """Seconds until nothing of what was used so far counts any more."""
        return max(0.0, self._marks[-1].leaves_at - now) if self._marks else 0.0
