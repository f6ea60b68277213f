"""Live streams side by side: how many events arrive, when the first does, and how late each is."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from bench.crowd import raw_request

_SENT = re.compile(rb'"content":"(\d+) ([0-9.]+) "')
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Stream:
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(slots=True)
class Seen:
    """Of all streams together. Delays are from the upstream's clock to ours, which is the same."""

    events: int = 0
    finished: int = 0
    ttft_seconds: list[float] = field(default_factory=list)
    delays_seconds: list[float] = field(default_factory=list)


class _Reader(asyncio.Protocol):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._rest = b""
        self._asked_at = 0.0
        self._next = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> None:
        self._asked_at = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        text = self._rest + data
        end = 0
        for match in _SENT.finditer(text):
            end = match.end()
            if int(match[1]) == self._next:  # one out of its order is lost
                self._seen.events += 1
            self._next += 1
            if self._next == 1:
                self._seen.ttft_seconds.append(now - self._asked_at)
            self._seen.delays_seconds.append(now - float(match[2]))
        self._rest = text[end:][-200:]
        if b"[DONE]" in self._rest and not self.done.done():
            self._seen.finished += 1
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.done.done():
            self.done.set_result(None)


async def watch(stream: Stream, count: int) -> Seen:
    """All streams at once, begun over about a second."""
    seen, loop = Seen(), asyncio.get_running_loop()
    request = raw_request(stream.url, stream.headers, stream.body)
    parts = urlsplit(stream.url)
    opening = [
        loop.create_connection(lambda: _Reader(seen), parts.hostname or "", parts.port or 80)
        for _ in range(count)
    ]
    readers = [reader for _, reader in await asyncio.gather(*opening)]
    for reader in readers:
        reader.ask(request)
        await asyncio.sleep(1 / count)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await asyncio.gather(*(reader.done for reader in readers))
    return seen
