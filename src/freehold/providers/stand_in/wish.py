"""What a request for text wants, checked. Refuses in OpenAI's words what the stand-in cannot do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from freehold.errors import Refused
from freehold.providers.stand_in.tokens import count
from freehold.wire import Ask, Endpoint, invalid_type

_MOST_CHOICES = 128
_MOST_STOPS = 4
# What OpenAI's guide gives as the overhead of a chat message and of the reply's opening.
_TOKENS_PER_MESSAGE = 4
_TOKENS_PER_REPLY = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """`prompts` has one text for each answer's content; each is answered `n` times."""

    prompts: tuple[str, ...]
    messages: int
    input_tokens: int
    n: int
    stop: tuple[str, ...]
    max_tokens: int | None
    shape: dict[str, Any] | None  # `response_format`, where it asks for JSON

    @property
    def choices(self) -> int:
        return len(self.prompts) * self.n


def read_wish(ask: Ask) -> Wish:
    """Raises `Refused` (400) for a bad value, or for something that a stand-in cannot do."""
    _refuse_what_we_cannot_do(ask)
    if ask.has("stream_options") and not ask.stream:
        raise _bad(
            "stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        )
    prompts = (ask.text(),) if ask.endpoint is Endpoint.CHAT else _prompts(ask.value("prompt"))
    messages = ask.value("messages") if ask.endpoint is Endpoint.CHAT else []
    wish = Wish(
        prompts=prompts,
        messages=len(messages),
        input_tokens=_chat_tokens(messages) if messages else sum(count(prompt) for prompt in prompts),
        n=_whole(ask, "n") or 1,
        stop=_stop(ask),
        max_tokens=_whole(ask, "max_completion_tokens") or _whole(ask, "max_tokens"),
        shape=_shape(ask),
    )
    if wish.choices > _MOST_CHOICES:
        raise _bad("n", f"At most {_MOST_CHOICES} choices can be made, {wish.choices} were asked for.")
    return wish


def _bad(name: str, message: str, code: str = "invalid_value") -> Refused:
    return Refused(400, message, code=code, param=name)


def _refuse_what_we_cannot_do(ask: Ask) -> None:
    for need in sorted(ask.needs & {"audio", "grammar", "images", "logprobs"}):
        raise _unsupported(need, need)
    for name in ("echo", "suffix", "best_of", "top_logprobs"):
        if ask.has(name) and ask.value(name) not in (False, 0, 1, ""):
            raise _unsupported(name, name)
    choice = ask.value("tool_choice")
    if choice == "required" or isinstance(choice, dict):
        raise _unsupported("tool_choice", "calling a tool")


def _unsupported(name: str, what: str) -> Refused:
    message = f"This is a simulated model: it does not support {what}."
    return _bad(name, message, "unsupported_parameter")


def _prompts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if value and all(isinstance(prompt, str) for prompt in value):
        return tuple(value)
    raise invalid_type("prompt", "a string or an array of strings (a simulated model has no token ids)")


def _chat_tokens(messages: list[Any]) -> int:
    return _TOKENS_PER_REPLY + sum(_TOKENS_PER_MESSAGE + _content_tokens(message) for message in messages)


def _content_tokens(message: Any) -> int:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return count(content)
    if not isinstance(content, list):
        return 0
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return sum(count(text) for text in texts if isinstance(text, str))


def _whole(ask: Ask, name: str) -> int | None:
    value = ask.value(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_type(name, "an integer")
    if value < 1:
        message = f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {value}."
        raise _bad(name, message, "integer_below_min_value")
    return value


def _stop(ask: Ask) -> tuple[str, ...]:
    value = ask.value("stop")
    stops = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        raise invalid_type("stop", "a string or an array of strings")
    if len(stops) > _MOST_STOPS:
        raise _bad("stop", f"At most {_MOST_STOPS} stop sequences can be given.")
    return tuple(stop for stop in stops if stop)


def _shape(ask: Ask) -> dict[str, Any] | None:
    value = ask.value("response_format")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid_type("response_format", "an object")
    if value.get("type") == "text":
        return None
    if value.get("type") == "json_object":
        return value
    described = value.get("json_schema")
    if value.get("type") == "json_schema" and isinstance(described, dict):
        return value
    raise invalid_type("response_format", 'an object of type "text", "json_object" or "json_schema"')
