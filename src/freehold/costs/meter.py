"""What an owned model's reserved hours cost, split between the requests that used them and idle time.

Counts integer microseconds of slots. The clock is handed in (`now_us`, microseconds since 1970, UTC); a
clock that steps back counts as one that stands still. Does not know the engine or the ledger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

_HOUR_US = 3_600_000_000
_SECOND_US = 1_000_000


def slot_cost(slot_microseconds: int, slots: int, hourly_cost_usd: Decimal) -> Decimal:
    """USD for the use of one of `slots` equal parts of a model: slot-seconds ÷ (slots × 3600) × hourly."""
    return slot_microseconds * hourly_cost_usd / (slots * _HOUR_US)


@dataclass(frozen=True, slots=True)
class IdleSpan:
    """Slot time that nobody used, within one clock hour.

    `hour`, `from_` and `to` are unix seconds, UTC; `slot_microseconds` is the unused part of
    slots × (to - from_). `cost_usd` is `None` where the model's hourly cost is not known.
    """

    model: str
    hour: int
    from_: float
    to: float
    slots: int
    slot_microseconds: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A meter as somebody needs it who has to close it without its process.

    Up to `from_us` idle time is accounted for; `carried_us` is what those running then had used by then.
    """

    model: str
    from_us: int
    slots: int
    hourly_cost_usd: Decimal | None
    carried_us: int


def idle_until(standing: Standing, until_us: int, used: Callable[[int, int], int]) -> list[IdleSpan]:
    """The idle time of a meter whose process died at `until_us`, cut at each full hour.

    `used` tells the slot-microseconds that the books hold already of a time from one microsecond to another:
    of requests that ended in it, and idle. Whatever ran at the death left no record, so that it counts as
    idle; what is carried was taken for used before, and comes back with the records or as idle time.
    """
    cuts = [standing.from_us, *range(_next_hour(standing.from_us), until_us, _HOUR_US), until_us]
    spans, short_us = [], 0
    for from_us, to_us in reversed(list(pairwise(cuts))):
        if from_us >= to_us:
            return []  # its clock went back
        idle_us = standing.slots * (to_us - from_us) - used(from_us, to_us) + short_us
        if from_us == standing.from_us:
            idle_us += standing.carried_us
        short_us = min(idle_us, 0)  # a request that ended in this hour has used the one before, too
        if idle_us > 0:
            spans.append(
                _span(standing.model, standing.slots, standing.hourly_cost_usd, from_us, to_us, idle_us)
            )
    return spans[::-1]


def _next_hour(us: int) -> int:
    return (us // _HOUR_US + 1) * _HOUR_US


def _span(
    model: str, slots: int, hourly_cost_usd: Decimal | None, from_us: int, until_us: int, idle_us: int
) -> IdleSpan:
    return IdleSpan(
        model=model,
        hour=from_us // _HOUR_US * 3600,
        from_=from_us / _SECOND_US,
        to=until_us / _SECOND_US,
        slots=slots,
        slot_microseconds=idle_us,
        cost_usd=None if hourly_cost_usd is None else slot_cost(idle_us, slots, hourly_cost_usd),
    )


class Slot:
    """One request's place: waiting, then running on a slot, then done."""

    __slots__ = ("since_us", "used_us")

    def __init__(self) -> None:
        self.since_us: int | None = None
        self.used_us = 0


class Meter:
    """The slots of one model.

    Requests beyond the number of slots wait in order, as they do in the engine, and use nothing meanwhile.
    So for any sequence of calls, what `release` returned and what the spans hold add up to slots × time up.
    """

    def __init__(self, model: str, *, slots: int, hourly_cost_usd: Decimal | None) -> None:
        if slots < 1:
            raise ValueError("a model has at least one slot")
        self._model = model
        self._slots = slots
        self._hourly_cost_usd = hourly_cost_usd
        self._up = False
        self._now_us = 0
        self._from_us = 0
        self._used_us = 0  # by all slots since `_from_us`
        self._running: set[Slot] = set()
        self._waiting: deque[Slot] = deque()
        self._spans: list[IdleSpan] = []

    def begin(self, now_us: int) -> None:
        """The model is up, and its hours are paid for, from now on. Ignored while it is up."""
        if self._up:
            return
        self._now_us = max(self._now_us, now_us)
        self._from_us = self._now_us
        self._up = True
        self._fill()

    def acquire(self, now_us: int) -> Slot:
        """A request enters. Hand the answer to `release` when it ends, however it ends."""
        self._advance(now_us)
        slot = Slot()
        self._waiting.append(slot)
        self._fill()
        return slot

    def release(self, slot: Slot, now_us: int) -> int:
        """The request's use in slot-microseconds (0 where it never got a slot). Again: the same answer."""
        self._advance(now_us)
        if slot in self._running:
            self._finish(slot)
            self._fill()
        elif slot in self._waiting:
            self._waiting.remove(slot)
        return slot.used_us

    def checkpoint(self, now_us: int) -> list[IdleSpan]:
        """The idle time since the last one, cut at each full hour; empty while the model is down.

        What running requests have used so far counts as used: their records will hold it.
        """
        self._advance(now_us)
        if self._up:
            self._cut(self._now_us)
        spans, self._spans = self._spans, []
        return spans

    def standing(self) -> Standing | None:
        """What is not accounted for yet, right after a `checkpoint`; `None` while the model is down."""
        if not self._up:
            return None
        carried_us = sum(self._from_us - slot.since_us for slot in self._running if slot.since_us is not None)
        return Standing(self._model, self._from_us, self._slots, self._hourly_cost_usd, carried_us)

    def end(self, now_us: int) -> list[IdleSpan]:
        """The model is down. Requests still running have used their slots until now and no longer."""
        self._advance(now_us)
        for slot in tuple(self._running):
            self._finish(slot)
        spans = self.checkpoint(now_us)
        self._up = False
        return spans

    def _fill(self) -> None:
        while self._up and self._waiting and len(self._running) < self._slots:
            slot = self._waiting.popleft()
            slot.since_us = self._now_us
            self._running.add(slot)

    def _finish(self, slot: Slot) -> None:
        if slot.since_us is not None:
            slot.used_us = self._now_us - slot.since_us
        self._running.discard(slot)

    def _advance(self, now_us: int) -> None:
        while self._up and self._now_us < now_us:
            hour_ends_us = _next_hour(self._now_us)
            until_us = min(now_us, hour_ends_us)
            self._used_us += len(self._running) * (until_us - self._now_us)
            self._now_us = until_us
            if until_us == hour_ends_us:
                self._cut(until_us)
        self._now_us = max(self._now_us, now_us)

    def _cut(self, until_us: int) -> None:
        length_us = until_us - self._from_us
        if length_us == 0:
            return
        idle_us = self._slots * length_us - self._used_us
        self._spans.append(
            _span(self._model, self._slots, self._hourly_cost_usd, self._from_us, until_us, idle_us)
        )
        self._from_us, self._used_us = until_us, 0
