"""The HTTP server around the app: uvicorn's, with connections of our own. Knows sockets, no models."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn

from freehold.gateway.app import App
from freehold.gateway.connection import Connection
from freehold.gateway.reception import Asgi, Guest, Reception

_KEEP_ALIVE_SECONDS = 75  # longer than the idle time of common clients' pools, so that they close first
_LEAVING_SECONDS = 5.0
_BACKLOG = 2048
_TICKS_PER_ROUND = 20  # uvicorn ticks ten times a second; in each, a twentieth of the connections is seen


class Server(uvicorn.Server):
    """Serves `app` on a bound socket. Told to exit, it drains for `drain_seconds`, then cuts.

    A request may take `request_seconds` to arrive, its body included. `tls` is what connections are
    encrypted with, if at all.
    """

    def __init__(
        self,
        app: App,
        *,
        drain_seconds: float,
        request_seconds: float,
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
            app=cast("Asgi", app),
            within_seconds=request_seconds,
            idle_seconds=_KEEP_ALIVE_SECONDS,
            leaving_seconds=_LEAVING_SECONDS,
            connections=cast("set[Guest]", self.server_state.connections),
            tasks=self.server_state.tasks,
        )
        self._unseen: list[Guest] = []

    def _welcome(self, _loop: asyncio.AbstractEventLoop | None = None, **uvicorns: object) -> Connection:
        """What uvicorn calls for a protocol."""
        del uvicorns
        return Connection(self.reception, _loop or asyncio.get_running_loop())

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second. All connections are looked at in two seconds, a few at a time."""
        reception = self.reception
        reception.now = asyncio.get_running_loop().time()
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
