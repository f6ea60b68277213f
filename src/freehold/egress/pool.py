"""The connections to one origin: who may use one, who waits for one. Does not know requests or permits."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import Final

from freehold.egress.connection import Connection
from freehold.egress.failures import cut, timed_out, unreachable, untrusted
from freehold.egress.limits import Limits
from freehold.egress.origin import Origin
from freehold.egress.strict import the_door

_CLOSING: Final = "this Freehold is shutting down"


class Pool:
    """At most `limits.max_connections_per_origin` at a time, those that wait included in order of arrival.

    Idle ones are taken last in, first out, so that the surplus grows old and is closed. A slot is held from
    the start of a connect until the connection is gone; `_held` counts them, and a slot that becomes free
    passes straight to the first who waits.
    """

    def __init__(self, origin: Origin, limits: Limits, context: ssl.SSLContext | None) -> None:
        self._origin = origin
        self._limits = limits
        self._context = context
        self._idle: list[Connection] = []
        self._members: set[Connection] = set()
        self._held = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._closed = False

    def take(self) -> Connection | None:
        """An idle connection, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.drop()
        return None

    async def obtain(self, seconds: float, *, fresh: bool = False) -> Connection:
        """A connection that is free; `fresh` means one that nobody has used before.

        Raises `UpstreamError`: `upstream_timeout` after `seconds`, `upstream_unreachable`, `upstream_tls`.
        """
        what = f"all {self._limits.max_connections_per_origin} connections were busy for {seconds:.3g} s"
        try:
            async with asyncio.timeout(seconds):
                free = await self._slot(fresh=fresh)
                what = f"no connection within {seconds:.3g} s"
                return await self._connect() if free is None else free
        except TimeoutError:
            raise timed_out(self._origin.text, what) from None

    def close(self) -> None:
        self._closed = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(unreachable(self._origin.text, _CLOSING))
        self._waiting.clear()
        for connection in list(self._members):
            connection.fail(cut(self._origin.text, "because this Freehold is shutting down"))

    async def _slot(self, *, fresh: bool) -> Connection | None:
        """A slot to connect in (None), or a connection that somebody has just finished with."""
        while not self._closed:
            if fresh and self._idle and self._held >= self._limits.max_connections_per_origin:
                self._idle.pop(0).drop()
            if self._held < self._limits.max_connections_per_origin:
                self._held += 1
                return None
            handed = await self._turn()
            if handed is None:
                return None
            if handed.usable and not fresh:
                return handed
            if handed.usable:
                self._held += 1  # keep its slot, which dropping it frees
                handed.drop()
                return None
        raise unreachable(self._origin.text, _CLOSING)

    async def _turn(self) -> Connection | None:
        """Waits for what the next one to finish leaves behind."""
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._pass_on(waiter)
            raise

    def _pass_on(self, waiter: asyncio.Future[Connection | None]) -> None:
        """A waiter has left: what it was just given, if anything, goes to the next."""
        if waiter.cancelled():
            if waiter in self._waiting:
                self._waiting.remove(waiter)
        elif waiter.exception() is None:
            connection = waiter.result()
            if connection is None:
                self._free_slot()
            else:
                self._on_free(connection)

    async def _connect(self) -> Connection:
        """A new connection in the slot that the caller holds. The slot is given back if it fails."""
        connection = Connection(
            asyncio.get_running_loop(), self._origin.text, self._limits, self._on_free, self._on_gone
        )
        self._members.add(connection)
        made = False
        try:
            await self._open(connection)
            made = connection.usable
        finally:
            if not made:  # whatever it looks like: cancelled late, uvloop leaves one that seems to be open
                connection.drop()
        if not made:
            why = _CLOSING if self._closed else "it closed the connection at once"
            raise unreachable(self._origin.text, why)
        return connection

    async def _open(self, connection: Connection) -> None:
        """The one place in the house where a connection goes out."""
        origin = self._origin
        try:
            with the_door():
                await asyncio.get_running_loop().create_connection(
                    lambda: connection,
                    origin.host,
                    origin.port,
                    ssl=self._context,
                    server_hostname=origin.host if self._context is not None else None,
                )
        except ssl.SSLError as error:  # a failed check of the name or chain is one of these
            raise untrusted(origin.text, _why_untrusted(error)) from error
        except (OSError, UnicodeError) as error:  # the latter: a name that DNS cannot spell
            raise unreachable(origin.text, _why_unreachable(error)) from error

    def _on_free(self, connection: Connection) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if len(self._idle) >= self._limits.max_idle_per_origin:
            self._idle.pop(0).drop()
        self._idle.append(connection)
        connection.rest(self._limits.idle_seconds)

    def _on_gone(self, connection: Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        if connection in self._members:
            self._members.remove(connection)
            self._free_slot()

    def _free_slot(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._held -= 1


def _why_unreachable(error: OSError | UnicodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _why_untrusted(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason or str(error)
