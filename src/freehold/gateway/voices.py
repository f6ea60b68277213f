"""How an endpoint's request becomes a question to a model, and the model's answer the endpoint's.

Chat, completions, embeddings and moderations are what models speak: their bytes pass.
`/v1/responses` is translated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol, Self

import msgspec

from freehold.access import Key
from freehold.errors import FreeholdError
from freehold.gateway.house import House, Route
from freehold.gateway.kept import RESPONSES, Kept, response_id
from freehold.privacy import Label
from freehold.wire import (
    DONE,
    Ask,
    Endpoint,
    ResponseAsk,
    ResponseStream,
    Usage,
    describe,
    event_of,
    read_ask,
    read_response_ask,
    to_chat,
    to_response,
)


class Voice(Protocol):
    """One request's endpoint. `model` is what the client named, `keeps` whether it agrees to be stored.

    `conversation` is the id of the request that began the one it continues, `inherited` the label of what it
    continues; both are known once it was asked.
    `asked` is the question where it is clear at once, `None` where `ask` has to make it.
    """

    model: str | None
    keeps: bool
    conversation: str | None
    inherited: Label

    @property
    def asked(self) -> Ask | None: ...

    async def ask(self, house: House, route: Route, key: Key | None) -> Ask:
        """The question to put to a model of `route`."""

    def whole(self, answer: bytes) -> bytes:
        """A model's plain answer, for the client."""

    def events(self, piece: bytes) -> bytes:
        """Whole events of a model's stream, for the client."""

    def end(self, usage: Usage | None) -> bytes:
        """What closes the stream: sent after the record is safe."""

    def broken(self, error: FreeholdError) -> bytes:
        """The event that tells of a stream that broke."""

    def said(self, answer: bytes) -> bytes:
        """What a route that stores keeps of the answer; `answer` is what the client was sent."""


class Straight(msgspec.Struct, eq=False):
    """Chat, completions, embeddings and moderations, as models speak them."""

    asked: Ask
    model: str | None
    keeps: bool = True
    conversation: str | None = None
    inherited: Label = Label.PUBLIC

    @classmethod
    def hear(cls, endpoint: Endpoint, body: bytes, request_id: str, at: float) -> Self:
        del request_id, at
        ask = read_ask(endpoint, body)
        # Only a request for moderation may name none.
        return cls(ask, ask.model if ask.model or ask.has("model") else None)

    async def ask(self, house: House, route: Route, key: Key | None) -> Ask:
        del house, route, key
        return self.asked

    def whole(self, answer: bytes) -> bytes:
        return answer

    def events(self, piece: bytes) -> bytes:
        return piece

    def end(self, usage: Usage | None) -> bytes:
        del usage
        return DONE

    def broken(self, error: FreeholdError) -> bytes:
        return event_of(describe(error)[1])

    def said(self, answer: bytes) -> bytes:
        return answer


class Responding:
    """`/v1/responses`, put to a model that speaks chat."""

    def __init__(self, body: bytes, request_id: str, at: float) -> None:
        self.asked: Ask | None = None
        self._asked: ResponseAsk = read_response_ask(body)
        self._id = response_id(request_id)
        self._at = at
        self._store = False
        self._stream: ResponseStream | None = None
        self.model: str | None = self._asked.model
        self.keeps = self._asked.store
        self.conversation: str | None = None
        self.inherited = Label.PUBLIC

    async def ask(self, house: House, route: Route, key: Key | None) -> Ask:
        """Raises `Refused` (404) where it continues a response that is not kept."""
        asked = self._asked
        self._store = route.store and asked.store
        kept = Kept(house.ledger_path, key)
        history, self.conversation, labels = await kept.history(asked, route)
        self.inherited = max((_inherited(word, route) for word in labels), default=Label.PUBLIC)
        self._stream = ResponseStream(
            asked,
            id=self._id,
            created_at=self._at,
            previous_response_id=asked.previous_response_id,
            store=self._store,
        )
        return read_ask(Endpoint.CHAT, to_chat(asked, history))

    def whole(self, answer: bytes) -> bytes:
        return to_response(
            answer,
            self._asked,
            id=self._id,
            created_at=self._at,
            previous_response_id=self._asked.previous_response_id,
            store=self._store,
            completed_at=time.time(),
        )

    @property
    def _streaming(self) -> ResponseStream:
        if self._stream is None:
            raise RuntimeError("ask first")
        return self._stream

    def events(self, piece: bytes) -> bytes:
        return self._streaming.feed_events(piece)

    def end(self, usage: Usage | None) -> bytes:
        return self._streaming.finish(usage=usage, completed_at=time.time())

    def broken(self, error: FreeholdError) -> bytes:
        return self._streaming.fail(error)

    def said(self, answer: bytes) -> bytes:
        """The Response itself: what a stream ended in, or the plain answer."""
        stream = self._stream
        return answer if stream is None or stream.response is None else stream.response


def _inherited(word: str | None, route: Route) -> Label:
    """What an earlier turn hands on. Where nobody looked, it is looked at now with the rest, or is secret."""
    if word is not None:
        return Label.parse(word)
    return Label.PUBLIC if route.scans or route.open_to_all else Label.SECRET


Listen = Callable[[bytes, str, float], Voice]

VOICES: Mapping[str, Listen] = {
    **{endpoint.value: partial(Straight.hear, endpoint) for endpoint in Endpoint},
    RESPONSES: Responding,
}
"""By the path below `/v1`: what hears a request's body, its id and time. Raises `Refused` (400)."""
