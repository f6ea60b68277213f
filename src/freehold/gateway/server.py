"""The HTTP server around the app: uvicorn, told to stay out of the way. Knows sockets, no models."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import uvicorn

from freehold.gateway.app import App
from freehold.gateway.connection import Connection

_KEEP_ALIVE_SECONDS = 75  # longer than the idle time of common clients' pools, so that they close first
_BACKLOG = 2048


class _BrokenStreams(logging.Filter):
    """Uvicorn reports each stream that we cut on purpose; the ledger has the reason already."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "without completing response" not in record.getMessage()


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
        logging.getLogger("uvicorn.error").addFilter(_BrokenStreams())
        super().__init__(
            uvicorn.Config(
                cast("Any", app),  # uvicorn's types for the same callable, spelled longer
                loop="none",
                http=cast("Any", partial(Connection, request_seconds)),  # it only calls what it is given
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=max(1, round(drain_seconds)),
            )
        )
        self.config.load()  # which would overwrite the next line
        self.config.ssl = tls

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
