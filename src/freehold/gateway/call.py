"""One HTTP request as the server hands it over, read and answered without a framework. Knows no models."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from freehold.errors import FreeholdError, Refused
from freehold.gateway.connection import OVERDUE
from freehold.gateway.ids import Ids
from freehold.gateway.watch import Rounds, Watch
from freehold.wire import describe

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
# How long the rest of a refused body is still taken: closed at once, the client might never see why.
_LINGER_SECONDS = 5.0


class ClientGone(Exception):
    """The client hung up before its request was complete. Nobody is left to be told."""


class Call:
    """A request under way. `at` is UTC in unix seconds, `started` is monotonic."""

    __slots__ = (
        "at",
        "body_arrived",
        "headers",
        "id",
        "receive",
        "rounds",
        "scope",
        "send",
        "started",
        "started_answer",
        "watch",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, ids: Ids, rounds: Rounds) -> None:
        self.at = time.time()
        self.id = ids.new(self.at)
        self.started = time.monotonic()
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.receive = receive
        self.send = send
        self.rounds = rounds
        self.body_arrived = False
        self.started_answer = False
        self.watch: Watch | None = None

    @property
    def client_left(self) -> bool:
        """Whether it was seen to leave; then whatever is cancelled is cancelled for it."""
        return self.watch is not None and self.watch.left

    def header(self, name: bytes) -> str | None:
        """A header's text; bytes that are not ASCII are kept as Latin-1."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def body(self, limit_bytes: int) -> bytes:
        """The whole body.

        Raises `Refused` where it is over the limit (413), compressed (415) or late (408), `ClientGone` where
        it breaks off.
        """
        if b"content-encoding" in self.headers:
            _check_plain(self.headers[b"content-encoding"])
        declared = self.headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit_bytes:
            raise _too_large(limit_bytes)
        parts, size, more = [], 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message.get("more_body", False)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit_bytes and more:
                raise _too_large(limit_bytes)
        if OVERDUE in self.scope:
            raise _late()
        self.body_arrived = True
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        return parts[0] if len(parts) == 1 else b"".join(parts)

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
        await self.send({"type": "http.response.start", "status": status, "headers": head})

    async def piece(self, body: bytes, *, more: bool) -> None:
        """Send a piece of the body; waits while the client is slow to read."""
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def reply(self, status: int, body: bytes, headers: Headers = (JSON,)) -> None:
        """Send a whole answer."""
        self.started_answer = True
        head = [(b"x-request-id", self.id.encode()), (b"content-length", b"%d" % len(body)), *headers]
        await self.send({"type": "http.response.start", "status": status, "headers": head})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

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
            async with asyncio.timeout(0 if OVERDUE in self.scope else _LINGER_SECONDS):
                while (await self.receive()).get("more_body", False):
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


def _too_large(limit_bytes: int) -> Refused:
    return Refused(
        413,
        f"The request's body is larger than the {limit_bytes} bytes that this server takes.",
        code="request_too_large",
    )
