"""An upstream that streams `max_tokens` events, one each `pace` seconds, to whoever asks: its own process.

    python bench/pour.py PORT PACE_SECONDS

Each event says when it was sent (CLOCK_MONOTONIC, which all processes of a machine share) and its number.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from typing import cast

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_EVENT = (
    '{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":'
    '[{"index":0,"delta":{"content":"%d %.6f "},"finish_reason":%s}]}'
)
_WANTED = re.compile(rb'"max_tokens"\s*:\s*(\d+)')


class Pouring(asyncio.Protocol):
    """One connection; requests come one at a time and in one piece, or nearly."""

    def __init__(self, pace_seconds: float) -> None:
        self._pace_seconds = pace_seconds
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head.lower())
        if not blank or length is None or len(body) < int(length[1]):
            if head.startswith(b"GET "):
                self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                self._received = b""
            return
        self._received = b""
        wanted = _WANTED.search(body)
        self._transport.write(_HEAD)
        self._pour(0, int(wanted[1]) if wanted else 50)

    def _pour(self, number: int, count: int) -> None:
        if self._transport.is_closing():
            return
        last = number + 1 >= count
        self._event(_EVENT % (number, time.monotonic(), '"stop"' if last else "null"))
        if not last:
            asyncio.get_running_loop().call_later(self._pace_seconds, self._pour, number + 1, count)
            return
        self._event("[DONE]")
        self._transport.write(b"0\r\n\r\n")

    def _event(self, data: str) -> None:
        event = f"data: {data}\n\n".encode()
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))


async def _serve(port: int, pace_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Pouring(pace_seconds), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
