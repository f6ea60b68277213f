"""What a chat model said: the few fields of its answer, or of one chunk of it, that a Response needs.

Lenient where hosts differ (reasoning has three names; arguments come as text or as an object), strict where a
field would be lost: what cannot be read is an `UpstreamError`. Knows no I/O.
"""

from __future__ import annotations

from typing import Any

import msgspec

from freehold.errors import UpstreamError


class Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class ToolCall(msgspec.Struct):
    """One call, or a piece of one."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None


class TopLogprob(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None


class Logprob(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None
    top_logprobs: list[TopLogprob] | None = None


class Logprobs(msgspec.Struct):
    content: list[Logprob] | None = None


class Message(msgspec.Struct):
    """A message or a delta."""

    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    reasoning_content: Any = None  # DeepSeek, vLLM, SGLang, llama.cpp
    reasoning: Any = None  # OpenRouter, Groq, Ollama

    def texts(self) -> tuple[str, str]:
        """What it thought and what it said."""
        thought = self.reasoning_content if isinstance(self.reasoning_content, str) else self.reasoning
        thought = thought if isinstance(thought, str) else ""
        if not isinstance(self.content, list):
            return thought, self.content or ""
        parts = [_part(part) for part in self.content]
        return thought + "".join(first for first, _ in parts), "".join(second for _, second in parts)


def _part(part: dict[str, Any]) -> tuple[str, str]:
    """Mistral's reasoning models answer in parts: `thinking`, which holds texts, and `text`."""
    thinking, text = part.get("thinking"), part.get("text")
    if isinstance(thinking, list):
        texts = [inner.get("text") for inner in thinking if isinstance(inner, dict)]
        return "".join(text for text in texts if isinstance(text, str)), ""
    return "", text if isinstance(text, str) else ""


class Choice(msgspec.Struct):
    index: int = 0
    message: Message | None = None
    delta: Message | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None

    @property
    def said(self) -> Message:
        return self.message or self.delta or Message()


class Chat(msgspec.Struct):
    """A `chat.completion` or a chunk of one. `error` is what a host reports with status 200."""

    model: str | None = None
    choices: list[Choice] | None = None
    usage: Any = None
    service_tier: str | None = None
    error: Any = None

    def first(self) -> Choice | None:
        """The choice with index 0: a Response has no other."""
        return next((choice for choice in self.choices or () if choice.index == 0), None)


_chats = msgspec.json.Decoder(Chat)


def read_chat(data: bytes) -> Chat:
    """Raises `UpstreamError` where `data` is not a chat answer or chunk, or says that something failed."""
    try:
        chat = _chats.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise malformed(f"not a chat answer: {error}") from error
    choice = chat.first()
    if chat.error is not None or (choice is not None and choice.finish_reason == "error"):
        raise UpstreamError(_error_message(chat.error))
    return chat


def malformed(why: str) -> UpstreamError:
    return UpstreamError(f"The model's server sent {why}.", code="upstream_malformed")


def _error_message(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    said = message if isinstance(message, str) else "it gave no reason"
    return f"The model's server broke off with an error: {said[:500]}"
