"""One request and its answer on a client's connection; also as ASGI's `receive` and `send`. Knows no sockets.

ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html. What an app does against it is an error here.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal, Protocol

import msgspec
from httptools import parse_url

from freehold.gateway.bodies import Bodies

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]

_STATUS_LINES: Final = {s.value: b"HTTP/1.1 %d %b" % (s.value, s.phrase.encode()) for s in HTTPStatus}
_WRITE_AT_ONCE: Final = 65_536  # larger bodies are not copied behind their head
_BODILESS: Final = frozenset({204, 304})


class Line(Protocol):
    """The connection, as far as an exchange needs it."""

    room: asyncio.Future[None] | None
    """Done once the client has taken what was written; `None` while it takes everything."""

    scope: dict[str, Any]
    """What is the same for all requests of the connection, as ASGI has it."""

    bodies: Bodies
    """What is in memory of this body and all others."""

    def write(self, data: bytes) -> None: ...

    def read_on(self) -> None:
        """There is room for more of the body."""

    def over(self, exchange: Exchange) -> None:
        """The answer is whole."""


class Exchange(msgspec.Struct, eq=False):
    """`body` comes in by `take`, `finish` and `lose`; the answer goes out by `answer`, or by `send`.

    `keep` says whether the connection may serve another request, `began` whether any of the answer left,
    `whole` whether all of it did, `lost` whether the client is gone. `held` are bytes of the body that the
    app has not taken yet, `size` those that came and count until the end of the exchange. Whoever sets
    `ends_with_client` is cancelled when the client leaves. `spoiled` says why the body is not what the client
    sent: it did not arrive in time and is given over as if it had ended, or there was no room for it.
    """

    method: str
    version: str
    url: bytes
    path: str
    headers: list[tuple[bytes, bytes]]
    line: Line
    keep: bool
    asks_first: bool  # `expect: 100-continue`
    began: bool = False
    whole: bool = False
    lost: bool = False
    spoiled: Literal["overdue", "no room"] | None = None
    ends_with_client: bool = False
    held: int = 0
    size: int = 0
    pieces: list[bytes] = []
    more: bool = True  # of the body is to come
    news: bool = False
    waiter: asyncio.Future[None] | None = None
    head: bytes = b""
    silent: bool = False  # an answer without a body
    chunked: bool = False
    left: int = 0  # bytes that the head has promised; below 0 where the connection's end ends the body

    def __repr__(self) -> str:
        """Without headers, which hold keys, and without what was said."""
        return f"Exchange({self.method} {self.path})"

    @property
    def scope(self) -> dict[str, Any]:
        """The request as ASGI has it."""
        raw_path, _, query = self.url.partition(b"?")
        return self.line.scope | {
            "http_version": self.version,
            "method": self.method,
            "path": self.path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": self.headers,
        }

    # What the connection tells

    def take(self, piece: bytes) -> None:
        if self.spoiled is None:
            self.pieces.append(piece)
            size, bodies = len(piece), self.line.bodies
            self.held += size
            self.size += size
            bodies.held += size
            if bodies.held > bodies.most and bodies.too_many(self.size):
                bodies.refused += 1
                self.spoiled = "no room"
                self._let_go()
        self.news = True
        if self.waiter is not None:
            self._wake()

    def finish(self) -> None:
        self.more = False
        self.news = True
        if self.waiter is not None:
            self._wake()

    def lose(self) -> None:
        self.lost = True
        self.line.bodies.held -= self.size
        self.size = 0
        self._wake()

    def _let_go(self) -> None:
        """What came is not kept, and nothing that still comes."""
        self.pieces = []
        self.line.bodies.held -= self.size
        self.held = self.size = 0

    def _wake(self) -> None:
        self.news = True
        waiter = self.waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # What the app asks for

    def body_at_hand(self) -> bytes | None:
        """The whole body where all of it is here already."""
        if self.more or self.lost:
            return None
        self.asks_first = False  # it did not wait
        pieces, self.pieces = self.pieces, []
        self.news = False
        self.held = 0
        if len(pieces) == 1:
            return pieces[0]
        self.line.read_on()  # or nobody would see the client leave
        return b"".join(pieces)

    def answer(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """A whole answer, at once; `False` where `send` has to wait until the client has room for it.

        The headers are those beside `content-length` and `connection`, which are written here.
        """
        if self.line.room is not None or self.method == "HEAD" or len(body) > _WRITE_AT_ONCE:
            return False
        if self.began or self.head:
            raise RuntimeError("a second head was sent")
        if self.asks_first:
            self.keep = False
        named = b"\r\n".join(map(b": ".join, headers))
        _check(named, len(headers) - 1)
        end = b"" if self.keep else b"\r\nconnection: close"
        self.began = True
        if not self.lost:
            self.line.write(
                b"%b\r\ncontent-length: %d\r\n%b%b\r\n\r\n%b"
                % (_STATUS_LINES[status], len(body), named, end, body)
            )
            self._over()
        return True

    async def receive(self) -> Message:
        """The next piece of the body, or that the client is gone."""
        if self.asks_first:
            self.asks_first = False
            self.line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not (self.news or self.lost or self.whole):
            self.line.read_on()
            await self._arrival()
        if self.lost or self.whole:
            return {"type": "http.disconnect"}
        self.news = False
        pieces = self.pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.pieces = []
        self.held = 0
        self.line.read_on()  # after the last piece, too: or nobody would see the client leave
        return {"type": "http.request", "body": body, "more_body": self.more}

    async def _arrival(self) -> None:
        waiter = self.waiter
        if waiter is None or waiter.done():
            waiter = self.waiter = asyncio.get_running_loop().create_future()
        await asyncio.shield(waiter)  # one who gives up must not end the wait of another

    async def send(self, message: Message) -> None:
        """The head waits for the first piece of the body, so that a whole answer leaves in one write.

        Returns once the client has taken enough of what was sent before.
        """
        if message["type"] == "http.response.start":
            self._start(message["status"], message.get("headers", ()))
            return
        if not self.head and not self.began:
            raise RuntimeError("a body was sent before its head")
        if self.whole:
            raise RuntimeError("something was sent after the whole answer")
        room = self.line.room
        if room is not None:
            await asyncio.shield(room)
        if self.lost:
            return
        more = message.get("more_body", False)
        self._write(message.get("body", b""), more=more)
        if not more:
            self._over()

    def _over(self) -> None:
        self.whole = True
        self.line.bodies.held -= self.size
        self.size = 0
        if self.waiter is not None:
            self._wake()
        self.line.over(self)

    def _start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        if self.head or self.began:
            raise RuntimeError("a second head was sent")
        if self.asks_first:
            self.asks_first = False
            self.keep = False  # nobody can tell whether the body follows now, or another request
        sized = says_close = False
        for name, value in headers:
            if name == b"content-length":
                sized = True
                self.left = int(value)
            elif name == b"connection" and value.lower() == b"close":
                says_close = True
                self.keep = False
        lines = [_STATUS_LINES[status], *map(b": ".join, headers)]
        self.silent = status in _BODILESS or self.method == "HEAD"
        if not sized and not self.silent:
            if self.version == "1.1":
                self.chunked = True
                lines.append(b"transfer-encoding: chunked")
            else:
                self.keep = False
                self.left = -1
        if not (self.keep or says_close):
            lines.append(b"connection: close")
        head = b"\r\n".join(lines)
        _check(head, len(lines) - 1)
        self.head = head + b"\r\n\r\n"

    def _write(self, body: bytes, *, more: bool) -> None:
        head, self.head = self.head, b""
        self.began = True
        if self.silent:
            body = b""
        elif self.chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        elif self.left >= 0:
            self.left -= len(body)
            if self.left < 0 or (self.left and not more):
                raise RuntimeError("the body is not as long as its head says")
        if len(body) > _WRITE_AT_ONCE:
            if head:
                self.line.write(head)
            self.line.write(body)
        elif head or body:
            self.line.write(head + body)


def _check(head: bytes, breaks: int) -> None:
    """No header may hold what ends a line, or what some take for its end."""
    if head.count(b"\r") != breaks or head.count(b"\n") != breaks or 0 in head:
        raise RuntimeError("a header holds what ends a line, or what some take for its end")


def without_host(url: bytes) -> bytes:
    """A request's path and query, of a URL as for a proxy. Raises `HttpParserError` for what is no URL."""
    parsed = parse_url(url)
    return (parsed.path or b"/") + (b"?" + parsed.query if parsed.query else b"")
