"""Waiting for a thing itself instead of for a time in which it has mostly happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

# How long a wait lasts before it is called a hang. A machine that is busy with other things is not one.
HANGS_SECONDS = 60.0


async def until(met: Callable[[], object], seconds: float = HANGS_SECONDS) -> None:
    """Returns once `met()` is true; raises `TimeoutError` where that takes longer than `seconds`."""
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 - files, sockets and other processes have no event to wait for
            await asyncio.sleep(0.01)
