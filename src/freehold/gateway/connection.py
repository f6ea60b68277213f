"""One client's connection, where HTTP itself goes wrong: no request, an endless head, one that never arrives.

Uvicorn waits without end for the rest of a request and takes a head of any size; both are bounded here, and
refused in OpenAI's shape. Knows no path and no model.
"""

from __future__ import annotations

import asyncio
import http
import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from freehold.wire import error_body

OVERDUE = "freehold.overdue"
"""Set in the scope of a request whose body did not arrive in time; it is given over as if it had ended."""

# Room for any key, label and trace. One read of the socket may come on top.
_LONGEST_HEAD_BYTES = 65_536


_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


class Connection(HttpToolsProtocol):
    """`within_seconds` is how long a request may take to arrive.

    A request that comes in one piece, as most do, costs no timer.
    """

    def __init__(self, within_seconds: float, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._within_seconds = within_seconds
        self._head_bytes = 0
        self._awaited: object = None  # the request whose rest is awaited, by its scope
        self._timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        if b"pgrade:" in data and (self._heading() or not self.cycle.more_body):
            data = _without_upgrade(data)
        super().data_received(data)
        if self._heading():
            self._head_bytes += len(data)
            if self._head_bytes > _LONGEST_HEAD_BYTES:
                self._refuse(
                    431,
                    f"The request's head is larger than {_LONGEST_HEAD_BYTES} bytes.",
                    "headers_too_large",
                )
                return
        elif not self.cycle.more_body:
            self._head_bytes = 0
            self._stop()
            return
        if self._awaited is not self.scope or self._timer is None:
            self._stop()
            self._awaited = self.scope
            self._timer = self.loop.call_later(self._within_seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls for bytes that are no HTTP request."""
        del msg
        self._refuse(400, "We could not read your request: it is not valid HTTP/1.1.", "invalid_http")

    def _heading(self) -> bool:
        """A head has begun and is not whole; uvicorn makes a scope at its first byte, a cycle at its last."""
        return self.cycle is None or self.cycle.scope is not self.scope

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self._heading():
            self._refuse(
                408, f"The request did not arrive within {self._within_seconds:g} s.", "request_timeout"
            )
        elif self.cycle.response_complete:
            self.transport.close()
        else:
            cast("dict[str, Any]", self.cycle.scope)[OVERDUE] = True
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def _refuse(self, status: int, message: str, code: str) -> None:
        """Answer before any request is there, and close; in the middle of an answer only close."""
        self._stop()
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            body = error_body(message, code=code)
            head = (
                f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """The same bytes, but for what asks for another protocol: we speak none, and a server may ignore it.

    Java's client asks for HTTP/2 so with its first request, and llhttp would take the body for HTTP/2.
    """
    head, blank, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"\r\nx-asked:", head) + blank + rest
