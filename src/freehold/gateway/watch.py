"""Notices that the client left. One watcher a request, and none for requests that are over at once.

A plain ASGI handler does not see a hang-up: something must await `receive()` beside the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# A request that lives through one whole round is watched from then on, so a hang-up stops the upstream within
# two rounds and a turn of the loop. Most plain requests end before that and cost neither a timer nor a task.
_ROUND_SECONDS = 0.02


class Rounds:
    """Goes round the requests under way, as long as there are any that nobody watches yet."""

    __slots__ = ("_before", "_going", "_since")

    def __init__(self) -> None:
        self._before: set[Watch] = set()  # those that were there at the last round
        self._since: set[Watch] = set()
        self._going = False

    def add(self, watch: Watch) -> None:
        self._since.add(watch)
        if not self._going:
            self._going = True
            self._next()

    def leave_out(self, watch: Watch) -> None:
        self._since.discard(watch)
        self._before.discard(watch)

    def _next(self) -> None:
        asyncio.get_running_loop().call_later(_ROUND_SECONDS, self._go_round)

    def _go_round(self) -> None:
        for watch in self._before:
            watch.begin()
        self._before, self._since = self._since, set()
        self._going = bool(self._before)
        if self._going:
            self._next()


class Watch:
    """Cancels the task it is made in when the client hangs up; `left` then tells why it was cancelled."""

    __slots__ = ("_receive", "_rounds", "_task", "_work", "left")

    def __init__(self, receive: Receive, rounds: Rounds) -> None:
        work = asyncio.current_task()
        if work is None:
            raise RuntimeError("a watch belongs to a task")
        self.left = False
        self._receive = receive
        self._work: asyncio.Task[Any] = work
        self._task: asyncio.Task[None] | None = None
        self._rounds = rounds
        rounds.add(self)

    def begin(self) -> None:
        """From here on a task of its own awaits the hang-up."""
        self._task = self._work.get_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self._work.cancel()

    def stop(self) -> None:
        """The work is done; a later hang-up concerns nobody."""
        self._rounds.leave_out(self)
        if self._task is not None:
            self._task.cancel()
