"""Trying again what may work the next time, for as long as it gets anywhere. Does not know what is tried."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from freehold.engine.hub.progress import Tell, Waiting
from freehold.errors import UpstreamError

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Patience:
    """`tries` in a row without progress are the end. Delays double from `first_seconds`.

    A `Retry-After` is kept to unless it is longer than `longest_wait_seconds`: then it is the end as well.
    """

    tries: int = 6
    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    longest_wait_seconds: float = 300.0

    def delay(self, failures: int, retry_after: float | None) -> float | None:
        """Seconds until the next try, None where there is none."""
        if failures >= self.tries:
            return None
        if retry_after is None:
            return min(self.longest_seconds, self.first_seconds * 2.0 ** (failures - 1))
        return retry_after if retry_after <= self.longest_wait_seconds else None


async def patiently(
    step: Callable[[], Awaitable[ResultT]],
    patience: Patience,
    tell: Tell,
    *,
    position: Callable[[], int] = lambda: 0,
) -> ResultT:
    """What `step` returns, once it does. Raises its last UpstreamError when patience ends.

    `position` tells how far it has come; whenever that has grown, counting failures begins anew.
    """
    failures, reached = 0, position()
    while True:
        try:
            return await step()
        except UpstreamError as error:
            failures = 1 if position() > reached else failures + 1
            reached = max(reached, position())
            delay = patience.delay(failures, error.retry_after) if error.retryable else None
            if delay is None:
                raise
            tell(Waiting(error.message, delay))
        await asyncio.sleep(delay)
