"""Notices that the client left. One watcher a request, and none for requests that are over at once.

A plain ASGI handler does not see a hang-up: something must await `receive()` beside the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Most plain requests end before this; they cost one timer and no task. A hang-up stops the upstream
# within this plus one turn of the loop.
_QUIET_SECONDS = 0.025


class Watch:
    """Cancels the task it is made in when the client hangs up; `left` then tells why it was cancelled."""

    __slots__ = ("_handle", "_receive", "_task", "_work", "left")

    def __init__(self, receive: Receive) -> None:
        work = asyncio.current_task()
        if work is None:
            raise RuntimeError("a watch belongs to a task")
        self.left = False
        self._receive = receive
        self._work: asyncio.Task[Any] = work
        self._task: asyncio.Task[None] | None = None
        self._handle = work.get_loop().call_later(_QUIET_SECONDS, self._begin)

    def _begin(self) -> None:
        self._task = self._work.get_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self._work.cancel()

    def stop(self) -> None:
        """The work is done; a later hang-up concerns nobody."""
        self._handle.cancel()
        if self._task is not None:
            self._task.cancel()
