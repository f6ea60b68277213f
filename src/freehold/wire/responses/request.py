"""A Responses request, checked as OpenAI checks it. What we do not know is kept for the model as it was sent.

Source of fields, types and bounds: OpenAI's API reference, `CreateResponse`. Knows no I/O and no models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from freehold.wire.errors import invalid_type, missing_parameter, unparseable_body
from freehold.wire.responses.checks import (
    array,
    boolean,
    check_depth,
    integer,
    mapping,
    number,
    one_of,
    refused,
    required,
    string,
    unsupported,
    wrong_value,
)
from freehold.wire.responses.items import Item, Reference, Turn, as_items, read_turns
from freehold.wire.responses.tools import Tools, read_tools

_LOGPROBS = "message.output_text.logprobs"
_INCLUDES = (
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    _LOGPROBS,
)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_SUMMARIES = ("auto", "concise", "detailed")
_VERBOSITIES = ("low", "medium", "high")
_TIERS = ("auto", "default", "flex", "scale", "priority", "fast")  # chat's; `ultrafast` is not among them
_FORMATS = ("text", "json_schema", "json_object")

# Chat's names for what a Responses request says elsewhere; an old client learns where to say it.
_MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
    "functions": "tools",
    "function_call": "tool_choice",
    "logprobs": "include",
}
# OpenAI keeps state or runs programs for these; a model that only speaks chat has nobody who does.
_NOT_HERE = {
    "conversation": "conversations are not kept here. Use 'previous_response_id', or send the earlier items"
    " in 'input'.",
    "prompt": "prompt templates are not kept here. Send 'instructions' and 'input'.",
    "context_management": "nothing is compacted here. Send a shorter 'input'.",
}


@dataclass(frozen=True, slots=True)
class ResponseAsk:
    """One request, ready to be said to a chat model.

    `items` is the input as items, `turns` the same as messages of a chat, `known` the other fields that we
    read (those that are there and not null), `passed` the fields that go to the model as they were sent.
    """

    model: str
    stream: bool
    store: bool
    previous_response_id: str | None
    items: tuple[Item, ...]
    turns: tuple[Turn, ...]
    tools: Tools
    known: Mapping[str, Any]
    passed: Mapping[str, msgspec.Raw]

    @property
    def references(self) -> tuple[str, ...]:
        """Ids of stored items that the input names; whoever stores items can look them up."""
        return tuple(turn.id for turn in self.turns if isinstance(turn, Reference))

    @property
    def wants_logprobs(self) -> bool:
        top: int = self.known.get("top_logprobs", 0)
        return top > 0 or _LOGPROBS in self.known.get("include", ())


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_response_ask(body: bytes) -> ResponseAsk:
    """Raises `Refused` (400) in OpenAI's words where `body` cannot be put to a chat model."""
    raw = _raw_fields(body)
    known = {name: _value(name, raw[name]) for name in raw.keys() & _CHECKS.keys()}
    if known.get("model") is None:
        raise missing_parameter("model")
    known = {name: value for name, value in known.items() if value is not None}
    for name in known:
        check_depth(name, known[name])
        _CHECKS[name](name, known[name])
    _check_together(known)
    items = as_items(known["input"]) if "input" in known else []
    return ResponseAsk(
        known["model"],
        known.get("stream", False),
        known.get("store", True),
        known.get("previous_response_id"),
        tuple(items),
        tuple(read_turns(items, "input")),
        read_tools(known.get("tools"), known.get("tool_choice")),
        known,
        {name: value for name, value in raw.items() if name not in _OURS and bytes(value) != b"null"},
    )


def _raw_fields(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        if not body.isascii():
            body.decode()
        raw = _fields.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_type("body", "a JSON object") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unparseable_body() from error
    for name in raw.keys() & _MOVED.keys():
        raise refused(
            f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to"
            f" '{_MOVED[name]}'. Try again with the new parameter.",
            name,
            "unsupported_parameter",
        )
    return raw


def _value(name: str, raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        raise refused(f"Invalid '{name}': {str(error).lower()}.", name, "invalid_value") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise unparseable_body() from error


def _check_together(known: Mapping[str, Any]) -> None:
    for name, why in _NOT_HERE.items():
        if name in known:
            raise unsupported(f"'{name}' is not supported: {why}", name)
    if known.get("background", False):
        raise unsupported(
            "'background' is not supported: an answer here lives as long as its request. Use 'stream' for"
            " long answers.",
            "background",
        )
    if "input" not in known and "previous_response_id" not in known:
        raise missing_parameter("input")
    if "stream_options" in known and not known.get("stream", False):
        raise refused(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options"
        )


def _check_metadata(path: str, value: Any) -> None:
    for key, text in mapping(path, value).items():
        string(f"{path}.{key[:64]}", text)


def _check_include(path: str, value: Any) -> None:
    for index, name in enumerate(array(path, value)):
        one_of(f"{path}[{index}]", name, _INCLUDES)


def _check_reasoning(path: str, value: Any) -> None:
    reasoning = mapping(path, value)
    for name, supported in (
        ("effort", _EFFORTS),
        ("summary", _SUMMARIES),
        ("generate_summary", _SUMMARIES),
        ("context", ("auto", "current_turn", "all_turns")),
    ):
        if reasoning.get(name) is not None:
            one_of(f"{path}.{name}", reasoning[name], supported)


def _check_stream_options(path: str, value: Any) -> None:
    if mapping(path, value).get("include_obfuscation") is not None:
        boolean(f"{path}.include_obfuscation", value["include_obfuscation"])


def _check_text(path: str, value: Any) -> None:
    text = mapping(path, value)
    if text.get("verbosity") is not None:
        one_of(f"{path}.verbosity", text["verbosity"], _VERBOSITIES)
    if text.get("format") is not None:
        _check_format(f"{path}.format", text["format"])


def _check_format(path: str, value: Any) -> None:
    type_ = string(f"{path}.type", required(mapping(path, value), "type", path))
    if type_ not in _FORMATS:
        raise wrong_value(f"{path}.type", type_, _FORMATS)
    if type_ != "json_schema":
        return
    string(f"{path}.name", required(value, "name", path), 64)
    mapping(f"{path}.schema", required(value, "schema", path))
    if value.get("strict") is not None:
        boolean(f"{path}.strict", value["strict"])
    if value.get("description") is not None:
        string(f"{path}.description", value["description"])


def _nothing(path: str, value: Any) -> None:
    """Checked where it is translated, or refused whatever it is."""


# Every field of `CreateResponse` that we read; the rest passes unread.
_CHECKS: Mapping[str, Callable[[str, Any], object]] = {
    "model": string,
    "input": _nothing,
    "instructions": string,
    "tools": _nothing,
    "tool_choice": _nothing,
    "parallel_tool_calls": boolean,
    "text": _check_text,
    "reasoning": _check_reasoning,
    "max_output_tokens": partial(integer, least=16),
    "max_tool_calls": integer,
    "temperature": partial(number, least=0, most=2),
    "top_p": partial(number, least=0, most=1),
    "top_logprobs": partial(integer, least=0, most=20),
    "include": _check_include,
    "metadata": _check_metadata,
    "store": boolean,
    "stream": boolean,
    "stream_options": _check_stream_options,
    "truncation": partial(one_of, supported=("auto", "disabled")),
    "previous_response_id": string,
    "background": boolean,
    "service_tier": partial(one_of, supported=_TIERS),
    "user": string,
    "safety_identifier": partial(string, longest=64),
    "prompt_cache_key": string,
    "prompt_cache_retention": partial(one_of, supported=("in_memory", "24h")),
    "prompt_cache_options": mapping,
    "moderation": mapping,
    **dict.fromkeys(_NOT_HERE, _nothing),
}
# Said to a chat model in the same words.
_SAME_IN_CHAT = frozenset(
    {
        "temperature", "top_p", "service_tier", "user", "safety_identifier", "prompt_cache_key",
        "prompt_cache_retention", "prompt_cache_options", "moderation",
    }
)  # fmt: skip
_OURS = _CHECKS.keys() - _SAME_IN_CHAT
