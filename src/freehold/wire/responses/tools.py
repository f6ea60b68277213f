"""Tools of a Responses request, and the same for chat. Only functions: hosted tools have nobody to run them.

Shapes: OpenAI's API reference, `FunctionTool` and `ToolChoiceParam` against `ChatCompletionTool` and
`ChatCompletionToolChoiceOption`. Knows no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from freehold.errors import Refused
from freehold.wire.responses.checks import (
    array,
    boolean,
    mapping,
    one_of,
    refused,
    required,
    string,
    unsupported,
    wrong_type,
    wrong_value,
)

_MODES = ("none", "auto", "required")
_CHOICES = (*_MODES, "function", "allowed_tools")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a request says about tools. `listed` as the answer repeats it, `choice` as it was sent.

    `chat` and `chat_choice` say the same to a chat model.
    """

    listed: tuple[dict[str, Any], ...]
    choice: Any
    chat: tuple[dict[str, Any], ...]
    chat_choice: Any


def read_tools(tools: Any, choice: Any) -> Tools:
    """Both fields checked; `None` where the client did not send one. Raises `Refused` (400)."""
    sent = [] if tools is None else array("tools", tools)
    functions = [_function(f"tools[{index}]", tool) for index, tool in enumerate(sent)]
    chat = tuple({"type": "function", "function": _in_chat(function)} for function in functions)
    names = [function["name"] for function in functions]
    if choice is None:
        return Tools(tuple(functions), "auto", chat, None)
    wanted, allowed = _choice(choice, names)
    if allowed is not None:
        chat = tuple(tool for tool, name in zip(chat, names, strict=True) if name in allowed)
    return Tools(tuple(functions), choice, chat, wanted)


def _function(path: str, tool: Any) -> dict[str, Any]:
    type_ = string(f"{path}.type", required(mapping(path, tool), "type", path))
    if type_ != "function":
        raise _hosted(type_, f"{path}.type")
    name = string(f"{path}.name", required(tool, "name", path))
    if not name:
        raise refused(f"Invalid '{path}.name': empty string.", f"{path}.name", "empty_string")
    parameters, strict = tool.get("parameters"), tool.get("strict")
    function = {
        "type": "function",
        "name": name,
        "parameters": None if parameters is None else mapping(f"{path}.parameters", parameters),
        # Chat's default. OpenAI makes a schema strict by rewriting it; nobody does that for a chat model.
        "strict": False if strict is None else boolean(f"{path}.strict", strict),
    }
    if tool.get("description") is not None:
        function["description"] = string(f"{path}.description", tool["description"])
    return function


def _in_chat(function: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in function.items() if name != "type" and value is not None}
    return kept if kept["strict"] else {name: kept[name] for name in kept if name != "strict"}


def _hosted(type_: str, path: str) -> Refused:
    return unsupported(
        f"Tool type '{type_[:100]}' is not supported: the models here speak chat and have no hosted or custom"
        " tools. Supported tool types are: 'function'.",
        path,
    )


def _choice(choice: Any, names: list[str]) -> tuple[Any, frozenset[str] | None]:
    """`tool_choice` in chat's words, and the names of the tools that stay (`None` for all)."""
    if isinstance(choice, str):
        _check_mode(one_of("tool_choice", choice, _MODES), names)
        return choice, None
    if not isinstance(choice, dict):
        raise wrong_type("tool_choice", "one of a string or an object", choice)
    type_ = string("tool_choice.type", required(choice, "type", "tool_choice"))
    if type_ == "function":
        name = _known(choice, "tool_choice", names)
        return {"type": "function", "function": {"name": name}}, None
    if type_ == "allowed_tools":
        return _allowed(choice, names)
    if type_ in _MODES:
        raise wrong_value("tool_choice.type", type_, _CHOICES[len(_MODES) :])
    raise _hosted(type_, "tool_choice.type")


def _allowed(choice: dict[str, Any], names: list[str]) -> tuple[str, frozenset[str]]:
    """Fewer tools say to every chat model what `allowed_tools` says to OpenAI's."""
    mode = one_of("tool_choice.mode", required(choice, "mode", "tool_choice"), _MODES[1:])
    tools = array("tool_choice.tools", required(choice, "tools", "tool_choice"))
    allowed = set()
    for index, tool in enumerate(tools):
        path = f"tool_choice.tools[{index}]"
        type_ = string(f"{path}.type", required(mapping(path, tool), "type", path))
        if type_ != "function":
            raise _hosted(type_, f"{path}.type")
        allowed.add(_known(tool, path, names))
    if not allowed:
        raise refused("Invalid 'tool_choice.tools': empty array.", "tool_choice.tools", "empty_array")
    return mode, frozenset(allowed)


def _check_mode(mode: str, names: list[str]) -> None:
    if mode == "required" and not names:
        raise refused(
            "Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice", "invalid_value"
        )


def _known(choice: dict[str, Any], path: str, names: list[str]) -> str:
    name = string(f"{path}.name", required(choice, "name", path))
    if name not in names:
        raise refused(
            f"Tool choice '{name[:100]}' not found in 'tools' parameter.", "tool_choice", "invalid_value"
        )
    return name
