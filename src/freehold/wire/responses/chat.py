"""A Responses request as a chat request. Knows no I/O.

What stays behind, and why: `store` and `metadata` (they belong to the answer that is kept here, and OpenAI's
chat takes `metadata` only for what it stores itself), `truncation` (no chat model shortens its input: one
that is too long is an error), `include` and `max_tool_calls` (of hosted tools), `reasoning.summary`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from freehold.wire.errors import missing_parameter
from freehold.wire.responses.items import Item, read_turns, to_messages
from freehold.wire.responses.request import ResponseAsk


def to_chat(
    ask: ResponseAsk, history: Sequence[Item] | None = None, stored: Mapping[str, Item] | None = None
) -> bytes:
    """The body for `/chat/completions`.

    `history` holds the items before this request (inputs and outputs of the responses it continues, oldest
    first), `stored` other items that may be named by id. Raises `Refused` (400; 404 for an unknown id).
    """
    before = list(history or ())
    known_items = dict(stored or {}) | {
        item["id"]: item for item in before if isinstance(item.get("id"), str)
    }
    turns = [*read_turns(before, "previous_response_id"), *ask.turns]
    messages = to_messages(turns, known_items)
    if "instructions" in ask.known:
        messages.insert(0, {"role": "system", "content": ask.known["instructions"]})
    if not messages:
        raise missing_parameter("input")
    fields: dict[str, Any] = {"model": ask.model, "messages": messages, **ask.passed}
    fields |= _tools(ask) | _length_and_form(ask.known) | _logprobs(ask)
    if ask.stream:
        fields["stream"] = True
    return msgspec.json.encode(fields)


def _tools(ask: ResponseAsk) -> dict[str, Any]:
    if not ask.tools.chat:
        return {}  # the other two are refused by OpenAI's chat where there are no tools
    fields: dict[str, Any] = {"tools": ask.tools.chat}
    if ask.tools.chat_choice is not None:
        fields["tool_choice"] = ask.tools.chat_choice
    if "parallel_tool_calls" in ask.known:
        fields["parallel_tool_calls"] = ask.known["parallel_tool_calls"]
    return fields


def _length_and_form(known: Mapping[str, Any]) -> dict[str, Any]:
    text, effort = known.get("text", {}), known.get("reasoning", {}).get("effort")
    said = {
        "max_completion_tokens": known.get("max_output_tokens"),
        "reasoning_effort": effort,
        "verbosity": text.get("verbosity"),
        "response_format": _format(text.get("format")),
    }
    return {name: value for name, value in said.items() if value is not None}


def _format(format_: dict[str, Any] | None) -> dict[str, Any] | None:
    if format_ is None or format_["type"] == "text":
        return None
    if format_["type"] == "json_object":
        return {"type": "json_object"}
    schema = {name: value for name, value in format_.items() if name != "type" and value is not None}
    return {"type": "json_schema", "json_schema": schema}


def _logprobs(ask: ResponseAsk) -> dict[str, Any]:
    if not ask.wants_logprobs:
        return {}
    top = ask.known.get("top_logprobs")
    return {"logprobs": True} if top is None else {"logprobs": True, "top_logprobs": top}
