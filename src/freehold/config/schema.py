"""The config as a JSON Schema, by which editors complete and check a `freehold.toml` while it is written.

Made of the definitions that the reader itself uses; rules that span several keys are the reader's alone.
Draft 7, without references, since editors of TOML know no more (https://taplo.tamasfe.dev).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from freehold.config.kinds import NAME
from freehold.config.private import AllowSettings, PatternSettings, PrivacySettings, TermSettings
from freehold.config.section import Section
from freehold.config.settings import (
    AuditSettings,
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
)
from freehold.config.telemetry import TelemetrySettings

Schema = dict[str, Any]

# Pydantic leaves the bounds of a type with a validator of its own in its own words.
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_DROPPED = ("title", "format", "default", "examples")
_AMOUNT = r"^[0-9.eE_+-]+$"  # an amount of money in quotes


def settings_schema(
    *, providers: Collection[str], policies: Collection[str], grammars: Collection[str]
) -> Schema:
    """The schema of the whole file, with the names that an installation knows as choices."""
    model = _section(ModelSettings, {"provider": providers})
    model["required"] = [
        name for name in model["required"] if name != "model"
    ]  # the table's name is its default
    route = _section(RouteSettings, {"policy": policies, "grammar": grammars})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "freehold.toml",
        "description": "The config of Freehold. `freehold check` knows the rules that span several keys.",
        "type": "object",
        "additionalProperties": False,
        "required": ["models"],
        "properties": {
            "server": _section(ServerSettings, {}),
            "ledger": _section(LedgerSettings, {}),
            "prices": _section(PriceSettings, {}),
            "audit": _section(AuditSettings, {}),
            "privacy": _privacy(),
            "telemetry": _section(TelemetrySettings, {}),
            "models": {**_tables(model, "The models, each under its name."), "minProperties": 1},
            "routes": _tables(route, "What applications ask for, each under its name."),
        },
    }


def _privacy() -> Schema:
    made = _section(PrivacySettings, {})
    for name, part in (("terms", TermSettings), ("patterns", PatternSettings), ("allow", AllowSettings)):
        item = _section(part, {})
        if name == "patterns":
            listed: Schema = {"type": "array", "items": item}
        else:
            text = {"type": "string", "minLength": 1}
            listed = {"anyOf": [text, {"type": "array", "items": {"anyOf": [text, item]}}]}
        made["properties"][name] = {"description": made["properties"][name]["description"], **listed}
    return made


def _tables(section: Schema, description: str) -> Schema:
    return {
        "description": description,
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": section,
    }


def _section(section: type[Section], choices: dict[str, Collection[str]]) -> Schema:
    made = section.model_json_schema()
    about = (section.__doc__ or "").split(": ", 1)[-1]
    return {
        "description": about[:1].upper() + about[1:],
        "type": "object",
        "additionalProperties": False,
        "required": made.get("required", []),
        "properties": {
            name: _key(section, name, key, choices.get(name)) for name, key in made["properties"].items()
        },
    }


def _key(section: type[Section], name: str, made: Schema, choices: Collection[str] | None) -> Schema:
    key = _plain(made)
    if choices is not None:
        key["enum"] = sorted(choices)
    field = section.model_fields[name]
    if isinstance(field.json_schema_extra, dict):  # it depends on other keys, and is told in words
        key["description"] = f"{field.description} Default: {field.json_schema_extra['default']}."
    elif made.get("default") not in (None, []):
        key["default"] = made["default"]
    return key


def _plain(made: Schema) -> Schema:
    """A value's schema in the words of the draft, without the null that TOML does not have."""
    schema = {_BOUNDS.get(word, word): said for word, said in made.items() if word not in _DROPPED}
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            schema[word] = _plain(schema[word])
    if "anyOf" in schema:
        parts = [_plain(part) for part in schema.pop("anyOf") if part != {"type": "null"}]
        schema = {**schema, **parts[0]} if len(parts) == 1 else {**schema, "anyOf": _amount(parts)}
    if schema.get("type") == "array":  # one of them may stand without its list
        several = {word: schema.pop(word) for word in ("type", "items")}
        schema["anyOf"] = [several["items"], several]
    return schema


def _amount(parts: list[Schema]) -> list[Schema]:
    return [{**part, "pattern": _AMOUNT} if part == {"type": "string"} else part for part in parts]
