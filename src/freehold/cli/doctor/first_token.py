"""One tiny question of made-up text, and how long its first token takes. Costs a few tokens.

The question is public: nothing of anybody's is in it. Does not know what the answer means for a model.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from freehold.cli.doctor.clock import skew_seconds
from freehold.egress import Client, Response, Timeouts
from freehold.errors import UpstreamError
from freehold.privacy import Label, clear
from freehold.providers import Provider, Target
from freehold.wire import Ask, Endpoint, EventSplitter, data_of, read_ask

_MOST_TOKENS = 8
_LONGEST_ERROR_BYTES = 65_536
_LONGEST_ANSWER_BYTES = 4 << 20
# Newer OpenAI models refuse the old name of this bound and say the new one in their error.
_OLD_BOUND, _NEW_BOUND = "max_tokens", "max_completion_tokens"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer. `ttft_seconds` is `None` where no token came, or where the answer is not streamed.

    `skew_seconds`: how far our clock is ahead of theirs.
    """

    ttft_seconds: float | None
    seconds: float
    skew_seconds: float | None


def question(can: frozenset[str]) -> tuple[Endpoint, dict[str, Any]] | None:
    """What to ask a model that can this; `None` where nothing that it can is known here."""
    if "chat" in can:
        messages = [{"role": "user", "content": "Say ok."}]
        return Endpoint.CHAT, {"messages": messages, "stream": True, _OLD_BOUND: _MOST_TOKENS}
    if "completions" in can:
        return Endpoint.COMPLETIONS, {"prompt": "ok", "stream": True, _OLD_BOUND: _MOST_TOKENS}
    if "embeddings" in can:
        return Endpoint.EMBEDDINGS, {"input": "ok"}
    if "moderations" in can:
        return Endpoint.MODERATIONS, {"input": "ok"}
    return None


async def hear(
    client: Client, clearance: Label, provider: Provider, target: Target, timeouts: Timeouts
) -> Heard | None:
    """Ask `target`; `None` where there is nothing to ask it. Raises `UpstreamError`, without its key."""
    try:
        return await _hear(client, clearance, provider, target, timeouts)
    except UpstreamError as error:
        error.conceal(target.secret)
        raise


async def _hear(
    client: Client, clearance: Label, provider: Provider, target: Target, timeouts: Timeouts
) -> Heard | None:
    asked = question(target.can)
    if asked is None:
        return None
    endpoint, body = asked
    response, began = await _send(client, clearance, provider, target, _ask(endpoint, body, target), timeouts)
    if response.status == 400 and _OLD_BOUND in body:
        said = await response.read(_LONGEST_ERROR_BYTES)
        if _NEW_BOUND.encode() not in said:
            raise provider.failure(400, None, said)
        body[_NEW_BOUND] = body.pop(_OLD_BOUND)
        response, began = await _send(
            client, clearance, provider, target, _ask(endpoint, body, target), timeouts
        )
    if response.status != 200:
        raise provider.failure(response.status, None, await response.read(_LONGEST_ERROR_BYTES))
    skew = skew_seconds(response.header(b"date"), time.time())
    ttft: float | None = None
    if "stream" in body:
        ttft = await _first_token(response, began)
    else:
        await _read_whole(response)
    return Heard(ttft, time.perf_counter() - began, skew)


def _ask(endpoint: Endpoint, body: dict[str, Any], target: Target) -> Ask:
    return read_ask(endpoint, json.dumps({"model": target.model, **body}).encode())


async def _send(
    client: Client, clearance: Label, provider: Provider, target: Target, ask: Ask, timeouts: Timeouts
) -> tuple[Response, float]:
    began = time.perf_counter()
    request = provider.request(ask, target, timeouts)
    # The question is made up here, and nobody's.
    permit = clear(Label.PUBLIC, clearance, target.origin.text, policy="doctor", body=request.body)
    return await client.send(permit, request), began


async def _read_whole(response: Response) -> None:
    body = await response.read(_LONGEST_ANSWER_BYTES)
    if not isinstance(_decoded(body), dict):
        raise UpstreamError("It answered 200 with something that is not JSON.", code="upstream_malformed")


async def _first_token(response: Response, began: float) -> float | None:
    """Seconds from `began` until something was said; the answer is read to its end."""
    splitter = EventSplitter()
    first: float | None = None
    events = 0
    async for piece in response.chunks():
        for event in splitter.feed(piece):
            data = data_of(event)
            if not data or data == b"[DONE]":
                continue
            events += 1
            if _says_something(data) and first is None:
                first = time.perf_counter() - began
    if not events:
        raise UpstreamError("It answered 200 without a single event of a stream.", code="upstream_malformed")
    return first


def _says_something(data: bytes) -> bool:
    event = _decoded(data)
    if not isinstance(event, dict):
        raise UpstreamError("An event of its stream is not JSON.", code="upstream_malformed")
    if event.get("error"):
        raise UpstreamError(f"Its stream broke off: {_message(event['error'])}")
    choices = event.get("choices")
    return any(_token_of(choice) for choice in choices) if isinstance(choices, list) else False


def _token_of(choice: Any) -> bool:
    if not isinstance(choice, dict):
        return False
    delta = choice.get("delta")
    said = delta if isinstance(delta, dict) else choice
    return any(said.get(part) for part in ("content", "text", "reasoning_content", "reasoning", "tool_calls"))


def _message(error: Any) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
