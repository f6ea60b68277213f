"""Requests made at random from OpenAI's document: what it allows, and what is just beside that.

Strategies of hypothesis for schemas of this size take longer to build than the requests to answer; so a seed
is drawn and the rest made from it. Knows no endpoint.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_PREFIX = "#/components/schemas/"
_DEEPEST = 7

_WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    0.5,
    "",
    "x",
    "é\u0000",
    [],
    [None],
    {},
    {"type": None},
    [[[]]],
)
_WORDS = ("", "x", "é 😀", "\u0000", "a b", '"', "\\", "\u2028", "x" * 70)


class Schemas:
    """The document's schemas. No dataclass: hypothesis would print them all with a failure."""

    def __init__(self, by_name: dict[str, Schema]) -> None:
        self.by_name = by_name


class Generator:
    """`valid("CreateResponse")` is something that schema allows; `odd` puts a wrong value somewhere in it."""

    def __init__(self, schemas: Schemas, seed: int) -> None:
        self._schemas = schemas.by_name
        self._random = random.Random(seed)  # noqa: S311 - a seed makes it repeatable

    def valid(self, name: str, **fixed: Any) -> dict[str, Any]:
        made: dict[str, Any] = self._of({"$ref": _PREFIX + name}, 0)
        return made | fixed

    def odd(self, name: str, **fixed: Any) -> Any:
        return self._spoiled(self.valid(name, **fixed))

    def _of(self, schema: Schema, depth: int) -> Any:
        if schema.get("nullable") is True and self._random.random() < 0.1:
            return None
        if "$ref" in schema:
            return self._of(self._target(schema), depth)
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        for kind in ("anyOf", "oneOf"):
            if kind in schema:
                return self._of(self._branch(schema[kind], depth), depth + 1)
        if "allOf" in schema or schema.get("type") == "object" or "properties" in schema:
            return self._object(schema, depth)
        return self._scalar(schema, depth)

    def _branch(self, branches: list[Schema], depth: int) -> Schema:
        """Deep down the first simple one, so that what refers to itself comes to an end."""
        simple = [b for b in branches if b.get("type") in ("string", "integer", "number", "boolean", "null")]
        return simple[0] if simple and depth >= _DEEPEST else self._random.choice(branches)

    def _target(self, schema: Schema) -> Schema:
        return self._schemas[schema["$ref"].removeprefix(_PREFIX)]

    def _scalar(self, schema: Schema, depth: int) -> Any:
        low, high = schema.get("minimum"), schema.get("maximum")
        match schema.get("type"):
            case "array":
                least = schema.get("minItems", 0)
                count = least if depth >= _DEEPEST else max(least, self._random.randint(0, 2))
                return [self._of(schema.get("items", {}), depth + 1) for _ in range(count)]
            case "integer":
                least = _whole(low, -9)
                return self._random.randint(least, _whole(high, least + 99))
            case "number":
                return self._random.uniform(-9.0 if low is None else low, 99.0 if high is None else high)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
            case "string":
                return self._text(schema)
        return self._random.choice(_WRONG)

    def _text(self, schema: Schema) -> str:
        if schema.get("format") == "uri":
            return "https://example.org/a.png"
        word = self._random.choice(_WORDS).ljust(schema.get("minLength", 0), "x")
        return word[: schema.get("maxLength", 100)]

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for part in self._parts(schema):
            wanted = part.get("required", ())
            for name, inner in part["properties"].items():
                if name in wanted or (depth < _DEEPEST and self._random.random() < 0.3):
                    made[name] = self._of(inner, depth + 1)
        return made

    def _parts(self, schema: Schema) -> Iterator[Schema]:
        if "$ref" in schema:
            yield from self._parts(self._target(schema))
        for part in schema.get("allOf", ()):
            yield from self._parts(part)
        if "properties" in schema:
            yield schema

    def _spoiled(self, value: Any) -> Any:
        places = (
            list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
        )
        if not places or self._random.random() < 0.2:
            return self._random.choice(_WRONG)
        at = self._random.choice(places)
        changed = value.copy()
        changed[at] = self._spoiled(value[at])
        return changed


def _whole(bound: float | None, usual: int) -> int:
    return usual if bound is None else int(max(-(2.0**53), min(2.0**53, bound)))
