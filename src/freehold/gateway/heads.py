"""Heads of requests that came before: most clients send the same one every time, but for the body's length.

The parser has read such a head once; the next request that comes in one piece with it need not be read again.
Knows no sockets. What it remembers may hold keys: it is never shown, and bounded.
"""

from __future__ import annotations

from typing import Final

import msgspec

from freehold.gateway.exchange import Exchange, Line

# As clients spell it: aiohttp, curl, Go, httpx and Python's own; then undici, h2 gateways and hyper.
_SPELLINGS: Final = (b"\r\nContent-Length: ", b"\r\ncontent-length: ")
_MOST_KNOWN: Final = 512
_LONGEST_BYTES: Final = 4096
# Each of these differs from request to request: remembering heads with them would only cost.
_VARYING: Final = frozenset({b"traceparent", b"x-request-id", b"idempotency-key", b"x-amzn-trace-id"})

Parts = tuple[bytes, bytes, bytes]
"""A request in one piece: its head without the length, the length's digits, the body."""


def take_apart(data: bytes) -> Parts | None:
    """`None` where these bytes are not one whole request whose length stands there in its plainest form.

    A line that begins so before the empty line is a header (RFC 9112, 5), and the first of them ends the
    part before it: no two heads have the same parts.
    """
    end = data.find(b"\r\n\r\n")
    if not 0 < end <= _LONGEST_BYTES:
        return None
    begin = data.find(_SPELLINGS[0], 0, end)
    if begin < 0:
        begin = data.find(_SPELLINGS[1], 0, end)
        if begin < 0:
            return None
    begin += len(_SPELLINGS[0])
    stop = data.find(b"\r", begin)
    digits = data[begin:stop]
    if digits != b"%d" % (len(data) - end - 4):
        return None
    return data[:begin] + data[stop:end], digits, data[end + 4 :]


class Head(msgspec.Struct, frozen=True):
    """What the parser made of a head. `length_at` is where among the headers the body's length is."""

    method: str
    url: bytes
    path: str
    headers: list[tuple[bytes, bytes]]
    length_at: int

    def __repr__(self) -> str:
        """Without its headers."""
        return f"Head({self.method} {self.path})"

    def exchange(self, digits: bytes, body: bytes, line: Line) -> Exchange:
        """A request with this head, whole."""
        headers = self.headers.copy()
        headers[self.length_at] = (b"content-length", digits)
        exchange = Exchange(self.method, "1.1", self.url, self.path, headers, line, True, False)  # noqa: FBT003 - names cost
        exchange.more = False
        exchange.take(body)
        return exchange


class Heads:
    """Those that one server knows."""

    __slots__ = ("_known", "find")

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}
        self.find = self._known.get
        """The head of these parts, where it is known."""

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, parts: Parts, exchange: Exchange) -> None:
        """Remember what the parser made of `parts`, where the next request with this head means the same."""
        names = [name for name, _ in exchange.headers]
        if (
            exchange.more
            or exchange.spoiled is not None
            or exchange.asks_first
            or not exchange.keep
            or exchange.version != "1.1"
            or names.count(b"content-length") != 1
            or b"transfer-encoding" in names
            or not _VARYING.isdisjoint(names)
        ):
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[parts[0]] = Head(
            exchange.method, exchange.url, exchange.path, exchange.headers, names.index(b"content-length")
        )
