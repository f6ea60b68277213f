"""The door itself: nothing leaves without a permit for these bytes and that destination.

Does not know routes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from math import inf
from pathlib import Path

from freehold.egress.failures import DoorClosed, unreachable, untrusted
from freehold.egress.limits import Limits, Timeouts
from freehold.egress.origin import Origin
from freehold.egress.pool import Pool
from freehold.egress.request import Request, finish_head
from freehold.egress.response import Response
from freehold.egress.tls import pin, trust
from freehold.privacy import Permit


class Client:
    """A pooled HTTP/1.1 client for one event loop.

    No redirects are followed (a 3xx is handed back), no cookies kept, no proxy taken from the environment.
    `ca_file` names certificate authorities (PEM) to trust beside the system's. `pinned` names, by an origin's
    text, the file of the one certificate that is trusted there, whatever name it is for. `tell` is told of
    each permit before anything is sent under it.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        ca_file: Path | None = None,
        pinned: Mapping[str, Path] | None = None,
        tell: Callable[[Permit], Awaitable[None]] | None = None,
    ) -> None:
        self._limits = Limits() if limits is None else limits
        self._ca_file = ca_file
        self._pinned = pinned or {}
        self._tell = tell
        self._context: ssl.SSLContext | None = None
        self._pools: dict[str, Pool] = {}
        self._closed = False

    async def send(self, permit: Permit, request: Request, *, until: float = inf) -> Response:
        """Sends and waits for the head of the answer. Cancelled, it closes the connection.

        `until`, by the loop's clock, bounds everything, beside what the request's own timeouts say.
        Raises `DoorClosed` unless `permit` is for the request's origin and body, `ValueError` for headers
        that cannot be sent, and `UpstreamError`: `upstream_unreachable`, `upstream_tls`, `upstream_timeout`,
        `upstream_cut`, `upstream_malformed`. A kept connection that turns out to have died before it answered
        is replaced by a fresh one, once.
        """
        origin = request.origin
        if type(permit) is not Permit or permit.destination != origin.text:
            raise DoorClosed(f"nothing may be sent to {origin.text} without a permit for it")
        if permit.body is not request.body and not permit.covers(request.body):
            raise DoorClosed(f"these bytes for {origin.text} are not those that the permit is for")
        head = finish_head(request)  # first: it may refuse, and then nothing has begun
        if self._tell is not None:
            await self._tell(permit)
        pool = self._pools.get(origin.text) or self._pool(origin)
        timeouts, fresh = request.timeouts, False
        if timeouts.total_seconds is not None:
            until = min(until, asyncio.get_running_loop().time() + timeouts.total_seconds)
        connection = pool.take()
        while True:
            if connection is None:
                connection = await pool.obtain(_connect_seconds(timeouts, until), fresh=fresh)
            inbox = connection.begin(request, head, until)
            while not inbox.headed and inbox.error is None:
                await inbox.arrival()
            if not inbox.stale:
                break
            connection, fresh = None, True
        if inbox.error is not None and not inbox.headed:
            raise inbox.error
        return Response(inbox, origin.text)

    async def close(self) -> None:
        """Closes every connection, answers in flight included. Nothing can be sent afterwards."""
        self._closed = True
        for pool in self._pools.values():
            pool.close()
        await asyncio.sleep(0)  # transports close in the loop's next round

    def _pool(self, origin: Origin) -> Pool:
        if self._closed:
            raise unreachable(origin.text, "this Freehold is shutting down")
        pool = Pool(origin, self._limits, self._trusted(origin) if origin.secure else None)
        self._pools[origin.text] = pool
        return pool

    def _trusted(self, origin: Origin) -> ssl.SSLContext:
        pinned = self._pinned.get(origin.text)
        try:
            if pinned is not None:
                return pin(pinned)
            if self._context is None:
                self._context = trust(self._ca_file)
        except OSError as error:  # an `ssl.SSLError` is one
            raise untrusted(origin.text, str(error)) from error
        return self._context


def _connect_seconds(timeouts: Timeouts, until: float) -> float:
    return max(0.0, min(timeouts.connect_seconds, until - asyncio.get_running_loop().time()))
