"""One request and its answer on a client's connection, as ASGI's `receive` and `send`. Knows no sockets.

ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html. What an app does against it is an error here.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol

from httptools import parse_url

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]

_STATUS_LINES: Final = {s.value: b"HTTP/1.1 %d %b" % (s.value, s.phrase.encode()) for s in HTTPStatus}
_WRITE_AT_ONCE: Final = 65_536  # larger bodies are not copied behind their head
_CR, _LF = b"\r\n"
_BODILESS: Final = frozenset({204, 304})


class Line(Protocol):
    """The connection, as far as an exchange needs it."""

    room: asyncio.Future[None] | None
    """Done once the client has taken what was written; `None` while it takes everything."""

    def write(self, data: bytes) -> None: ...

    def read_on(self) -> None:
        """There is room for more of the body."""

    def over(self, exchange: Exchange) -> None:
        """The answer is whole."""


class Exchange:
    """`body` comes in by `take`, `finish` and `lose`; the answer goes out by `send`.

    `keep` says whether the connection may serve another request, `began` whether any of the answer left,
    `whole` whether all of it did, `lost` whether the client is gone. `held` are bytes of the body that the
    app has not taken yet.
    """

    __slots__ = (
        "_asks_first", "_chunked", "_head", "_left", "_line", "_loop", "_more", "_news", "_pieces",
        "_silent", "_waiter", "began", "held", "keep", "lost", "scope", "whole",
    )  # fmt: skip

    def __init__(
        self, scope: Scope, line: Line, loop: asyncio.AbstractEventLoop, *, keep: bool, asks_first: bool
    ) -> None:
        self.scope = scope
        self.keep = keep
        self.began = False
        self.whole = False
        self.lost = False
        self.held = 0
        self._line = line
        self._loop = loop
        self._asks_first = asks_first  # `expect: 100-continue`
        self._pieces: list[bytes] = []
        self._more = True
        self._news = False
        self._waiter: asyncio.Future[None] | None = None
        self._head = b""
        self._silent = False  # an answer without a body
        self._chunked = False
        self._left = 0  # bytes that the head has promised; below 0 where the connection's end ends the body

    # What the connection tells

    def take(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.held += len(piece)
        self._wake()

    def finish(self) -> None:
        self._more = False
        self._wake()

    def lose(self) -> None:
        self.lost = True
        self._wake()

    def _wake(self) -> None:
        self._news = True
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # What the app asks for

    async def receive(self) -> Message:
        """The next piece of the body, or that the client is gone."""
        if self._asks_first:
            self._asks_first = False
            self._line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not (self._news or self.lost or self.whole):
            self._line.read_on()
            await self._arrival()
        if self.lost or self.whole:
            return {"type": "http.disconnect"}
        self._news = False
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pieces = []
        self.held = 0
        return {"type": "http.request", "body": body, "more_body": self._more}

    async def _arrival(self) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            waiter = self._waiter = self._loop.create_future()
        await asyncio.shield(waiter)  # one who gives up must not end the wait of another

    async def send(self, message: Message) -> None:
        """The head waits for the first piece of the body, so that a whole answer leaves in one write.

        Returns once the client has taken enough of what was sent before.
        """
        if message["type"] == "http.response.start":
            self._start(message["status"], message.get("headers", ()))
            return
        if not self._head and not self.began:
            raise RuntimeError("a body was sent before its head")
        if self.whole:
            raise RuntimeError("something was sent after the whole answer")
        room = self._line.room
        if room is not None:
            await asyncio.shield(room)
        if self.lost:
            return
        more = message.get("more_body", False)
        self._write(message.get("body", b""), more=more)
        if not more:
            self.whole = True
            if self._waiter is not None:
                self._wake()
            self._line.over(self)

    def _start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        if self._head or self.began:
            raise RuntimeError("a second head was sent")
        if self._asks_first:
            self._asks_first = False
            self.keep = False  # nobody can tell whether the body follows now, or another request
        sized = says_close = False
        for name, value in headers:
            if name == b"content-length":
                sized = True
                self._left = int(value)
            elif name == b"connection" and value.lower() == b"close":
                says_close = True
                self.keep = False
        lines = [_STATUS_LINES[status], *map(b": ".join, headers)]
        self._silent = status in _BODILESS or self.scope["method"] == "HEAD"
        if not sized and not self._silent:
            if self.scope["http_version"] == "1.1":
                self._chunked = True
                lines.append(b"transfer-encoding: chunked")
            else:
                self.keep = False
                self._left = -1
        if not (self.keep or says_close):
            lines.append(b"connection: close")
        flat = b"".join(lines)
        if _CR in flat or _LF in flat or 0 in flat:  # as numbers: bytes in bytes are tried as one first
            raise RuntimeError("a header holds what ends a line, or what some take for its end")
        lines.append(b"\r\n")
        self._head = b"\r\n".join(lines)

    def _write(self, body: bytes, *, more: bool) -> None:
        head, self._head = self._head, b""
        self.began = True
        if self._silent:
            body = b""
        elif self._chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        elif self._left >= 0:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the body is not as long as its head says")
        if len(body) > _WRITE_AT_ONCE:
            if head:
                self._line.write(head)
            self._line.write(body)
        elif head or body:
            self._line.write(head + body)


def split_url(url: bytes) -> tuple[bytes, bytes]:
    """A request's path and query. Raises `HttpParserError` for what is no URL."""
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = parse_url(url)  # with scheme and host, as for a proxy
    return parsed.path or b"/", parsed.query or b""


def connection_scope(transport: asyncio.BaseTransport) -> dict[str, Any]:
    """What the scopes of all requests on a connection have in common."""
    peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "scheme": "http" if transport.get_extra_info("sslcontext") is None else "https",
        "server": own[:2] if isinstance(own, tuple) else (own, None),
        "client": peer[:2] if isinstance(peer, tuple) else None,
        "root_path": "",
    }
