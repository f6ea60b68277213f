"""Raw bytes to a gateway and all that comes back: what no client library would send."""

from __future__ import annotations

import asyncio

from tests.gateway.house import Answer, Gateway, hang_up, parse

PATIENCE_SECONDS = 20


def head(*lines: str, path: str = "/v1/chat/completions", method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: test", *lines, "", ""]).encode("latin-1")


async def exchange(house: Gateway, *pieces: bytes, pause_seconds: float = 0.0, end: bool = False) -> bytes:
    """Send the pieces, then read until the gateway closes. `end` closes our side first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_seconds)
            if end:
                writer.write_eof()
        except ConnectionError:
            pass  # it was refused before we were done; the answer may be there all the same
        return await asyncio.wait_for(_read(reader), PATIENCE_SECONDS)
    finally:
        await hang_up(writer)


async def _read(reader: asyncio.StreamReader) -> bytes:
    got = b""
    try:
        while piece := await reader.read(65_536):
            got += piece
    except ConnectionError:
        pass  # a reset after the answer
    return got


async def answers(house: Gateway, *pieces: bytes, pause_seconds: float = 0.0) -> Answer:
    """The one answer to these bytes."""
    return parse(await exchange(house, *pieces, pause_seconds=pause_seconds))
