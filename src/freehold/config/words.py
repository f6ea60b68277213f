"""What pydantic found, in plain words with a hint.

Says what kind of value was there, never the value itself: that might be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from freehold.config.findings import Findings, did_you_mean, quoted
from freehold.config.lines import KeyPath
from freehold.config.section import Section

Said = tuple[str, str | None]


def report(error: ValidationError, path: KeyPath, section: type[Section], findings: Findings) -> None:
    """Write down each of pydantic's errors about the table at `path`."""
    for detail in error.errors(include_url=False):
        message, hint = _say(detail, _innermost(section, detail["loc"]))
        where = tuple(part for part in detail["loc"] if part != "[key]")
        findings.wrong(path + where, message, hint)


def _innermost(section: type[Section], path: tuple[int | str, ...]) -> type[Section]:
    """The table that a path leads into: that of the item, where a key holds a list of tables."""
    for part in path:
        field = section.model_fields.get(str(part))
        items = () if field is None else get_args(field.annotation)
        if items and isinstance(items[0], type) and issubclass(items[0], Section):
            section = items[0]
    return section


def kind_of(value: object) -> str:
    """What a TOML value is, for a person."""
    for type_, words in _KINDS.items():
        if isinstance(value, type_):
            return words
    return "a date or a time"


_KINDS: Mapping[type, str] = {  # `bool` before `int`, which it is too
    bool: "true or false",
    str: "text",
    int: "a whole number",
    Decimal: "a number with a fraction",
    float: "a number with a fraction",
    list: "a list",
    tuple: "a list",
    dict: "a table",
}


def _say(detail: ErrorDetails, section: type[Section]) -> Said:
    say = _SAYERS.get(detail["type"])
    if say is not None:
        return say(detail["input"], detail.get("ctx", {}))
    if detail["type"] == "extra_forbidden":
        return _unknown_key(str(detail["loc"][-1]), section.model_fields)
    if detail["type"] == "missing":
        return _missing(str(detail["loc"][-1]), section)
    return detail["msg"], None


def _unknown_key(key: str, known: Collection[str]) -> Said:
    return "there is no such key", did_you_mean(key, known)


def _missing(key: str, section: type[Section]) -> Said:
    examples = section.model_fields[key].examples or []
    return f"{key} is missing", f"such as {key} = {quoted(examples[0])}" if examples else None


def _wrong_kind(wanted: str) -> Callable[[object, dict[str, Any]], Said]:
    def say(value: object, _: dict[str, Any]) -> Said:
        return f"takes {wanted}, and this is {kind_of(value)}", _unquoted(value, wanted)

    return say


def _unquoted(value: object, wanted: str) -> str | None:
    if wanted == "text":
        return "put it in quotes"
    looks_numeric = isinstance(value, str) and value.isascii() and value.replace(".", "", 1).isdigit()
    looks_boolean = isinstance(value, str) and value.lower() in {"true", "false"}
    if (looks_numeric and "number" in wanted) or (looks_boolean and wanted == "true or false"):
        return "write it without quotes"
    return None


def _one_of(value: object, context: dict[str, Any]) -> Said:
    options = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
    message = f"takes one of {', '.join(options)}"
    if not isinstance(value, str):
        return f"{message}, and this is {kind_of(value)}", None
    hint = did_you_mean(value, options)
    return message, hint if hint is not None and hint.startswith("did") else None


def _bound(words: str, name: str) -> Callable[[object, dict[str, Any]], Said]:
    return lambda _, context: (f"must be {words} {context[name]}", None)


def _own_words(_: object, context: dict[str, Any]) -> Said:
    return str(context["error"]), None


_SAYERS: Mapping[str, Callable[[object, dict[str, Any]], Said]] = {
    "string_type": _wrong_kind("text"),
    "path_type": _wrong_kind("text"),
    "int_type": _wrong_kind("a whole number"),
    "int_from_float": _wrong_kind("a whole number"),
    "float_type": _wrong_kind("a number"),
    "decimal_type": _wrong_kind("a number"),
    "bool_type": _wrong_kind("true or false"),
    "tuple_type": _wrong_kind("a list"),
    "model_type": _wrong_kind("a table"),
    "string_pattern_mismatch": lambda _value, _context: (
        "takes capitals, digits and _, such as PROJECT",
        None,
    ),
    "dict_type": _wrong_kind("a table"),
    "literal_error": _one_of,
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than_equal": _bound("at most", "le"),
    "less_than": _bound("less than", "lt"),
    "finite_number": lambda _value, _context: ("must be a finite number", None),
    "string_too_short": lambda _value, _context: ("must not be empty", None),
    "value_error": _own_words,
}


def unknown_word(word: str, kind: str, options: Collection[str]) -> Said:
    """`no model is called "lama"`, with the nearest name as a hint."""
    return f"no {kind} is called {quoted(word)}", did_you_mean(word, options)
