"""Clients by the thousand in one process: each in its turn, or at a rate that no answer slows.

Knows no gateways. Requests are bytes made once; answers are told by their first line and their length.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TICK_SECONDS = 0.005
_OPENED_AT_ONCE = 250


def raw_request(url: str, headers: Mapping[str, str], body: str) -> bytes:
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body.encode())}", "", ""]
    return "\r\n".join(lines).encode() + body.encode()


@dataclass(slots=True)
class Tally:
    """What came back. Seconds are from the sending of a request to its whole answer, of those with 200."""

    good: int = 0
    refused: int = 0
    unsent: int = 0  # no connection was free for it
    lost: int = 0  # the connection broke
    seconds: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)  # when each of these came, by the monotonic clock

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def good_between(self, begin: float, end: float, within_seconds: float) -> int:
        """Answers that came between the two times, each soon after it was asked for."""
        both = zip(self.seconds, self.at, strict=True)
        return sum(1 for took, at in both if took <= within_seconds and begin <= at < end)


class Client(asyncio.Protocol):
    """One keep-alive connection with one request at a time. `on_free` is told of each whole answer."""

    def __init__(self, tally: Tally, on_free: Callable[[Client], None]) -> None:
        self._tally = tally
        self._on_free = on_free
        self._received = b""
        self._sent_at = 0.0
        self._transport = cast("asyncio.Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> None:
        self._sent_at = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data
        end = received.find(b"\r\n\r\n")
        length = _LENGTH.search(received, 0, end + 2) if end > 0 else None
        if length is None or len(received) < end + 4 + int(length[1]):
            return
        self._received = b""
        if received.startswith(b"HTTP/1.1 200"):
            self._tally.good += 1
            now = time.monotonic()
            self._tally.seconds.append(now - self._sent_at)
            self._tally.at.append(now)
        else:
            self._tally.refused += 1
        self._sent_at = 0.0
        self._on_free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._sent_at:
            self._tally.lost += 1

    def close(self) -> None:
        self._sent_at = 0.0
        self._transport.close()


async def connect(port: int, count: int, tally: Tally, on_free: Callable[[Client], None]) -> list[Client]:
    """So many connections, a few hundred at a time."""
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    for begin in range(0, count, _OPENED_AT_ONCE):
        opening = [
            loop.create_connection(lambda: Client(tally, on_free), "127.0.0.1", port)
            for _ in range(min(_OPENED_AT_ONCE, count - begin))
        ]
        clients += [client for _, client in await asyncio.gather(*opening)]
    return clients


async def in_turn(port: int, request: bytes, concurrency: int, seconds: float) -> Tally:
    """Each client asks again as soon as it has its answer."""
    tally = Tally()
    until = time.monotonic() + seconds

    def again(client: Client) -> None:
        if time.monotonic() < until:
            client.ask(request)

    clients = await connect(port, concurrency, tally, again)
    until = time.monotonic() + seconds
    for client in clients:
        client.ask(request)
    await asyncio.sleep(seconds)
    _close(clients)
    return tally


async def at_rate(port: int, request: bytes, per_second: float, connections: int, seconds: float) -> Tally:
    """So many requests a second whatever comes back, for as long as one of the connections is free."""
    tally = Tally()
    free: deque[Client] = deque()
    clients = await connect(port, connections, tally, free.append)
    free.extend(clients)
    begun, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        due = int(passed * per_second) - sent
        sent += due
        for _ in range(due):
            if free:
                free.popleft().ask(request)
            else:
                tally.unsent += 1
        await asyncio.sleep(_TICK_SECONDS)
    _close(clients)
    return tally


def _close(clients: list[Client]) -> None:
    for client in clients:
        client.close()
