"""A plain answer read as a stream, from a server that stops at once only when a stream is hung up on."""

from __future__ import annotations

import msgspec

from freehold.egress import Response
from freehold.errors import UpstreamError
from freehold.gateway.events import EventReader
from freehold.wire import Endpoint, EventSplitter, Folding, data_of


async def read_folded(response: Response, endpoint: Endpoint, longest_bytes: int) -> bytes:
    """The whole answer. Raises `UpstreamError` where the stream breaks off or says an error.

    Whoever is cancelled here closes the connection, and the server sees it with the next token.
    """
    kind = response.header(b"content-type") or b""
    if not kind.startswith(b"text/event-stream"):
        return await response.read(longest_bytes)  # it did not care to stream
    reader = EventReader(response, drops_usage=False)
    folding, splitter, size = Folding(endpoint), EventSplitter(), 0
    try:
        await reader.read_first()
        async for piece in reader.pieces():
            size += len(piece)
            if size > longest_bytes:
                raise UpstreamError("The model's answer is too large.", code="upstream_too_large")
            for data in map(data_of, splitter.feed(piece)):
                if data:
                    folding.take(data)
        await reader.finish()
    except (msgspec.DecodeError, ValueError) as error:
        raise UpstreamError("The model's stream cannot be read.", code="upstream_malformed") from error
    finally:
        reader.close()
    return folding.answer()
