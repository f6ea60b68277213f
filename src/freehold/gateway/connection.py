"""One client's connection: HTTP/1.1 in, exchanges with the app out. The parser is llhttp (by httptools).

Where HTTP itself goes wrong (no request, an endless head, one that never arrives) the client is refused in
OpenAI's shape. Knows no path and no model; the server listens, looks round and drains.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import Any, Final, cast
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from freehold.gateway.exchange import Exchange, without_host
from freehold.gateway.ids import Ids
from freehold.gateway.reception import Reception
from freehold.gateway.refusal import COME_BACK, OVERLOADED, refusal
from freehold.gateway.sockets import connection_scope, end_writing

log = logging.getLogger("freehold")

# Room for any key, label and trace. One read of the socket may come on top.
_LONGEST_HEAD_BYTES: Final = 65_536
_MOST_HELD_BYTES: Final = 262_144  # of a body that the app has not taken; then the socket is no longer read
_MOST_IN_TURN: Final = 2  # one is answered, one waits; then the socket is no longer read
_MOST_AHEAD: Final = 32  # requests that one read may bring; a client may not count on more (RFC 9112, 9.3.2)
# Of what a refused client still sends: closing on unread bytes resets the connection, answer and all.
_MOST_IGNORED_BYTES: Final = 1_048_576


class Connection(asyncio.Protocol):
    """Requests are answered one after the other; what a client sends ahead waits its turn.

    A request that comes in one piece, as most do, costs no timer.
    """

    __slots__ = (
        "_arriving", "_asks_first", "_bell", "_deaf", "_head_bytes", "_headers", "_heading", "_ignored",
        "_left", "_loop", "_parser", "_queued", "_reading", "_reception", "_shed", "_since", "_stalled_at",
        "_timer", "_transport", "_turns", "_url", "_worker", "bodies", "room", "scope",
    )  # fmt: skip

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        self._reception = reception
        self.bodies = reception.bodies
        self._loop = loop
        self._transport = cast("asyncio.Transport", None)
        self._parser: HttpRequestParser | None = None  # from the first byte on: who only waits costs less
        self.scope: dict[str, Any] = {}
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._asks_first = False
        self._arriving: Exchange | None = None  # the one whose body comes in
        self._turns: deque[Exchange] = deque()  # the first is being answered
        self._worker: asyncio.Task[None] | None = None
        self._bell: asyncio.Future[None] | None = None  # what a worker without work waits for
        self._timer: asyncio.TimerHandle | None = None
        self._since: float | None = None  # idle, or on its way out; None while a request is answered
        self._heading = False  # a head has begun and is not whole
        self._head_bytes = 0
        self._reading = True
        self._deaf = False  # what comes is no longer read as HTTP
        self._ignored = 0
        self._queued = False  # a request waits for its beginning
        self._shed = False  # the request that arrives is refused for overload
        self._left = 0  # of the answer in the transport's buffer, when it was last seen to change
        self._stalled_at = 0.0
        self.room: asyncio.Future[None] | None = None

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

    def pause_writing(self) -> None:
        if self.room is None:
            self.room = self._loop.create_future()

    def resume_writing(self) -> None:
        room, self.room = self.room, None
        if room is not None and not room.done():
            room.set_result(None)

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

    def _begin(self) -> HttpRequestParser:
        """The first bytes are here."""
        self.scope = connection_scope(self._transport)
        self._parser = HttpRequestParser(self)
        return self._parser

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

    def _ignore(self, count: int) -> None:
        self._ignored += count
        if self._ignored > _MOST_IGNORED_BYTES:
            self._transport.abort()

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
