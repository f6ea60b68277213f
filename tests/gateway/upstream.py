"""A scripted upstream on a real socket: each request is answered by the next step, byte for byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Step = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request as it arrived, and the way back."""

    head: str
    body: bytes
    writer: asyncio.StreamWriter
    reader: asyncio.StreamReader
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_hung_up(self) -> None:
        """Returns when the other side closes."""
        while await self.reader.read(1024):
            pass
        self.closed.set()


class Upstream:
    """Plays `steps` in order; the last one again and again."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[Exchange] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    (
                        int(v)
                        for n, _, v in (line.partition(":") for line in head.split("\r\n"))
                        if n.lower() == "content-length"
                    ),
                    0,
                )
                exchange = Exchange(head, await reader.readexactly(length), writer, reader)
                self.requests.append(exchange)
                step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
                await step(exchange)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side hung up
        finally:
            writer.close()


@asynccontextmanager
async def upstream(*steps: Step) -> AsyncIterator[Upstream]:
    served = Upstream(*steps)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield served
    finally:
        server.close()
        for exchange in served.requests:
            exchange.writer.close()


ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "upstream-model-2024",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "total_tokens": 110,
        "prompt_tokens_details": {"cached_tokens": 40},
    },
}


def says(
    body: Any = ANSWER, status: str = "200 OK", headers: str = "", kind: str = "application/json"
) -> Step:
    """Answers with a whole body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def step(exchange: Exchange) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{headers}content-length: {len(raw)}\r\n\r\n"
        await exchange.send(head.encode() + raw)

    return step


def fails(status: str, headers: str = "", message: str = "it broke") -> Step:
    return says({"error": {"message": message, "type": "t", "param": None, "code": "c"}}, status, headers)


def chunk(content: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    """One chat chunk as an event."""
    delta = {} if content is None else {"content": content}
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "upstream-model-2024",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(data | more).encode() + b"\n\n"


USAGE = chunk(choices=[], usage=ANSWER["usage"])
DONE = b"data: [DONE]\n\n"
WHOLE = (chunk("hel"), chunk("lo"), chunk(finish="stop"), USAGE, DONE)


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def framed(event: bytes) -> bytes:
    """An event as a chunk of a body in chunked framing."""
    return b"%x\r\n%b\r\n" % (len(event), event)


def streams(*events: bytes, end: bool = True, pause_seconds: float = 0.0) -> Step:
    """Answers with events in chunked framing; without `end` the connection is cut after the last."""

    async def step(exchange: Exchange) -> None:
        await exchange.send(STREAM)
        for event in events:
            await exchange.send(framed(event))
            await asyncio.sleep(pause_seconds)
        if end:
            await exchange.send(LAST)
        else:
            exchange.writer.close()

    return step


async def hangs(exchange: Exchange) -> None:
    """Never answers; notices when the other side gives up."""
    await exchange.until_hung_up()


async def cuts(exchange: Exchange) -> None:
    """Closes without a word."""
    exchange.writer.close()
