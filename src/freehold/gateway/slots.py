"""The places in an owned model: as many requests at once as it has slots, the others wait in turn.

Since nobody holds a slot without being metered, slot-seconds and idle time add up to the hours.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from freehold.costs import Meter
from freehold.errors import UpstreamError


def now_us() -> int:
    """Wall-clock microseconds, since idle rows are per hour of the day."""
    return time.time_ns() // 1000


class Slots:
    """A counted gate with a first-come queue of at most `most_waiting`, and the meter of those inside."""

    def __init__(self, count: int, meter: Meter, *, most_waiting: int) -> None:
        self.count = count
        self.most_waiting = most_waiting
        self.meter = meter
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def busy(self) -> int:
        return self.count - self._free

    @property
    def waiting(self) -> int:
        return sum(not turn.done() for turn in self._waiting)

    async def acquire(self, wait_seconds: float) -> Lease:
        """A slot, at once or in turn. Raises `UpstreamError` (503) where the queue is full or too slow."""
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(wait_seconds)
        return Lease(self)

    async def _wait(self, wait_seconds: float) -> None:
        if len(self._waiting) >= self.most_waiting:
            raise overloaded("All slots of the model are taken and its queue is full.")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(wait_seconds):
                await turn
        except TimeoutError:
            self._give_up(turn)
            raise overloaded(f"No slot of the model came free within {wait_seconds:.0f} s.") from None
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self.free()  # it was handed to us in the moment in which we left
        elif turn in self._waiting:
            self._waiting.remove(turn)

    def free(self) -> None:
        """Hand the slot to whoever waits longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def overloaded(why: str) -> UpstreamError:
    """A model has as many requests as it takes: others may be asked, it is not asked again."""
    return UpstreamError(why, status=503, code="model_overloaded", retryable=False, retry_after=1.0)


class Lease:
    """One slot, held until `end`, which tells for how long (microseconds)."""

    __slots__ = ("_slot", "_slots")

    def __init__(self, slots: Slots) -> None:
        self._slots: Slots | None = slots
        self._slot = slots.meter.acquire(now_us())

    def end(self) -> int:
        """Give the slot back. Slot-microseconds used; 0 if it was given back before."""
        slots, self._slots = self._slots, None
        if slots is None:
            return 0
        used = slots.meter.release(self._slot, now_us())
        slots.free()
        return used
