"""A raw upstream on a real socket: a test writes, connection by connection, the exact bytes it sends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from freehold.egress import Client, Limits, Origin, Request, Response, Timeouts
from freehold.errors import UpstreamError
from freehold.privacy import Label, clear

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
SOON = Timeouts(connect_seconds=5, first_byte_seconds=5, between_bytes_seconds=5, total_seconds=20)


@dataclass(frozen=True)
class Received:
    head: bytes
    body: bytes


@dataclass
class Link:
    """One connection as the upstream sees it. `number` counts from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # the client has closed
    asked: int = 0  # how many whole requests came

    async def request(self) -> Received:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        received = Received(head, await self.reader.readexactly(length))
        self.asked += 1
        return received

    async def send(self, *pieces: bytes) -> None:
        """Each piece in a segment of its own, as far as a pause between them can do that."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if len(pieces) > 1:
                await asyncio.sleep(0.002)

    async def until_gone(self) -> None:
        """Waits until the client closes its side, whatever it sends before."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65_536):
                pass
        self.gone.set()

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Link], Awaitable[None]]


@dataclass
class Upstream:
    origin: Origin
    links: list[Link] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def request(
        self,
        body: bytes = b"",
        *,
        method: str = "POST",
        path: str = "/v1/x",
        timeouts: Timeouts = SOON,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Request:
        return Request(self.origin, method, path, headers, body, timeouts)

    async def ask(
        self, client: Client, body: bytes = b"", *, method: str = "POST", timeouts: Timeouts = SOON
    ) -> Response:
        permit = clear(Label.PUBLIC, Label.PUBLIC, self.origin.text, policy="a test", body=body)
        return await client.send(permit, self.request(body, method=method, timeouts=timeouts))


@contextlib.asynccontextmanager
async def scripted(
    script: Script, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Upstream]:
    """An upstream that runs `script` for each connection and closes it when the script ends."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(len(upstream.links) + 1, reader, writer)
        upstream.links.append(link)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await script(link)
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError, TimeoutError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    upstream = Upstream(Origin("http" if tls is None else "https", host, port))
    try:
        yield upstream
    finally:
        server.close()
        running = list(tasks)
        for task in running:
            task.cancel()
        outcomes = await asyncio.gather(*running, return_exceptions=True)
        for link in upstream.links:
            if not link.writer.is_closing():
                link.writer.transport.abort()
        await asyncio.sleep(0)
    failures = [o for o in outcomes if isinstance(o, Exception)]
    if failures:
        raise ExceptionGroup("the script failed", failures)


async def to_the_bitter_end(
    response: Response, *, on_piece: Callable[[], None] = lambda: None
) -> tuple[list[bytes], UpstreamError]:
    """The pieces of an answer that fails, and how it does."""
    pieces = []
    try:
        async for piece in response.chunks():
            pieces.append(piece)
            on_piece()
    except UpstreamError as error:
        return pieces, error
    raise AssertionError("the answer ended as if it were whole")


def always(*pieces: bytes) -> Script:
    """Answers every request with the same bytes, and keeps the connection."""

    async def script(link: Link) -> None:
        while True:
            await link.request()
            await link.send(*pieces)

    return script


def once(*pieces: bytes) -> Script:
    """Answers one request and closes."""

    async def script(link: Link) -> None:
        await link.request()
        await link.send(*pieces)

    return script


@contextlib.asynccontextmanager
async def client_with(limits: Limits) -> AsyncIterator[Client]:
    client = Client(limits)
    try:
        yield client
    finally:
        await client.close()
