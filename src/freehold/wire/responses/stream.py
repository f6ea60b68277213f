"""A chat model's stream as the events of a Response. Bytes in, whole events out. Knows no I/O, no clock.

Order: OpenAI's API reference, `ResponseStreamEvent`. Such a stream has no `[DONE]`: its last event is
`response.completed`, `response.incomplete` or `response.failed`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from freehold.errors import FreeholdError
from freehold.wire.responses.answer import Envelope, ending, failure_of, tier_of, usage_from, usage_of
from freehold.wire.responses.output import Event, Output
from freehold.wire.responses.request import ResponseAsk
from freehold.wire.responses.said import read_chat
from freehold.wire.sse import EventSplitter, data_of
from freehold.wire.usage import Usage


class ResponseStream:
    """Feed it the chat's events as they come, then `finish` or `fail` once.

    `response` is the whole Response after that, as JSON: what a route that stores keeps.
    """

    __slots__ = (
        "_envelope", "_finish_reason", "_model", "_number", "_output", "_splitter", "_tier",
        "_usage", "response",
    )  # fmt: skip

    def __init__(
        self,
        ask: ResponseAsk,
        *,
        id: str,  # noqa: A002 - the field's own name
        created_at: float,
        previous_response_id: str | None,
        store: bool,
    ) -> None:
        self._envelope = Envelope(ask, id, created_at, previous_response_id, store)
        self._output: Output = self._envelope.output()
        self._splitter = EventSplitter()
        self._number = 0
        self._model: str | None = None
        self._tier: str | None = None
        self._finish_reason: str | None = None
        self._usage: dict[str, Any] | None = None
        self.response: bytes | None = None

    def feed_events(self, events: bytes) -> bytes:
        """Server-sent events of a chat (any cut of them), as events of the Response. Comments pass."""
        return b"".join(self._feed_event(event) for event in self._splitter.feed(events))

    def _feed_event(self, event: bytes) -> bytes:
        data = data_of(event)
        if not data:
            return event if event.startswith(b":") else b""
        return b"" if data == b"[DONE]" else self.feed(data)

    def feed(self, data: bytes) -> bytes:
        """One chunk (JSON) of a chat. Raises `UpstreamError` where it is none, or reports a failure."""
        chat = read_chat(data)
        self._model = self._model or chat.model
        self._tier = chat.service_tier or self._tier
        events = self._begin()
        choice = chat.first()
        if choice is not None:
            self._finish_reason = choice.finish_reason or self._finish_reason
            events += self._output.take(choice)
        if chat.usage is not None:
            self._usage = usage_of(chat.usage)
        return self._written(events)

    def finish(self, *, usage: Usage | None = None, completed_at: float | None = None) -> bytes:
        """The last events. `usage` stands in where no chunk carried one; `completed_at` is in Unix seconds.

        Raises `UpstreamError` where a tool call was left without a name; `fail` is still possible then.
        """
        status, incomplete = ending(self._finish_reason)
        events = self._begin()
        events += self._output.close(status)
        reported = usage_from(usage) if self._usage is None and usage is not None else self._usage
        response = self._snapshot(
            status,
            incomplete_details=incomplete,
            completed_at=completed_at if status == "completed" else None,
            **({} if reported is None else {"usage": reported}),
        )
        return self._written([*events, self._end(response)])

    def fail(self, error: FreeholdError) -> bytes:
        """The stream broke: an `error` event, on which clients raise, and the failed Response."""
        shown, kept = failure_of(error)
        code, param = (shown.get(name) for name in ("code", "param"))
        told: Event = {
            "type": "error",
            "code": None if code is None else str(code),
            "message": kept["message"],
            "param": param if isinstance(param, str) else None,
            # The document has the fields above; OpenAI's own clients raise where they find this one.
            "error": shown,
        }
        response = self._snapshot("failed", error=kept)
        return self._written([*self._begin(), told, self._end(response)])

    def _begin(self) -> list[Event]:
        if self._number > 0:
            return []
        names = ("response.created", "response.in_progress")
        return [{"type": name, "response": self._snapshot("in_progress")} for name in names]

    def _end(self, response: dict[str, Any]) -> Event:
        self.response = msgspec.json.encode(response)
        return {"type": f"response.{response['status']}", "response": msgspec.Raw(self.response)}

    def _snapshot(self, status: str, **more: Any) -> dict[str, Any]:
        output = self._output.shapes("incomplete" if status == "failed" else None)
        return self._envelope.response(status, output, self._model, service_tier=tier_of(self._tier), **more)

    def _written(self, events: list[Event]) -> bytes:
        return b"".join(self._written_one(event) for event in events)

    def _written_one(self, event: Event) -> bytes:
        event["sequence_number"] = self._number
        self._number += 1
        return b"event: %s\ndata: %s\n\n" % (event["type"].encode(), msgspec.json.encode(event))
