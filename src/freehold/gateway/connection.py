"""One client's connection: HTTP/1.1 in, exchanges with the app out. The parser is llhttp (by httptools).

A whole request whose head is one that the parser has read before does not go through it again (see `heads`).
Where HTTP itself goes wrong (no request, an endless head, one that never arrives) the client is refused in
OpenAI's shape. Knows no path and no model; the server listens, looks round and drains.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final, cast
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from freehold.gateway.exchange import Exchange, without_host
from freehold.gateway.heads import Head, Parts, take_apart
from freehold.gateway.ids import Ids
from freehold.gateway.reception import Reception
from freehold.gateway.refusal import OVERLOADED, refusal
from freehold.gateway.sockets import connection_scope
from freehold.gateway.turns import Turns

# Room for any key, label and trace. One read of the socket may come on top.
_LONGEST_HEAD_BYTES: Final = 65_536
_MOST_HELD_BYTES: Final = 262_144  # of a body that the app has not taken; then the socket is no longer read
_MOST_AHEAD: Final = 32  # requests that one read may bring; a client may not count on more (RFC 9112, 9.3.2)
# Of what a refused client still sends: closing on unread bytes resets the connection, answer and all.
_MOST_IGNORED_BYTES: Final = 1_048_576


class Connection(Turns):
    """The side that listens. A request that comes in one piece, as most do, costs no timer."""

    __slots__ = ("_asks_first", "_head_bytes", "_headers", "_ignored", "_parser", "_shed", "_url")

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reception, loop)
        self._parser: HttpRequestParser | None = None  # from the first byte on: who only waits costs less
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._asks_first = False
        self._head_bytes = 0
        self._ignored = 0
        self._shed = False  # the request that arrives is refused for overload

    # What the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        reception = self._reception
        self._since = reception.now
        reception.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            self._ignore(len(data))
            return
        parts = None if self._turns or self._heading or self._arriving else take_apart(data)
        head = None if parts is None else self._reception.heads.find(parts[0])
        if parts is None or head is None:
            self._read(data, parts)
        else:
            self._take(head, parts)

    def _read(self, data: bytes, parts: Parts | None) -> None:
        parser = self._parser
        if parser is None:
            parser = self._begin()
        try:
            parser.feed_data(data)
        except HttpParserUpgrade as error:
            self._stay(data[error.args[0] :])
            return
        except HttpParserError:
            self._misread()
            return
        if self._shed:
            self._shed = False
            self._refuse(503, OVERLOADED, "server_overloaded")  # its body is still on the way
            return
        if parts is not None and self._turns:
            self._reception.heads.learn(parts, self._turns[0])
        if self._heading:
            self._head_bytes += len(data)
            if self._head_bytes > _LONGEST_HEAD_BYTES:
                why = f"The request's head is larger than {_LONGEST_HEAD_BYTES} bytes."
                self._refuse(431, why, "headers_too_large")
                return
        elif self._arriving is None:
            return
        if self._timer is None and not self._deaf:
            self._timer = self._loop.call_later(self._reception.within_seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        self._reception.connections.discard(self)
        self._stop_timer()
        self._deaf = True
        self._begins()
        self._parser = None  # it holds our methods: a cycle otherwise
        for exchange in self._turns:
            exchange.lose()
        turns, self._turns = self._turns, deque()
        if turns and turns[0].ends_with_client and self._worker is not None:
            self._worker.cancel()
        self.resume_writing()
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    # What the parser tells

    def on_message_begin(self) -> None:
        self._heading = True
        self._head_bytes = 0
        self._url = b""
        self._headers = []
        self._asks_first = False

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._heading:
            return  # a trailer; nothing here reads one
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._asks_first = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._heading = False
        if self._deaf:
            return
        parser = self._parser
        if parser is None or parser.should_upgrade():
            return  # `HttpParserUpgrade` follows
        version = parser.get_http_version()
        url = self._url if self._url[:1] == b"/" and b"#" not in self._url else without_host(self._url)
        valve = self._reception.valve
        if valve.waiting >= valve.most and url.startswith(b"/v1/") and not self._turns:
            valve.refused += 1
            self._shed = True
            return
        path = url.partition(b"?")[0].decode("ascii")
        exchange = Exchange(
            method=parser.get_method().decode("ascii"),
            version=version,
            url=url,
            path=unquote(path) if "%" in path else path,
            headers=self._headers,
            line=self,
            keep=version != "1.0" and parser.should_keep_alive(),
            asks_first=self._asks_first,
        )
        self._arriving = exchange
        turns = self._turns
        turns.append(exchange)
        if len(turns) == 1:
            self._answer()
        else:
            self._stop_reading()  # one read ahead is enough
            if len(turns) > _MOST_AHEAD:
                exchange.keep = False
                self._deaf = True

    def on_body(self, piece: bytes) -> None:
        exchange = self._arriving
        if exchange is not None and not exchange.whole:
            exchange.take(piece)
            if exchange.held > _MOST_HELD_BYTES:
                self._stop_reading()

    def on_message_complete(self) -> None:
        self._stop_timer()
        exchange, self._arriving = self._arriving, None
        if exchange is not None:
            exchange.finish()
        elif self._shed:
            self._shed = False
            self._rest()

    # How it works

    def _begin(self) -> HttpRequestParser:
        """The first bytes to be parsed are here."""
        self.scope = self.scope or connection_scope(self._transport)
        self._parser = HttpRequestParser(self)
        return self._parser

    def _take(self, head: Head, parts: Parts) -> None:
        """A whole request with a known head, of which the parser has seen nothing."""
        self.scope = self.scope or connection_scope(self._transport)
        valve = self._reception.valve
        if valve.waiting >= valve.most and head.url.startswith(b"/v1/"):
            valve.refused += 1
            self._rest()
            return
        self._turns.append(head.exchange(parts[1], parts[2], self))
        self._answer()

    def _stay(self, rest: bytes) -> None:
        """The head again, without the offer of another protocol: we speak none, and may ignore it.

        RFC 9110, 7.8. Java's client offers HTTP/2 so with its first request, body and all.
        """
        method = cast("HttpRequestParser", self._parser).get_method()
        if method == b"CONNECT":
            self._refuse(400, "This server is no proxy.", "invalid_http")
            return
        kept = [b"%b: %b\r\n" % header for header in self._headers if header[0] != b"upgrade"]
        self._parser = HttpRequestParser(self)
        self.data_received(b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method, self._url, b"".join(kept), rest))

    def _late(self) -> None:
        self._timer = None
        exchange = self._arriving
        if exchange is None:
            within = self._reception.within_seconds
            self._refuse(408, f"The request did not arrive within {within:g} s.", "request_timeout")
            return
        self._deaf = True
        self._arriving = None
        exchange.keep = False
        exchange.spoiled = "overdue"
        exchange.finish()

    def _refuse(self, status: int, message: str, code: str) -> None:
        """Answer where no request can be made out, and leave; in the middle of an answer only leave."""
        refused = refusal(status, message, code, request_id=Ids().new(time.time()))
        if not self._turns:
            self.write(refused)
            self._leave()
            return
        if not self._turns[0].began:
            self.write(refused)
        self._stop_timer()
        self._deaf = True
        self._transport.close()

    def _misread(self) -> None:
        """These bytes are no HTTP/1.1; behind what the client called its last request that is no matter."""
        if self._arriving is None and not self._heading and self._turns and not self._turns[-1].keep:
            self._deaf = True
        else:
            self._refuse(400, "We could not read your request: it is not valid HTTP/1.1.", "invalid_http")

    def _ignore(self, count: int) -> None:
        self._ignored += count
        if self._ignored > _MOST_IGNORED_BYTES:
            self._transport.abort()
