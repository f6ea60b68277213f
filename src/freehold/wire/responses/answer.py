"""A Response as a whole: what the client asked, repeated, and what the model gave. Knows no I/O, no clock.

Shape: OpenAI's API reference, `Response`. Where it has no null for what is not known (usage), the field is
left out: an unknown number of tokens is not 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from freehold.errors import FreeholdError, Refused
from freehold.wire.errors import describe
from freehold.wire.responses.output import Output
from freehold.wire.responses.request import ResponseAsk
from freehold.wire.responses.said import malformed, read_chat
from freehold.wire.usage import Usage

_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"})
# Of chat's reasons to stop, those that leave an answer incomplete.
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stays the same from a Response's first event to its last. `created_at` is in Unix seconds."""

    ask: ResponseAsk
    id: str
    created_at: float
    previous_response_id: str | None
    store: bool

    def output(self) -> Output:
        """An empty output whose items have ids of this Response."""
        return Output(self.id.removeprefix("resp_"), wants_logprobs=self.ask.wants_logprobs)

    def response(
        self, status: str, output: list[dict[str, Any]], model: str | None, **more: Any
    ) -> dict[str, Any]:
        """The Response with this `status`; `more` replaces fields that begin as null."""
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created_at,
            "status": status,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "model": model or self.ask.model,
            "output": output,
            "previous_response_id": self.previous_response_id,
            "store": self.store,
            **_echo(self.ask),
            **more,
        }


def _echo(ask: ResponseAsk) -> dict[str, Any]:
    known = ask.known
    reasoning = known.get("reasoning", {})
    echoed = {
        "background": False,
        "instructions": known.get("instructions"),
        "max_output_tokens": known.get("max_output_tokens"),
        "max_tool_calls": known.get("max_tool_calls"),
        "metadata": known.get("metadata", {}),
        "parallel_tool_calls": known.get("parallel_tool_calls", True),
        "prompt_cache_key": known.get("prompt_cache_key"),
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "safety_identifier": known.get("safety_identifier"),
        "service_tier": None,
        # Null where the client left it to the model: only the model knows what it uses then.
        "temperature": known.get("temperature"),
        "text": _text(known.get("text", {})),
        "tool_choice": ask.tools.choice,
        "tools": ask.tools.listed,
        "top_logprobs": known.get("top_logprobs"),
        "top_p": known.get("top_p"),
        "truncation": "disabled",
    }
    return echoed | ({"user": known["user"]} if "user" in known else {})


def _text(text: dict[str, Any]) -> dict[str, Any]:
    format_ = text.get("format") or {"type": "text"}
    shown = {"format": {name: value for name, value in format_.items() if value is not None}}
    return shown if text.get("verbosity") is None else shown | {"verbosity": text["verbosity"]}


class _PromptDetails(msgspec.Struct):
    # OpenAI's document gives 0 as the default of these three in a chat's usage.
    cached_tokens: int | None = 0
    cache_write_tokens: int | None = 0


class _CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = 0


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None


def usage_of(chat_usage: Any) -> dict[str, Any] | None:
    """A chat's usage as a Response's. `None` where none was reported, or in a shape that we do not know."""
    try:
        usage = msgspec.convert(chat_usage, _Usage)
    except msgspec.ValidationError:
        return None
    prompt = usage.prompt_tokens_details or _PromptDetails()
    completion = usage.completion_tokens_details or _CompletionDetails()
    return _usage(
        usage.prompt_tokens,
        usage.completion_tokens,
        prompt.cached_tokens,
        prompt.cache_write_tokens,
        completion.reasoning_tokens,
    )


def usage_from(usage: Usage) -> dict[str, Any]:
    return _usage(usage.input_tokens, usage.output_tokens, usage.cached_tokens, None, usage.reasoning_tokens)


def _usage(
    input_: int, output: int, cached: int | None, written: int | None, reasoning: int | None
) -> dict[str, Any]:
    return {
        "input_tokens": input_,
        "input_tokens_details": {"cached_tokens": cached or 0, "cache_write_tokens": written or 0},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": reasoning or 0},
        "total_tokens": input_ + output,
    }


def ending(finish_reason: str | None) -> tuple[str, dict[str, str] | None]:
    """`status` and `incomplete_details` by a chat's `finish_reason`."""
    reason = _INCOMPLETE.get(finish_reason or "stop")
    return ("completed", None) if reason is None else ("incomplete", {"reason": reason})


def tier_of(tier: str | None) -> str | None:
    """The tier that served the answer, where it is one that a Response may name."""
    return tier if tier in _TIERS else None


def failure_of(error: FreeholdError) -> tuple[dict[str, Any], dict[str, str]]:
    """OpenAI's error object for `error`, and the shorter one that a failed Response holds."""
    status, body = describe(error)
    shown: dict[str, Any] = msgspec.json.decode(body)["error"]
    if status == 429:
        code = "rate_limit_exceeded"
    else:
        code = "invalid_prompt" if isinstance(error, Refused) else "server_error"
    return shown, {"code": code, "message": str(shown["message"])}


def to_response(
    chat_answer: bytes,
    ask: ResponseAsk,
    *,
    id: str,  # noqa: A002 - the field's own name
    created_at: float,
    previous_response_id: str | None,
    store: bool,
    completed_at: float | None = None,
) -> bytes:
    """A chat model's whole answer as a Response. Raises `UpstreamError` where it is not a chat answer."""
    envelope = Envelope(ask, id, created_at, previous_response_id, store)
    chat = read_chat(chat_answer)
    choice = chat.first()
    if choice is None or choice.message is None:
        raise malformed("an answer without a message")
    output = envelope.output()
    status, incomplete = ending(choice.finish_reason)
    output.take(choice)
    output.close(status)
    usage = usage_of(chat.usage)
    response = envelope.response(
        status,
        output.shapes(),
        chat.model,
        incomplete_details=incomplete,
        completed_at=completed_at if status == "completed" else None,
        service_tier=tier_of(chat.service_tier),
        **({} if usage is None else {"usage": usage}),
    )
    return msgspec.json.encode(response)
