"""Checks of JSON values, refused in OpenAI's words. Knows no field by name and no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from freehold.errors import Refused
from freehold.wire.errors import invalid_type, missing_parameter

_DEEPEST = 256  # far beyond any schema or conversation; a tower of brackets must not exhaust the stack


def kind_of(value: Any) -> str:
    """What a JSON value is, with its article, as OpenAI's messages name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    names = {int: "an integer", float: "a decimal", str: "a string", list: "an array", dict: "an object"}
    return names[type(value)]


def wrong_type(path: str, expected: str, value: Any) -> Refused:
    return invalid_type(path, f"{expected}, but got {kind_of(value)} instead")


def refused(message: str, path: str | None, code: str | None = None) -> Refused:
    """400 with the path of the field at fault."""
    return Refused(400, message, code=code, param=path)


def unsupported(message: str, path: str) -> Refused:
    """400 for what OpenAI has and a model that only speaks chat has not."""
    return refused(message, path, "unsupported_value")


def wrong_value(path: str, value: str, supported: Iterable[str]) -> Refused:
    *others, last = [f"'{name}'" for name in supported]
    listed = f"{', '.join(others)}{',' if len(others) > 1 else ''} and {last}" if others else last
    return refused(f"Invalid value: '{value[:200]}'. Supported values are: {listed}.", path, "invalid_value")


def string(path: str, value: Any, longest: int | None = None) -> str:
    if not isinstance(value, str):
        raise wrong_type(path, "a string", value)
    if longest is not None and len(value) > longest:
        raise refused(
            f"Invalid '{path}': string too long. Expected a string with maximum length {longest}, but got a"
            f" string with length {len(value)} instead.",
            path,
            "string_above_max_length",
        )
    return value


def one_of(path: str, value: Any, supported: Sequence[str]) -> str:
    if string(path, value) not in supported:
        raise wrong_value(path, value, supported)
    return str(value)


def boolean(path: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)
    return value


def integer(path: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(path, "an integer", value)
    _check_range(path, "integer", value, least, most)
    return value


def number(path: str, value: Any, least: float | None = None, most: float | None = None) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(path, "a decimal", value)
    _check_range(path, "decimal", value, least, most)
    return value


def _check_range(path: str, kind: str, value: float, least: float | None, most: float | None) -> None:
    if least is not None and value < least:
        side, sign, bound, code = "below minimum", ">=", least, "below_min_value"
    elif most is not None and value > most:
        side, sign, bound, code = "above maximum", "<=", most, "above_max_value"
    else:
        return
    said = f"{side} value. Expected a value {sign} {bound}, but got {str(value)[:40]} instead."
    raise refused(f"Invalid '{path}': {kind} {said}", path, f"{kind}_{code}")


def mapping(path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    return value


def array(path: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_type(path, "an array", value)
    return value


def required(fields: dict[str, Any], name: str, path: str) -> Any:
    """The value of `fields[name]`, where `path` is that of `fields`. Refused where it is not there."""
    if name not in fields:
        raise missing_parameter(f"{path}.{name}")
    return fields[name]


def check_depth(path: str, value: Any) -> None:
    """Refuses what is nested so deep that writing it again could exhaust the stack. Does not recurse."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise refused(
        f"Invalid '{path}': nested more than {_DEEPEST} levels deep.", path, "nesting_above_max_depth"
    )


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
