"""One socket that speaks HTTP/1.1: bytes out, bytes in, deadlines. Does not choose its requests.

Its parser is llhttp (by httptools), the strict one. Every doubt about where an answer ends costs the
connection, never the next request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from typing import Final, cast

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from freehold.egress.failures import cut, malformed, timed_out
from freehold.egress.heads import Headers, read_headers
from freehold.egress.inbox import Inbox
from freehold.egress.limits import Limits, Timeouts
from freehold.egress.request import Request
from freehold.egress.watchdog import Watchdog
from freehold.errors import UpstreamError

_WRITE_AT_ONCE: Final = 65_536  # bodies up to here go out in one write with their head
_SLICE: Final = 262_144  # larger ones in slices, so that an early refusal stops them


class Connection(asyncio.Protocol):
    """At most one request at a time. `on_free` and `on_gone` tell its pool; `on_gone` comes exactly once."""

    __slots__ = (
        "_begun_at",
        "_bodied",
        "_exchanges",
        "_gone",
        "_head_only",
        "_inbox",
        "_keep",
        "_limits",
        "_loop",
        "_on_free",
        "_on_gone",
        "_origin",
        "_outgoing",
        "_parser",
        "_quiet",
        "_timeouts",
        "_total_at",
        "_transport",
        "_watchdog",
        "_writable",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        origin: str,
        limits: Limits,
        on_free: Callable[[Connection], None],
        on_gone: Callable[[Connection], None],
    ) -> None:
        self._loop = loop
        self._origin = origin
        self._limits = limits
        self._on_free = on_free
        self._on_gone = on_gone
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._watchdog = Watchdog(loop, self._overdue)
        self._inbox: Inbox | None = None
        self._timeouts = Timeouts()
        self._total_at = inf
        self._begun_at = 0.0
        self._outgoing: memoryview | None = None
        self._writable = True
        self._head_only = False
        self._keep = True  # this connection may serve another request
        self._quiet = 0  # bytes received since the last piece of a body
        self._bodied = False  # the first byte of the body is there
        self._exchanges = 0
        self._gone = False

    # What the pool and the client ask for

    @property
    def usable(self) -> bool:
        """Whether a request may be written now."""
        return not self._gone and self._transport is not None and not self._transport.is_closing()

    def begin(self, request: Request, head: bytes, total_at: float) -> Inbox:
        """Writes the request; the answer comes into the inbox. `total_at` is by the loop's clock."""
        transport = self._transport
        if transport is None:
            raise RuntimeError("a connection was used before it was made")
        inbox = self._inbox = Inbox(self._loop, self, self._limits.buffered_bytes)
        self._exchanges += 1
        self._quiet = 0
        self._bodied = False
        self._timeouts = request.timeouts
        self._total_at = total_at
        self._begun_at = self._loop.time()
        self._head_only = request.method == "HEAD"
        self._watchdog.expect(min(self._begun_at + request.timeouts.first_byte_seconds, total_at))
        body = request.body
        if len(body) <= _WRITE_AT_ONCE:
            transport.write(head + body)
        else:
            transport.write(head)
            self._outgoing = memoryview(body)
            self._write_on()
        return inbox

    def rest(self, seconds: float) -> None:
        """Idle from now on, for this long at most."""
        self._watchdog.expect(self._loop.time() + seconds)

    def resume(self) -> None:
        """The reader has made room."""
        inbox = self._inbox
        if inbox is not None and inbox.paused and self._transport is not None:
            inbox.paused = False
            self._expect(self._timeouts.between_bytes_seconds)
            self._transport.resume_reading()

    def drop(self) -> None:
        """Closes at once, whatever is on its way."""
        self._inbox = None
        self._outgoing = None
        self._watchdog.stop()
        if self._transport is not None:
            self._transport.abort()
        if not self._gone:
            self._gone = True
            del self._parser  # it holds our methods: a cycle otherwise
            self._on_gone(self)

    def fail(self, error: UpstreamError) -> None:
        """Closes at once and tells the reader why."""
        inbox = self._inbox
        if inbox is not None:
            silent = not inbox.headed and self._quiet == 0
            inbox.stale = silent and self._exchanges > 1 and error.code == "upstream_cut"
        self.drop()
        if inbox is not None:
            inbox.fail(error)

    # What the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._gone:  # given up while it was being made
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        inbox = self._inbox
        if inbox is None:  # nobody asked: never let it answer the next request
            self.drop()
            return
        self._quiet += len(data)
        if not inbox.headed:
            inbox.raw = inbox.raw + data if inbox.raw else data
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._keep = False
            if not inbox.done:
                self.fail(malformed(self._origin, _reason(error)))
                return
        if inbox.done:
            self._finish(inbox)
        elif self._quiet > self._limits.head_bytes:
            self.fail(malformed(self._origin, self._oversized()))
        elif inbox.buffered > inbox.pause_over:
            self._pause(inbox)
        elif self._bodied:
            self._expect(self._timeouts.between_bytes_seconds)
        if inbox.headed:
            inbox.wake()

    def eof_received(self) -> None:
        self._lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None  # it is closed, and aborting it now would be an error
        self._lost(exc)

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        if self._outgoing is not None:
            self._expect(self._timeouts.first_byte_seconds)
            self._write_on()

    # What the parser tells

    def on_message_begin(self) -> None:
        if self._inbox is not None and self._inbox.done:
            self._keep = False

    def on_headers_complete(self) -> None:
        inbox = self._inbox
        if inbox is None or inbox.done:
            return
        status = self._parser.get_status_code()
        if status == 101:
            raise HttpParserError("it switched protocols unasked")
        if self._quiet > self._limits.head_bytes:
            self._weigh(read_headers(inbox.raw))
        if status < 200:  # 100 and 103 announce; the answer follows
            return
        inbox.status = status
        inbox.headed = True
        if not self._parser.should_keep_alive():
            self._keep = False
            inbox.framed = self._head_only or status in (204, 304) or _is_framed(read_headers(inbox.raw))
        if self._head_only:  # llhttp does not know the request and would wait for a body
            self._keep = False
            inbox.done = True
        if status >= 300 and self._outgoing is not None:  # refused early: the rest need not go out
            self._keep = False
            self._outgoing = None

    def on_body(self, piece: bytes) -> None:
        self._quiet = 0
        inbox = self._inbox
        if inbox is not None and not inbox.done:
            self._bodied = True
            inbox.pieces.append(piece)
            inbox.buffered += len(piece)

    def on_message_complete(self) -> None:
        inbox = self._inbox
        if inbox is not None and inbox.headed:
            inbox.done = True

    # How it works

    def _weigh(self, headers: Headers) -> None:
        """A head that came together with much of its body may still be small enough."""
        if sum(len(name) + len(value) + 4 for name, value in headers) > self._limits.head_bytes:
            raise HttpParserError(self._oversized())

    def _oversized(self) -> str:
        return f"its head exceeds {self._limits.head_bytes:,} bytes"

    def _expect(self, seconds: float) -> None:
        self._watchdog.expect(min(self._loop.time() + seconds, self._total_at))

    def _write_on(self) -> None:
        transport = self._transport
        while self._writable and self._outgoing is not None and transport is not None:
            transport.write(self._outgoing[:_SLICE])
            rest = self._outgoing[_SLICE:]
            self._outgoing = rest or None

    def _pause(self, inbox: Inbox) -> None:
        """Stops reading until the reader has made room; meanwhile only the total deadline runs."""
        if self._transport is not None and not inbox.paused and not self._transport.is_closing():
            inbox.paused = True
            self._transport.pause_reading()
            self._watchdog.expect(self._total_at)

    def _finish(self, inbox: Inbox) -> None:
        """The answer is whole: the connection is free, or closed where anything is left open."""
        if not self._keep or self._outgoing is not None or not self._writable:
            inbox.source = None
            self.drop()
            return
        if inbox.paused:
            self.resume()
        inbox.source = None
        self._inbox = None
        self._on_free(self)

    def _lost(self, exc: Exception | None) -> None:
        inbox = self._inbox
        if inbox is not None and inbox.headed and not inbox.framed and exc is None:
            inbox.done = True
            inbox.source = None
            self.drop()
            inbox.wake()
        elif inbox is not None:
            when = "in the middle of its answer" if inbox.headed else "before it answered"
            self.fail(cut(self._origin, when))
        else:
            self.drop()

    def _overdue(self) -> None:
        inbox = self._inbox
        if inbox is None:
            self.drop()
            return
        timeouts = self._timeouts
        if self._loop.time() + 0.001 >= self._total_at:
            what = f"the answer was not whole within {self._total_at - self._begun_at:.3g} s"
        elif self._bodied:
            what = f"nothing more came for {timeouts.between_bytes_seconds:g} s"
        else:
            what = f"no first byte within {timeouts.first_byte_seconds:g} s"
        self.fail(timed_out(self._origin, what))


def _is_framed(headers: Headers) -> bool:
    """Whether a body that ends the connection still says where it ends (RFC 9112, section 6.3)."""
    return any(
        name == b"content-length" or (name == b"transfer-encoding" and value.lower().endswith(b"chunked"))
        for name, value in headers
    )


def _reason(error: Exception) -> str:
    """The parser wraps what a callback raised."""
    cause = error.__context__ if isinstance(error, HttpParserCallbackError) else None
    return str(cause or error)
