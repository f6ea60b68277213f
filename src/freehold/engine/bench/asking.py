"""One question and its answer as it comes, with the moments that matter. Does not know how many are asked."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from freehold.egress import Client, Response
from freehold.engine.bench.endpoint import Endpoint
from freehold.errors import UpstreamError
from freehold.privacy import Label, clear
from freehold.wire import EventSplitter, EventTooLong, data_of, read_answer

_ERROR_BYTES: Final = 1 << 20
_WORDS: Final = ("content", "reasoning_content", "reasoning", "text")


@dataclass(slots=True)
class Sample:
    """One answer. Seconds are as seen from here; None is unknown, an error leaves them so.

    `output_tokens` are as reported, or else the events that held text (`is_counted`): then a few more or
    fewer than tokens.
    """

    ttft_seconds: float | None = None
    seconds: float | None = None
    last_text_seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    is_counted: bool = False
    is_simulated: bool = False
    served_by: str | None = None
    error: str | None = None
    events: int = 0

    @property
    def good(self) -> bool:
        return self.error is None and self.seconds is not None

    @property
    def tpot_seconds(self) -> float | None:
        """Time for each token after the first; None where there is no second one."""
        if self.ttft_seconds is None or self.last_text_seconds is None or not self.output_tokens:
            return None
        if self.output_tokens < 2 or self.events < 2:
            return None
        return (self.last_text_seconds - self.ttft_seconds) / (self.output_tokens - 1)


async def ask(client: Client, endpoint: Endpoint, text: str, output_tokens: int, seconds: float) -> Sample:
    """Ask once and listen to the end. What fails is told in the sample."""
    sample = Sample()
    began = time.perf_counter()
    # What is sent is made up here, and nobody's.
    request = endpoint.request(text, output_tokens, seconds)
    permit = clear(Label.PUBLIC, Label.PUBLIC, endpoint.origin.text, policy="bench", body=request.body)
    try:
        response = await client.send(permit, request)
        if response.status == 200:
            _hear_head(sample, response)
            await _listen(sample, response, began)
        else:
            sample.error = _error_message(response.status, await response.read(_ERROR_BYTES))
    except UpstreamError as error:
        sample.error = error.message
    except EventTooLong as error:
        sample.error = str(error)
    if sample.error is None:
        sample.seconds = time.perf_counter() - began
    elif endpoint.key:
        sample.error = sample.error.replace(endpoint.key, "[the key]")
    return sample


def _hear_head(sample: Sample, response: Response) -> None:
    sample.is_simulated = response.header(b"x-freehold-simulated") == b"true"
    model = response.header(b"x-freehold-model")
    sample.served_by = None if model is None else model.decode("latin-1")


async def _listen(sample: Sample, response: Response, began: float) -> None:
    splitter, whole = EventSplitter(), False
    async for piece in response.chunks():
        now = time.perf_counter() - began
        for event in splitter.feed(piece):
            data = data_of(event)
            if data == b"[DONE]":
                whole = True
            elif data:
                _hear(sample, data, now)
    if sample.error is None and not whole:
        sample.error = "the answer was cut before its end"
    if sample.output_tokens is None:
        sample.output_tokens, sample.is_counted = sample.events, True


def _hear(sample: Sample, data: bytes, now: float) -> None:
    try:
        event: Any = json.loads(data)
        usage = read_answer(data)[1]
    except ValueError:
        sample.error = "an event of the stream is not JSON"
        return
    if not isinstance(event, dict) or event.get("error"):
        sample.error = _error_message(200, data)
        return
    if usage is not None:
        sample.input_tokens, sample.output_tokens = usage.input_tokens, usage.output_tokens
    if any(_has_text(choice) for choice in event.get("choices") or ()):
        sample.events += 1
        sample.last_text_seconds = now
        if sample.ttft_seconds is None:
            sample.ttft_seconds = now


def _has_text(choice: Any) -> bool:
    said = choice.get("delta") if isinstance(choice, dict) else None
    return isinstance(said, dict) and any(said.get(key) for key in _WORDS)


def _error_message(status: int, body: bytes) -> str:
    """The endpoint's own words, on one line."""
    try:
        message = str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        message = body[:200].decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else " " for letter in message).strip()
    return f"{status}: {shown or 'an error without words'}"[:500]
