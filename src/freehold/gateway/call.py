"""One HTTP request as the server hands it over, read and answered without a framework. Knows no models."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import msgspec

from freehold.errors import FreeholdError, Refused
from freehold.gateway.exchange import Exchange
from freehold.wire import describe

Headers = Sequence[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
# How long the rest of a refused body is still taken: closed at once, the client might never see why.
_LINGER_SECONDS = 5.0


class ClientGone(Exception):
    """The client hung up before its request was complete. Nobody is left to be told."""


class Call(msgspec.Struct, eq=False):
    """A request under way. `at` is UTC in unix seconds, `started` is monotonic."""

    exchange: Exchange
    id: str
    at: float
    started: float
    headers: dict[bytes, bytes]
    body_arrived: bool = False
    started_answer: bool = False

    def __repr__(self) -> str:
        """Without headers, which hold keys."""
        return f"Call({self.id})"

    @property
    def client_left(self) -> bool:
        """Whether it was seen to leave; then whatever is cancelled is cancelled for it."""
        return self.exchange.lost

    def header(self, name: bytes) -> str | None:
        """A header's text; bytes that are not ASCII are kept as Latin-1."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def body(self, limit_bytes: int) -> bytes:
        """The whole body.

        Raises `Refused` where it is over the limit (413), compressed (415), late (408) or one too many of all
        that are under way (503), `ClientGone` where it breaks off.
        """
        if b"content-encoding" in self.headers:
            _check_plain(self.headers[b"content-encoding"])
        declared = self.headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit_bytes:
            raise _too_large(limit_bytes)
        body = self.exchange.body_at_hand()
        if body is None:
            body = await self._whole_body(limit_bytes)
        if self.exchange.spoiled is not None:
            raise _late() if self.exchange.spoiled == "overdue" else _no_room()
        self.body_arrived = True
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
        return body

    async def _whole_body(self, limit_bytes: int) -> bytes:
        parts, size, more = [], 0, True
        while more:
            message = await self.exchange.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message["more_body"]
            parts.append(message["body"])
            size += len(parts[-1])
            if self.exchange.spoiled == "no room":
                parts.clear()  # what is raised would keep them
                raise _no_room()
            if size > limit_bytes and more:
                parts.clear()
                raise _too_large(limit_bytes)
        return b"".join(parts)

    def refuse_foreign_page(self) -> None:
        """A web page of another origin may not spend through the browser of whoever looks at it (403).

        Browsers name the page's origin with every POST (Fetch standard, "Origin header"); programs send none.
        """
        origin = self.headers.get(b"origin")
        if origin is not None and origin.partition(b"://")[2] != self.headers.get(b"host", b""):
            raise Refused(
                403,
                "A web page of another origin needs a key to ask here.",
                type_="permission_error",
                code="foreign_origin",
            )

    async def begin(self, status: int, headers: Headers) -> None:
        """Send the head."""
        self.started_answer = True
        head = [(b"x-request-id", self.id.encode()), *headers]
        await self.exchange.send({"type": "http.response.start", "status": status, "headers": head})

    async def piece(self, body: bytes, *, more: bool) -> None:
        """Send a piece of the body; waits while the client is slow to read."""
        await self.exchange.send({"type": "http.response.body", "body": body, "more_body": more})

    def reply_at_once(self, status: int, body: bytes, headers: Headers) -> bool:
        """Send a whole answer; `False` where `reply` has to wait until the client takes it."""
        self.started_answer = True
        return self.exchange.answer(status, [(b"x-request-id", self.id.encode()), *headers], body)

    async def reply(self, status: int, body: bytes, headers: Headers = (JSON,)) -> None:
        """Send a whole answer."""
        if not self.reply_at_once(status, body, headers):
            head = [(b"x-request-id", self.id.encode()), *headers]
            head.append((b"content-length", b"%d" % len(body)))
            await self.exchange.send({"type": "http.response.start", "status": status, "headers": head})
            await self.exchange.send({"type": "http.response.body", "body": body, "more_body": False})

    async def fail(self, error: FreeholdError, headers: Headers = ()) -> None:
        """Answer with an OpenAI error object."""
        status, body = describe(error)
        retry_after = getattr(error, "retry_after", None)
        waits = [] if retry_after is None else [(b"retry-after", b"%d" % math.ceil(retry_after))]
        if self.body_arrived:
            await self.reply(status, body, [JSON, *waits, *headers])
            return
        closes = (b"connection", b"close")
        await self.begin(status, [(b"content-length", b"%d" % len(body)), JSON, closes, *waits, *headers])
        await self.piece(body, more=True)
        await self._linger()
        await self.piece(b"", more=False)

    async def _linger(self) -> None:
        """Take what the client still sends: closing on unread bytes resets the connection, answer and all."""
        try:
            async with asyncio.timeout(0 if self.exchange.spoiled == "overdue" else _LINGER_SECONDS):
                while (await self.exchange.receive()).get("more_body", False):
                    pass
        except TimeoutError:
            return  # it had its chance


def _check_plain(encoding: bytes) -> None:
    if encoding.lower() != b"identity":
        raise Refused(
            415,
            f"Content encoding {encoding.decode('latin-1')[:40]!r} is not read here: send the body as it is.",
            code="unsupported_content_encoding",
        )


def _late() -> Refused:
    return Refused(408, "The request's body did not arrive in time.", code="request_timeout")


def _no_room() -> Refused:
    return Refused(
        503,
        "The requests under way are as large as this server can hold together. Try again in a second.",
        type_="server_error",
        code="server_overloaded",
        retry_after=1.0,
    )


def _too_large(limit_bytes: int) -> Refused:
    return Refused(
        413,
        f"The request's body is larger than the {limit_bytes} bytes that this server takes.",
        code="request_too_large",
    )
