"""A good answer on its way to the client. The record is safe before the last byte leaves."""

from __future__ import annotations

import asyncio
import time

from freehold.errors import UpstreamError
from freehold.gateway.attempt import Reply
from freehold.gateway.call import JSON, Call, Headers
from freehold.gateway.draft import Draft
from freehold.gateway.restoring import Reader
from freehold.gateway.voices import Voice

_EVENT_STREAM: Headers = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx and its kin buffer streams unless told.
    (b"x-accel-buffering", b"no"),
)


class StreamBroken(Exception):
    """The client has its error event; its connection is cut next: no stream looks whole that is not."""


def server_stopped() -> UpstreamError:
    """What a request is told that outlasted the time for draining."""
    return UpstreamError(
        "The server stopped before the answer was complete.", status=503, code="server_stopped"
    )


async def relay(reply: Reply, call: Call, draft: Draft, voice: Voice, headers: Headers) -> None:
    """Pass the answer on, whole or event by event. Raises `StreamBroken` after an error event."""
    if reply.reader is None:
        draft.usage = reply.usage
        try:
            body = voice.whole(reply.body)
        except UpstreamError as error:
            reply.attempt.failed(error, "error", time.monotonic())
            raise
        reply.attempt.succeeded(reply.usage)
        draft.write(200, answer=voice.said(body))
        if draft.ledger.needs_sealing:
            await draft.ledger.sealed()
        whole = (JSON, *headers)
        if not call.reply_at_once(200, body, whole):
            await call.reply(200, body, whole)
        return
    try:
        await _stream(reply, reply.reader, call, draft, voice, headers)
    except asyncio.CancelledError:
        reply.attempt.abandoned(reply.reader.usage)
        draft.usage = reply.reader.usage
        if call.client_left or not call.started_answer:
            raise
        stopped = server_stopped()
        await draft.seal(stopped.status, error=stopped.message)
        await call.piece(voice.broken(stopped), more=True)
        raise StreamBroken from None
    finally:
        reply.reader.close()


async def _stream(
    reply: Reply, reader: Reader, call: Call, draft: Draft, voice: Voice, headers: Headers
) -> None:
    await call.begin(200, (*_EVENT_STREAM, *headers))
    kept = bytearray()
    try:
        async for events in reader.pieces():
            piece = voice.events(events)
            if draft.prompt is not None:
                kept += piece
            await call.piece(piece, more=True)
        end = voice.end(reader.usage)
        reply.attempt.succeeded(reader.usage)
        draft.usage = reader.usage
        await draft.seal(200, answer=voice.said(bytes(kept)))
    except UpstreamError as error:
        reply.attempt.failed(error, "cut", time.monotonic())
        draft.usage = reader.usage
        await draft.seal(error.status, error=error.message)
        await call.piece(voice.broken(error), more=True)
        raise StreamBroken from error
    await call.piece(end, more=False)
    await reader.finish()
