"""One client's connection, the side that answers: whose turn it is, what goes out, when it ends.

Does not read HTTP (see `connection`), and knows no path and no model.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Final, cast

from freehold.gateway.exchange import Exchange
from freehold.gateway.reception import Reception
from freehold.gateway.refusal import COME_BACK, refusal
from freehold.gateway.sockets import end_writing

log = logging.getLogger("freehold")

_MOST_IN_TURN: Final = 2  # one is answered, one waits; then the socket is no longer read


class Turns(asyncio.Protocol):
    """Requests are answered one after the other; what a client sends ahead waits its turn."""

    __slots__ = (
        "_arriving", "_bell", "_deaf", "_heading", "_left", "_loop", "_queued", "_reading", "_reception",
        "_since", "_stalled_at", "_timer", "_transport", "_turns", "_worker", "bodies", "room",
        "scope",
    )  # fmt: skip

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        self._reception = reception
        self.bodies = reception.bodies
        self._loop = loop
        self._transport = cast("asyncio.Transport", None)
        self.scope: dict[str, Any] = {}
        self._arriving: Exchange | None = None  # the one whose body comes in
        self._turns: deque[Exchange] = deque()  # the first is being answered
        self._worker: asyncio.Task[None] | None = None
        self._bell: asyncio.Future[None] | None = None  # what a worker without work waits for
        self._timer: asyncio.TimerHandle | None = None
        self._since: float | None = None  # idle, or on its way out; None while a request is answered
        self._heading = False  # a head has begun and is not whole
        self._reading = True
        self._deaf = False  # what comes is no longer read as HTTP
        self._queued = False  # a request waits for its beginning
        self._left = 0  # of the answer in the transport's buffer, when it was last seen to change
        self._stalled_at = 0.0
        self.room: asyncio.Future[None] | None = None

    # What the transport tells

    def pause_writing(self) -> None:
        if self.room is None:
            self.room = self._loop.create_future()

    def resume_writing(self) -> None:
        room, self.room = self.room, None
        if room is not None and not room.done():
            room.set_result(None)

    # What an exchange asks for

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def read_on(self) -> None:
        if not self._reading and len(self._turns) < _MOST_IN_TURN and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()

    def over(self, exchange: Exchange) -> None:
        """Its answer is whole: on to the next request, or the end."""
        reception, turns = self._reception, self._turns
        turns.popleft()
        if not exchange.keep or self._arriving is exchange:
            self._leave()  # the rest of a body that nobody wanted is not read
        elif turns:
            self._answer()
            self.read_on()
        else:
            self._since = reception.now
            if not self._reading:
                self.read_on()

    # How it works

    def _answer(self) -> None:
        """To work on the first whose turn it is."""
        self._since = None
        self._queued = True
        self._reception.valve.waiting += 1
        bell, self._bell = self._bell, None
        if bell is None:  # the first request, or one that came before the app was done with the last
            self._worker = self._loop.create_task(self._work())
            self._reception.tasks.add(self._worker)
        elif not bell.done():
            bell.set_result(None)

    def _begins(self) -> None:
        """Whatever waited for the processor waits no longer."""
        if self._queued:
            self._queued = False
            self._reception.valve.waiting -= 1

    async def _work(self) -> None:
        """Answer one request after the other: a task for each would cost more."""
        worker = cast("asyncio.Task[None]", self._worker)
        app = self._reception.app
        try:
            while self._turns:
                exchange = self._turns[0]
                self._begins()
                try:
                    await app(exchange)
                except Exception:
                    # The last resort: the app answers its own faults, so this one is in how it answered.
                    log.exception("an answer failed by a fault of our own")
                finally:
                    if not exchange.whole:
                        self._fall_short(exchange)
                if self._worker is not worker or self._transport.is_closing():
                    return
                self._bell = self._loop.create_future()
                await self._bell
        finally:
            self._reception.tasks.discard(worker)

    def _fall_short(self, exchange: Exchange) -> None:
        """No answer looks whole that is not."""
        if not exchange.began:
            self.write(refusal(500, "The server had an error of its own.", "internal_error"))
        self._transport.close()

    def _stop_reading(self) -> None:
        if self._reading and not self._transport.is_closing():
            self._reading = False
            self._transport.pause_reading()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _rest(self) -> None:
        """Refused for overload, and read again only once it may ask again."""
        reception = self._reception
        rest_seconds = reception.valve.rest_seconds
        self.write(COME_BACK[rest_seconds])
        if self._reading:
            self._stop_reading()
            reception.rest(self, rest_seconds)
        self._since = reception.now

    def _leave(self) -> None:
        """Close once the client has what was said and has ended its side; or soon, see `look`."""
        self._stop_timer()
        transport = self._transport
        if transport.is_closing():
            return
        self._deaf = True
        self._since = self._reception.now
        if self._arriving is None and not self._heading and self._reading:
            transport.close()  # nothing is unread
            return
        end_writing(transport)
        if not self._reading:
            self._reading = True
            transport.resume_reading()

    # What the server asks for

    def shutdown(self) -> None:
        """After what is being answered now, no more."""
        if self._turns:
            for exchange in self._turns:
                exchange.keep = False
        else:
            self._transport.close()

    def look(self, now: float) -> None:
        """End what nobody has used for too long, and who takes nothing of an answer or of the end."""
        since, reception, transport = self._since, self._reception, self._transport
        if since is None:
            left = transport.get_write_buffer_size()
            if left != self._left or not left:
                self._left, self._stalled_at = left, now
            elif now - self._stalled_at > reception.stalled_seconds:
                transport.abort()  # slots and budgets wait for it
        elif self._deaf or transport.is_closing():
            if now - since > reception.leaving_seconds:
                transport.abort()
        elif not self._heading and now - since > reception.idle_seconds:
            transport.close()
