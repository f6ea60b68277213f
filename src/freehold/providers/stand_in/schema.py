"""A value that conforms to a JSON Schema, made by walking it. Simple schemas only; the rest is refused.

Reads what OpenAI's structured outputs allow, less `pattern`: types, enum, const, properties, items, anyOf,
local $ref, and the bounds of strings, numbers and arrays. Texts say that they are simulated where the schema
leaves room for it.
"""

from __future__ import annotations

import math
from typing import Any, Final

from freehold.errors import Refused

_DEEPEST = 24
_MOST_STEPS = 5_000
_LONGEST_TEXT = 10_000
# Below this depth, what a schema lets out is left out, so that a recursive schema comes to an end.
_OPTIONAL_UNTIL = 6
_FORMATS: Final = {
    "date": "2000-01-01",
    "time": "00:00:00Z",
    "date-time": "2000-01-01T00:00:00Z",
    "duration": "PT0S",
    "email": "simulated@example.com",
    "hostname": "simulated.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://simulated.example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def conforming(schema: Any, terms: list[str]) -> Any:
    """A value for `schema`; its texts name `terms` in turn. Raises `Refused` (400) where it is too much."""
    try:
        return _Walk(schema, terms).value(schema, 0)
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError, ZeroDivisionError) as error:
        # The client wrote the schema: any part of it may be of the wrong type.
        raise _cannot("a malformed schema") from error


def _cannot(what: str) -> Refused:
    return Refused(
        400,
        f"Invalid schema for response_format: this is a simulated model, it cannot follow {what}.",
        code="invalid_json_schema",
        param="response_format",
    )


class _Walk:
    """One walk over one schema, which `$ref` points into."""

    def __init__(self, root: Any, terms: list[str]) -> None:
        self._root = root
        self._terms = terms
        self._told = 0
        self._steps = 0

    def value(self, schema: Any, depth: int) -> Any:
        if schema is True:
            schema = {}
        if not isinstance(schema, dict):
            raise _cannot(f"{schema!r} in place of a schema")
        self._steps += 1
        if depth > _DEEPEST or self._steps > _MOST_STEPS:
            raise _cannot("a schema that never ends, or takes too long")
        for key in ("pattern", "not", "if", "patternProperties", "dependentRequired"):
            if key in schema:
                raise _cannot(f'"{key}"')
        if "$ref" in schema:
            return self.value(self._resolved(schema["$ref"]), depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        return self._combined(schema, depth)

    def _combined(self, schema: dict[str, Any], depth: int) -> Any:
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                return self._first(schema[key], depth)
        if schema.get("allOf"):
            merged: dict[str, Any] = {}
            for part in schema["allOf"]:
                merged = _merged(merged, self._resolved(part["$ref"]) if "$ref" in part else part)
            return self.value(merged, depth + 1)
        return self._typed(schema, depth)

    def _first(self, choices: list[Any], depth: int) -> Any:
        """The first choice that we can follow; deep down, null where it is allowed."""
        nulls = [choice for choice in choices if isinstance(choice, dict) and choice.get("type") == "null"]
        refusal = None
        for choice in nulls + choices if depth > _OPTIONAL_UNTIL else choices:
            try:
                return self.value(choice, depth + 1)
            except Refused as error:
                refusal = error
        raise refusal if refusal is not None else _cannot("an empty choice")

    def _typed(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = "null" if "null" in kind and depth > _OPTIONAL_UNTIL else next(iter(kind), None)
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return self._text(schema)
            case "integer" | "number":
                return _number(schema, whole=kind == "integer")
            case "boolean":
                return False
            case "null":
                return None
        raise _cannot(f"the type {kind!r}")

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        made = {
            name: self.value(part, depth + 1)
            for name, part in properties.items()
            if name in required or depth < _OPTIONAL_UNTIL
        }
        extra = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self.value(extra, depth + 1)
        return made

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        wanted = max(least, 1 if depth < _OPTIONAL_UNTIL else 0)
        items = [
            self.value(schema.get("items", {}), depth + 1)
            for _ in range(min(wanted, schema.get("maxItems", wanted)))
        ]
        if schema.get("uniqueItems") and any(item in items[:index] for index, item in enumerate(items)):
            if least > 1:
                raise _cannot('"uniqueItems"')
            return items[:1]
        return items

    def _text(self, schema: dict[str, Any]) -> str:
        if "format" in schema:
            made = _FORMATS.get(schema["format"])
            if made is None:
                raise _cannot(f'the format "{schema["format"]}"')
            return made
        term = self._terms[self._told % len(self._terms)] if self._terms else "text"
        self._told += 1
        least = schema.get("minLength", 0)
        if least > _LONGEST_TEXT:
            raise _cannot(f"a text of {least} letters")
        return f"[simulated] {term}".ljust(least, ".")[: schema.get("maxLength")]

    def _resolved(self, ref: str) -> Any:
        if not ref.startswith("#"):
            raise _cannot(f'the reference "{ref}"')
        found = self._root
        for step in ref.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise _cannot(f'the reference "{ref}", which leads nowhere')
            found = found[key]
        return found


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def _number(schema: dict[str, Any], *, whole: bool) -> int | float:
    """The smallest allowed number from zero up; the largest where all allowed ones are below zero."""
    step = schema.get("multipleOf", 1 if whole else None)
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    grain = step if step is not None else _grain(max(low, above), min(high, below))
    made = 0 if max(low, above) < 0 else math.ceil(max(low, above) / grain) * grain
    if made <= above:
        made += grain
    if made > high or made >= below:
        made = math.floor(min(high, below) / grain) * grain
        made = made - grain if made >= below else made
    if not (low <= made <= high and above < made < below):
        raise _cannot("bounds with no number between them")
    return int(made) if whole else made


def _grain(low: float, high: float) -> float:
    """A step that fits between two bounds."""
    width = high - low
    return 1.0 if not math.isfinite(width) or width > 2 else width / 4
