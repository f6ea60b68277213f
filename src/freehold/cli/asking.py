"""Asking a running gateway one question and listening to the answer as it comes. Knows no models.

The question goes to the gateway on this machine and nowhere else; the gateway decides who answers.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Literal

from freehold.egress import Client, Origin, Request, Response, Timeouts
from freehold.errors import FreeholdError, UpstreamError
from freehold.privacy import Label, clear
from freehold.wire import EventSplitter, data_of

Home = Literal["rent", "own"]

_ERROR_BYTES = 1 << 20
_PATIENCE_SECONDS = 600.0  # the gateway has its own deadlines and tells when they pass


@dataclass(slots=True, eq=False)
class Hearing:
    """One answer while it comes. `seconds` and `ttft_seconds` are as seen from here."""

    home: Home
    text: str = ""
    request_id: str | None = None
    model: str | None = None
    simulated: bool = False
    reason: str | None = None
    status: int | None = None
    error: str | None = None
    ttft_seconds: float | None = None
    seconds: float | None = None

    @property
    def over(self) -> bool:
        return self.seconds is not None

    @property
    def good(self) -> bool:
        return self.over and self.error is None


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask where. `url` is the gateway's, without `/v1`."""

    url: str
    route: str
    text: str
    key: str | None = field(default=None, repr=False)


async def ask_all(client: Client, question: Question, hearings: list[Hearing]) -> None:
    """Ask once for each hearing's home, all at the same time; every hearing is over afterwards.

    Closes the client.
    """
    try:
        await asyncio.gather(*(_ask(client, question, hearing) for hearing in hearings))
    finally:
        await client.close()


async def _ask(client: Client, question: Question, hearing: Hearing) -> None:
    started = time.perf_counter()
    origin, prefix = Origin.parse(question.url)
    # The gateway on this machine may hear anything; it labels the request and guards what leaves.
    request = _request(origin, prefix, question, hearing.home)
    permit = clear(Label.SECRET, Label.SECRET, origin.text, policy="try", body=request.body)
    try:
        response = await client.send(permit, request)
        _hear_head(hearing, response)
        if response.status == 200:
            await _hear_stream(hearing, response, started)
        else:
            hearing.error = _error_message(await response.read(_ERROR_BYTES))
    except UpstreamError as error:
        hearing.error = error.message
    finally:
        hearing.seconds = time.perf_counter() - started


def _request(origin: Origin, prefix: str, question: Question, home: Home) -> Request:
    headers = [(b"content-type", b"application/json"), (b"x-freehold-home", home.encode())]
    if question.key is not None:
        if not (question.key.isascii() and question.key.isprintable()):
            raise FreeholdError("the key is not one printable line", hint="`freehold keys create` makes one")
        headers.append((b"authorization", b"Bearer " + question.key.encode()))
    body = {
        "model": question.route,
        "messages": [{"role": "user", "content": question.text}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    timeouts = Timeouts(first_byte_seconds=_PATIENCE_SECONDS, between_bytes_seconds=_PATIENCE_SECONDS)
    path = f"{prefix}/v1/chat/completions"
    return Request(origin, "POST", path, tuple(headers), json.dumps(body).encode(), timeouts)


def _hear_head(hearing: Hearing, response: Response) -> None:
    def header(name: bytes) -> str | None:
        value = response.header(name)
        return None if value is None else value.decode("latin-1")

    hearing.status = response.status
    hearing.request_id = header(b"x-request-id")
    hearing.model = header(b"x-freehold-model")
    hearing.reason = header(b"x-freehold-reason")
    hearing.simulated = header(b"x-freehold-simulated") == "true"


async def _hear_stream(hearing: Hearing, response: Response, started: float) -> None:
    splitter = EventSplitter()
    whole = False
    async for piece in response.chunks():
        for event in splitter.feed(piece):
            data = data_of(event)
            if data == b"[DONE]":
                whole = True
            elif data:
                _hear_event(hearing, data, started)
    if not whole and hearing.error is None:
        hearing.error = "the answer was cut before its end"


def _hear_event(hearing: Hearing, data: bytes, started: float) -> None:
    event = json.loads(data)
    if event.get("error"):
        hearing.error = _error_message(data)
        return
    for choice in event.get("choices") or ():
        text = (choice.get("delta") or {}).get("content")
        if text:
            hearing.text += text
            if hearing.ttft_seconds is None:
                hearing.ttft_seconds = time.perf_counter() - started


def _error_message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return body[:500].decode("utf-8", "replace") or "an error without words"
