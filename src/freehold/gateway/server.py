"""The HTTP server around the app: uvicorn's, with connections of our own. Knows sockets, no models."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn

from freehold.gateway.app import App
from freehold.gateway.bodies import Bodies
from freehold.gateway.connection import Connection
from freehold.gateway.reception import Guest, Reception
from freehold.gateway.surplus import Surplus
from freehold.gateway.valve import Valve

_KEEP_ALIVE_SECONDS = 75  # longer than the idle time of common clients' pools, so that they close first
_LEAVING_SECONDS = 5.0
_STALLED_SECONDS = 60.0
_TICK_SECONDS = 0.1  # uvicorn's
_BACKLOG = 2048
_TICKS_PER_ROUND = 20  # uvicorn ticks ten times a second; in each, a twentieth of the connections is seen


class Server(uvicorn.Server):
    """Serves `app` on a bound socket. Told to exit, it drains for `drain_seconds`, then cuts.

    At most `most_connections` are served at once. A request may take `request_seconds` to arrive, its body
    included. `valve` refuses what comes while too much waits, `bodies` what there is no memory for. `tls` is
    what connections are encrypted with, if at all.
    """

    def __init__(
        self,
        app: App,
        *,
        drain_seconds: float,
        request_seconds: float,
        most_connections: int,
        valve: Valve,
        bodies: Bodies,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                cast("Any", app),  # uvicorn's types for the same callable, spelled longer
                loop="none",
                http=cast("Any", self._welcome),  # it only calls what it is given
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                backlog=_BACKLOG,
                timeout_graceful_shutdown=max(1, round(drain_seconds)),
            )
        )
        self.config.load()  # which would overwrite the next line
        self.config.ssl = tls
        self.reception = Reception(
            app=app,
            within_seconds=request_seconds,
            idle_seconds=_KEEP_ALIVE_SECONDS,
            leaving_seconds=_LEAVING_SECONDS,
            stalled_seconds=_STALLED_SECONDS,
            most_connections=most_connections,
            valve=valve,
            bodies=bodies,
            connections=cast("set[Guest]", self.server_state.connections),
            tasks=self.server_state.tasks,
        )
        self._unseen: list[Guest] = []
        self._ticked_at: float | None = None

    def _welcome(self, **uvicorns: object) -> asyncio.Protocol:
        """What uvicorn calls for a protocol."""
        del uvicorns
        kind = Surplus if self.reception.full else Connection
        return kind(self.reception, asyncio.get_running_loop())

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second. All connections are looked at in two seconds, a few at a time."""
        reception, now = self.reception, time.monotonic()
        late = 0.0 if self._ticked_at is None else now - self._ticked_at - _TICK_SECONDS
        self._ticked_at = reception.now = now
        reception.valve.look(late, now)
        reception.wake_rested()
        if not self._unseen:
            self._unseen = list(reception.connections)
        share = max(64, len(self._unseen) // _TICKS_PER_ROUND)
        for connection in self._unseen[-share:]:
            connection.look(reception.now)
        del self._unseen[-share:]
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's business: whoever runs the server sets `should_exit` and `force_exit`."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening address. Raises `OSError` where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def open_files_allowed() -> int:
    """How many files and sockets this process may have open, after raising its limit as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
