"""Input items of a Responses request as messages of a chat.

Shapes: OpenAI's API reference, `InputItem` against `ChatCompletionRequestMessage`. Knows no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freehold.errors import Refused
from freehold.wire.errors import missing_parameter
from freehold.wire.responses.checks import (
    mapping,
    one_of,
    refused,
    required,
    string,
    unsupported,
    wrong_type,
    wrong_value,
)

Item = dict[str, Any]
Message = dict[str, Any]

_ROLES = ("assistant", "system", "developer", "user")
_DETAILS = ("low", "high", "auto", "original")
_PARTS = ("input_text", "input_image", "input_file")
_ITEM_TYPES = ("message", "function_call", "function_call_output", "reasoning", "item_reference")


@dataclass(frozen=True, slots=True)
class Reference:
    """An item that the client names by its id instead of sending it. `path` is where it stood."""

    id: str
    path: str


Turn = Message | Reference


def as_items(value: Any) -> list[Item]:
    """`input` as items: a string is one message of the user."""
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": value}]}]
    if not isinstance(value, list):
        raise wrong_type("input", "one of a string or array of objects", value)
    return [mapping(f"input[{index}]", item) for index, item in enumerate(value)]


def read_turns(items: Sequence[Item], path: str) -> list[Turn]:
    """The items as messages, in order, without reasoning. Raises `Refused` (400) with a fault's path."""
    turns = (_turn(item, f"{path}[{index}]") for index, item in enumerate(items))
    return [turn for turn in turns if turn is not None]


def _turn(item: Item, path: str) -> Turn | None:
    type_ = item.get("type")
    if type_ is None:
        if "role" in item:
            return _message(item, path)
        if set(item) == {"id"}:
            return Reference(string(f"{path}.id", item["id"]), path)
        raise missing_parameter(f"{path}.type")
    read = _READERS.get(string(f"{path}.type", type_))
    if read is not None:
        return read(item, path)
    if type_ == "reasoning":
        return None  # a chat model cannot be told what it thought
    if type_.endswith(("_call", "_call_output", "compaction", "_tools", "_request", "_response", "_output")):
        raise unsupported(
            f"Item type '{type_[:100]}' is not supported: the models here speak chat and have no hosted or"
            f" custom tools. Supported item types are: {', '.join(repr(name) for name in _ITEM_TYPES)}.",
            f"{path}.type",
        )
    raise wrong_value(f"{path}.type", type_, _ITEM_TYPES)


def _message(item: Item, path: str) -> Message:
    role = one_of(f"{path}.role", required(item, "role", path), _ROLES)
    content = required(item, "content", path)
    if isinstance(content, str):
        return {"role": role, "content": content}
    if not isinstance(content, list):
        raise wrong_type(f"{path}.content", "one of a string or array of objects", content)
    supported = (*_PARTS, "output_text", "refusal") if role == "assistant" else _PARTS
    parts = _parts(content, f"{path}.content", supported)
    if role != "user" and isinstance(parts, list) and any(part["type"] != "text" for part in parts):
        raise unsupported(
            f"'{path}.content' is not supported with images or files: in a chat only the user sends them.",
            f"{path}.content",
        )
    return {"role": role, "content": parts}


def _parts(content: list[Any], path: str, supported: Sequence[str]) -> Any:
    """One text stays a plain string, which every chat model takes; more parts stay parts."""
    parts = [
        _part(mapping(f"{path}[{n}]", part), f"{path}[{n}]", supported) for n, part in enumerate(content)
    ]
    if len(parts) == 1 and parts[0]["type"] == "text":
        return parts[0]["text"]
    return parts or ""


def _part(part: dict[str, Any], path: str, supported: Sequence[str]) -> dict[str, Any]:
    type_ = one_of(f"{path}.type", required(part, "type", path), supported)
    if type_ == "input_image":
        return _image(part, path)
    if type_ == "input_file":
        return _file(part, path)
    # A refusal goes back as the text it was: few chat models know a field for it.
    name = "refusal" if type_ == "refusal" else "text"
    return {"type": "text", "text": string(f"{path}.{name}", required(part, name, path))}


def _image(part: dict[str, Any], path: str) -> dict[str, Any]:
    if part.get("image_url") is None:
        if part.get("file_id") is not None:
            raise unsupported(
                f"'{path}.file_id' is not supported: no files are kept here. Send the image as 'image_url'"
                " (a URL or a data URL).",
                f"{path}.file_id",
            )
        raise missing_parameter(f"{path}.image_url")
    image = {"url": string(f"{path}.image_url", part["image_url"])}
    if part.get("detail") is not None:
        detail = one_of(f"{path}.detail", part["detail"], _DETAILS)
        image["detail"] = "high" if detail == "original" else detail  # chat's finest
    return {"type": "image_url", "image_url": image}


def _file(part: dict[str, Any], path: str) -> dict[str, Any]:
    if part.get("file_url") is not None:
        raise unsupported(
            f"'{path}.file_url' is not supported: nothing is fetched here. Send the file as 'file_data'.",
            f"{path}.file_url",
        )
    names = ("filename", "file_data", "file_id")
    file = {name: string(f"{path}.{name}", part[name]) for name in names if part.get(name) is not None}
    if "file_data" not in file and "file_id" not in file:
        raise missing_parameter(f"{path}.file_data")
    return {"type": "file", "file": file}


def _call(item: Item, path: str) -> Message:
    call_id, name, arguments = (
        string(f"{path}.{field}", required(item, field, path)) for field in ("call_id", "name", "arguments")
    )
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _call_output(item: Item, path: str) -> Message:
    call_id = string(f"{path}.call_id", required(item, "call_id", path))
    output = required(item, "output", path)
    if isinstance(output, list):
        parts = [part for part in output if isinstance(part, dict)]
        if any(part.get("type") in ("input_image", "input_file") for part in parts):
            raise unsupported(
                f"'{path}.output' is not supported with images or files: a chat's tools answer with text.",
                f"{path}.output",
            )
        output = _parts(output, f"{path}.output", ("input_text", "output_text"))
    elif not isinstance(output, str):
        raise wrong_type(f"{path}.output", "one of a string or array of objects", output)
    return {"role": "tool", "tool_call_id": call_id, "content": output}


def _reference(item: Item, path: str) -> Reference:
    return Reference(string(f"{path}.id", required(item, "id", path)), path)


_READERS: Mapping[str, Callable[[Item, str], Turn]] = {
    "message": _message,
    "function_call": _call,
    "function_call_output": _call_output,
    "item_reference": _reference,
}


def to_messages(turns: Iterable[Turn], known: Mapping[str, Item]) -> list[Message]:
    """One list of messages. References are looked up in `known` (items by id).

    What an assistant said and the calls it made then are one message in a chat. Raises `Refused` where a
    reference, or the call of an output, is nowhere, and where a call has no output.
    """
    messages: list[Message] = []
    open_calls: dict[str, bool] = {}  # id -> still without output
    for turn in turns:
        message = _resolved(turn, known) if isinstance(turn, Reference) else turn
        if message is None:
            continue
        if message["role"] == "tool":
            _answer_call(open_calls, message["tool_call_id"])
        for call in message.get("tool_calls", ()):
            open_calls[call["id"]] = True
        if not (messages and _joins(messages[-1], message)):
            messages.append(message)
            continue
        messages[-1] = _joined(messages[-1], message)
    for call_id, unanswered in open_calls.items():
        if unanswered:
            raise refused(f"No tool output found for function call {call_id[:100]}.", "input")
    return messages


def _resolved(reference: Reference, known: Mapping[str, Item]) -> Message | None:
    item = known.get(reference.id)
    if item is None:
        raise item_not_found(reference)
    turn = _turn(item, reference.path)
    return None if isinstance(turn, Reference) else turn


def item_not_found(reference: Reference) -> Refused:
    return Refused(
        404,
        f"Item with id '{reference.id[:100]}' not found. Items are not persisted when `store` is set to"
        " false: they are kept only by a route with `store = true`. Send the item itself instead.",
        param="input",
    )


def _answer_call(open_calls: dict[str, bool], call_id: str) -> None:
    if call_id not in open_calls:
        raise refused(f"No tool call found for function call output with call_id {call_id[:100]}.", "input")
    open_calls[call_id] = False


def _joins(before: Message, message: Message) -> bool:
    """Whether both are one turn of the assistant: text and calls, calls and calls, calls and text."""
    if before["role"] != "assistant" or message["role"] != "assistant":
        return False
    return "tool_calls" in message or ("tool_calls" in before and before["content"] is None)


def _joined(before: Message, message: Message) -> Message:
    joined = dict(before)
    if message["content"] is not None:
        joined["content"] = message["content"]
    calls = [*before.get("tool_calls", ()), *message.get("tool_calls", ())]
    return joined | {"tool_calls": calls}
