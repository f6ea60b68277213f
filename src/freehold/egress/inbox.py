"""What has arrived of one answer: head, pieces of the body, its end or a failure; and who waits for it.

Filled by a connection, emptied by a response. Does not know sockets, HTTP syntax or pools.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import msgspec

from freehold.egress.failures import given_up
from freehold.errors import UpstreamError


class Source(Protocol):
    """Where an inbox is filled from."""

    def resume(self) -> None:
        """Read on: there is room again."""

    def drop(self) -> None:
        """Nobody wants the rest: close at once."""


class Inbox(msgspec.Struct, eq=False):
    """One answer as far as it has come.

    `source` is None once nothing more will come from it. `wake_over` is how many buffered bytes wake the
    waiter before the end, `pause_over` how many stop the socket from being read. `raw` is what came up to the
    end of the head, and perhaps more.
    """

    loop: asyncio.AbstractEventLoop
    source: Source | None
    pause_over: int
    paused: bool = False
    wake_over: int = -1  # the head alone is news
    status: int = 0
    raw: bytes = b""
    headed: bool = False  # the head is whole
    framed: bool = True  # the body says itself where it ends
    done: bool = False  # the body is whole
    error: UpstreamError | None = None
    stale: bool = False  # the failure means only that a kept connection had died meanwhile
    pieces: list[bytes] = []
    buffered: int = 0
    waiter: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        """Without what has arrived, which is somebody's answer and may repeat a key."""
        return f"Inbox(status={self.status}, buffered={self.buffered}, done={self.done})"

    def wake(self) -> None:
        """Wakes the waiter if there is something for it. To be called once the head is whole."""
        waiter = self.waiter
        if waiter is None or waiter.done():
            return
        if self.buffered > self.wake_over or self.done or self.error is not None:
            waiter.set_result(None)

    def fail(self, error: UpstreamError) -> None:
        """Nothing more will come. Pieces that are there can still be taken."""
        self.source = None
        self.error = error
        self.wake()

    async def arrival(self) -> None:
        """Until something more has arrived. Cancelled here, the connection is closed."""
        if self.waiter is not None:
            raise RuntimeError("two tasks read one response")
        self.waiter = self.loop.create_future()
        try:
            await self.waiter
        except BaseException:
            self.abandon()
            raise
        finally:
            self.waiter = None

    def take(self) -> bytes:
        """All that is there, in one piece; empty if nothing is."""
        pieces = self.pieces
        if not pieces:
            return b""
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.pieces = []
        self.buffered = 0
        if self.paused:
            self.resume()
        return whole

    def resume(self) -> None:
        if self.paused and self.source is not None:
            self.source.resume()

    def abandon(self) -> None:
        """Closes the connection if it still belongs to this answer, whose rest nobody wants."""
        source = self.source
        if source is not None:
            source.drop()
            self.fail(given_up())
