"""One HTTP request and its answer, as raw ASGI. Every answer is marked as simulated here, errors too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from freehold.errors import Refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LONGEST_BODY_BYTES = 32 * 1024 * 1024
_MARK = (b"x-simulated", b"true")


class ClientGone(Exception):
    """The client hung up; nobody is left to answer."""


class Exchange:
    """The request's head, body and answer, and a clock that stops when the client leaves."""

    __slots__ = ("_gone", "_headers", "_receive", "_send", "method", "path")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._receive = receive
        self._send = send
        self._gone: asyncio.Task[None] | None = None

    def header(self, name: bytes) -> bytes:
        """A header's value, empty where it is absent."""
        return next((value for key, value in self._headers if key == name), b"")

    async def body(self) -> bytes:
        """The whole body. Raises `ClientGone`, and `Refused` (413) where it is too long."""
        parts, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > _LONGEST_BODY_BYTES:
                raise Refused(413, f"The body is longer than {_LONGEST_BODY_BYTES} bytes.")
            parts.append(part)
            more = message.get("more_body", False)
        return b"".join(parts)

    def watch(self) -> None:
        """From now on, `pause` notices when the client hangs up. After the body was read."""
        self._gone = asyncio.ensure_future(self._disconnected())

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def pause(self, seconds: float) -> None:
        """Wait. Raises `ClientGone` as soon as the client has hung up."""
        if self._gone is None:
            raise RuntimeError("nobody watches for the client; call `watch` first")
        if seconds > 0:
            await asyncio.wait({self._gone}, timeout=seconds)
        else:
            await asyncio.sleep(0)
        if self._gone.done():
            raise ClientGone

    async def reply(self, status: int, body: bytes) -> None:
        """A whole JSON answer."""
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, (b"content-type", b"application/json"), length)
        await self._send({"type": "http.response.body", "body": body})

    async def begin_stream(self) -> None:
        kind = (b"content-type", b"text/event-stream; charset=utf-8")
        await self._start(200, kind, (b"cache-control", b"no-cache"))

    async def push(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end_stream(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data})

    async def _start(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, _MARK]})

    def close(self) -> None:
        if self._gone is not None:
            self._gone.cancel()
