"""A stream of events from an upstream: passed on as it is, read for usage, the end and errors.

Whole events leave, never parts: so an error event can follow at any time. Knows no client.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec

from freehold.egress import Response
from freehold.errors import UpstreamError
from freehold.wire import EventSplitter, EventTooLong, Usage, check_object, data_of, read_answer

_FINISHED = re.compile(rb'"finish_reason"\s*:\s*"')
_NO_CHOICES = re.compile(rb'"choices"\s*:\s*\[\s*\]')
_LONGEST_ERROR_CHARACTERS = 500
_PATIENCE_AFTER_DONE_SECONDS = 0.25
_EVENTS_READ_FOR_A_NAME = 3
# An event without data: comments, and the other fields that the standard knows.
_SILENT = re.compile(rb"(?:(?:(?::|data|event|id|retry)[^\r\n]*)?[\r\n])*")


class EventReader:
    """Reads one upstream stream.

    `drops_usage` removes the event that only carries the usage, because we asked for it and the client did
    not. After the last piece `usage` holds what was reported; a stream that did not end properly raises.
    """

    __slots__ = (
        "_closing",
        "_drops_usage",
        "_failure",
        "_finished",
        "_pieces",
        "_response",
        "_splitter",
        "_unnamed",
        "_waiting",
        "model",
        "usage",
    )  # fmt: skip

    def __init__(self, response: Response, *, drops_usage: bool) -> None:
        self._response = response
        self._pieces = response.chunks()
        self._splitter = EventSplitter()
        self._drops_usage = drops_usage
        self._finished = False
        self._closing = False
        self._waiting = b""
        self._unnamed = 0
        self._failure: UpstreamError | None = None
        self.model: str | None = None
        self.usage: Usage | None = None

    def close(self) -> None:
        """Nobody reads on: a stream that is not at its end is stopped."""
        self._response.close()

    async def read_first(self) -> None:
        """Until the first event with data is there. Raises `UpstreamError` where the stream has none."""
        async for piece in self._pieces:
            self._waiting += self._take(piece)
            if self._failure is not None:
                raise self._failure
            if self._has_begun():
                return
        self._waiting += self._take_rest("before its first event")
        if not self._has_begun():
            raise _cut("before its first event")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Whole events as they arrive, without the closing `[DONE]`: that waits for the record.

        Raises `UpstreamError` where the stream breaks off, is not a stream, or carries an error.
        """
        if self._waiting:
            yield self._waiting
            self._waiting = b""
        while not self._closing:
            piece = await anext(self._pieces, None)
            if piece is None:
                last = self._take_rest("before its end")
                if last:
                    yield last
                self._check_end()
                return
            events = self._take(piece)
            if events:
                yield events
            if self._failure is not None:
                raise self._failure

    def _has_begun(self) -> bool:
        """An event with data is there, be it the last."""
        return self.model is not None or self._closing

    async def finish(self) -> None:
        """Take what the upstream sends after `[DONE]`, so that its connection can be used again."""
        try:
            async with asyncio.timeout(_PATIENCE_AFTER_DONE_SECONDS):
                async for _ in self._pieces:
                    pass
        except (UpstreamError, TimeoutError):
            return  # the answer was whole; only the connection is lost

    def _take(self, piece: bytes) -> bytes:
        try:
            events = self._splitter.feed(piece)
        except EventTooLong as error:
            raise _malformed(str(error)) from error
        passed: list[bytes] = []
        try:
            for event in events:
                if self._passes(event):
                    passed.append(event)  # noqa: PERF401 - what passed before a failure counts
        except UpstreamError as error:
            self._failure = error  # what came before it still goes out
        return b"".join(passed)

    def _take_rest(self, when: str) -> bytes:
        """Some servers leave out the blank line after the last event. Half an event is none."""
        events = self._take(b"\n\n") if self._splitter.rest.strip() else b""
        if self._failure is not None:
            raise _cut(when)
        return events

    def _passes(self, event: bytes) -> bool:
        """Whether the event goes to the client; reads what it says on the way."""
        data = data_of(event)
        if not data:
            if _SILENT.fullmatch(event) is None:
                raise _malformed("something that is no event")
            return True  # a comment or a keep-alive
        if data == b"[DONE]":
            self._closing = True
            return False
        _check(data)
        if data.startswith(b'{"error"') or event.startswith(b"event: error"):
            raise _said_error(data)
        if not self.model and self._unnamed < _EVENTS_READ_FOR_A_NAME:
            self._unnamed += 1  # Azure's first event has no name yet
            self._read(data)
            self.model = self.model or ""
        if not self._finished and _FINISHED.search(data) is not None:
            self._finished = True
        if b'"usage"' in data and b'"usage":null' not in data:
            self._read(data)
            return not (self._drops_usage and _NO_CHOICES.search(data) is not None)
        return True

    def _read(self, data: bytes) -> None:
        model, usage = read_answer(data)
        self.model = self.model or model
        self.usage = usage or self.usage

    def _check_end(self) -> None:
        """Some servers leave out `[DONE]`; a stream whose choices were finished is whole without it."""
        if not (self._closing or self._finished):
            raise _cut("before its end")


def _check(data: bytes) -> None:
    try:
        check_object(data)
    except ValueError as error:
        raise _malformed("an event that is not JSON") from error


def _malformed(what: str) -> UpstreamError:
    return UpstreamError(f"The model's server sent {what}.", code="upstream_malformed")


def _cut(when: str) -> UpstreamError:
    return UpstreamError(f"The model's stream was cut {when}.", code="upstream_cut")


def _said_error(data: bytes) -> UpstreamError:
    """An error event of the upstream, as the error it is."""
    message = data[:_LONGEST_ERROR_CHARACTERS].decode("utf-8", "replace")
    try:
        error = msgspec.json.decode(data)["error"]
        message = str(error["message"] if isinstance(error, dict) else error)
    except (msgspec.DecodeError, KeyError, TypeError):
        pass  # the raw text is the message then
    return UpstreamError(f"The model's server broke off with an error: {message}", code="upstream_error")
