"""Chat and text completions of a simulated model, whole or as a stream, at its pace."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from typing import Any

import msgspec

from freehold.providers.stand_in.exchange import Exchange
from freehold.providers.stand_in.model import StandInModel
from freehold.providers.stand_in.schema import conforming
from freehold.providers.stand_in.ticket import triage
from freehold.providers.stand_in.tokens import pieces_of
from freehold.providers.stand_in.wish import Wish, read_wish
from freehold.providers.stand_in.words import key_terms, restated
from freehold.wire import DONE, Ask, Endpoint, event_of

# A timer may ring this much early; a piece is not worth a second wait for it.
_TIMER_GRAIN_SECONDS = 0.002
_TICKET_FIELDS = {"intent", "priority", "order_id"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer in pieces, and why it ended: `stop` or `length`."""

    pieces: list[str]
    finish_reason: str


async def answer(exchange: Exchange, ask: Ask, model: StandInModel, first_token_seconds: float) -> None:
    """Answer one request for text. Raises `Refused` (400) for what it does not take, `ClientGone`."""
    wish = read_wish(ask)
    choices = [_choice(wish, model, prompt) for prompt in wish.prompts for _ in range(wish.n)]
    form = _Form(ask, wish, choices)
    if ask.stream:
        await _stream(exchange, form, choices, first_token_seconds, model.tokens_per_second)
        return
    longest = max(len(choice.pieces) for choice in choices)
    await exchange.pause(first_token_seconds + max(longest - 1, 0) / model.tokens_per_second)
    await exchange.reply(200, form.whole())


def _choice(wish: Wish, model: StandInModel, prompt: str) -> Choice:
    text = _text(wish, model, prompt)
    ends = [at for stop in wish.stop if (at := text.find(stop)) >= 0]
    pieces = pieces_of(text[: min(ends)] if ends else text)
    if wish.max_tokens is not None and len(pieces) > wish.max_tokens:
        return Choice(pieces[: wish.max_tokens], "length")
    return Choice(pieces, "stop")


def _text(wish: Wish, model: StandInModel, prompt: str) -> str:
    schema = None if wish.shape is None else _schema(wish.shape)
    if model.plays == "ticket" and (schema is None or _is_ticket(schema)):
        return triage(prompt)
    if wish.shape is None:
        return restated(prompt, wish.messages)
    terms = key_terms(prompt)
    made = {"simulated": True, "key_terms": terms} if schema is None else conforming(schema, terms)
    return msgspec.json.encode(made).decode()


def _is_ticket(schema: dict[str, Any]) -> bool:
    properties = schema.get("properties")
    return isinstance(properties, dict) and properties.keys() == _TICKET_FIELDS


def _schema(shape: dict[str, Any]) -> dict[str, Any] | None:
    if shape["type"] == "json_object":
        return None
    schema = shape["json_schema"].get("schema", {})
    return schema if isinstance(schema, dict) else {}


async def _stream(
    exchange: Exchange, form: _Form, choices: list[Choice], first_token_seconds: float, per_second: float
) -> None:
    """Send each piece when it is due; what has become due meanwhile goes out together."""
    await exchange.pause(first_token_seconds)
    await exchange.begin_stream()
    await exchange.push(form.opening())
    clock = asyncio.get_running_loop().time
    began, sent, longest = clock(), 0, max(len(choice.pieces) for choice in choices)
    while sent < longest:
        due = min(longest, 1 + int((clock() - began + _TIMER_GRAIN_SECONDS) * per_second))
        if due > sent:
            await exchange.push(form.pieces(sent, due))
            sent = due
        if sent < longest:
            await exchange.pause(began + sent / per_second - clock())
    await exchange.end_stream(form.closing())


class _Form:
    """The JSON around the pieces: OpenAI's chat or text completion, whole or in chunks."""

    def __init__(self, ask: Ask, wish: Wish, choices: list[Choice]) -> None:
        self._chat = ask.endpoint is Endpoint.CHAT
        self._choices = choices
        self._usage = _usage(wish, choices)
        self._usage_asked = ask.wants_usage
        self._head = {
            "id": f"{'chatcmpl' if self._chat else 'cmpl'}-simulated-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": f"{ask.model}-simulated",
            "system_fingerprint": "simulated",
        }
        # A stream's chunks differ in little, so what they share is encoded once.
        kind = "chat.completion.chunk" if self._chat else "text_completion"
        self._start = msgspec.json.encode({**self._head, "object": kind})[:-1] + b',"choices":['
        self._end = b'],"usage":null}' if self._usage_asked else b"]}"

    def whole(self) -> bytes:
        kind = "chat.completion" if self._chat else "text_completion"
        listed = [self._listed(index, choice) for index, choice in enumerate(self._choices)]
        return msgspec.json.encode({**self._head, "object": kind, "choices": listed, "usage": self._usage})

    def _listed(self, index: int, choice: Choice) -> dict[str, Any]:
        text = "".join(choice.pieces)
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        said: dict[str, Any] = {"message": message} if self._chat else {"text": text}
        return {"index": index, **said, "logprobs": None, "finish_reason": choice.finish_reason}

    def opening(self) -> bytes:
        """The role of each choice; a text completion has none and opens with nothing."""
        if not self._chat:
            return b""
        delta = b'{"role":"assistant","content":"","refusal":null}'
        return b"".join(self._chunk(index, delta) for index in range(len(self._choices)))

    def pieces(self, first: int, end: int) -> bytes:
        """Events with the pieces `first` to `end` of each choice that is still going."""
        return b"".join(
            self._chunk(index, self._said(choice.pieces[at]))
            for at in range(first, end)
            for index, choice in enumerate(self._choices)
            if at < len(choice.pieces)
        )

    def closing(self) -> bytes:
        ends = b"".join(
            self._chunk(index, b"{}" if self._chat else b'""', choice.finish_reason)
            for index, choice in enumerate(self._choices)
        )
        if not self._usage_asked:
            return ends + DONE
        usage = self._start + b'],"usage":' + msgspec.json.encode(self._usage) + b"}"
        return ends + event_of(usage) + DONE

    def _said(self, piece: str) -> bytes:
        text = msgspec.json.encode(piece)
        return b'{"content":%b}' % text if self._chat else text

    def _chunk(self, index: int, said: bytes, finish_reason: str | None = None) -> bytes:
        name = b"delta" if self._chat else b"text"
        reason = msgspec.json.encode(finish_reason)
        choice = b'{"index":%d,"%b":%b,"logprobs":null,"finish_reason":%b}' % (index, name, said, reason)
        return event_of(self._start + choice + self._end)


def _usage(wish: Wish, choices: list[Choice]) -> dict[str, Any]:
    made = sum(len(choice.pieces) for choice in choices)
    return {
        "prompt_tokens": wish.input_tokens,
        "completion_tokens": made,
        "total_tokens": wish.input_tokens + made,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
