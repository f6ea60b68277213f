"""OpenAI's own API document as a judge of answers and events.

OpenAPI 3.1 is JSON Schema 2020-12 with two habits that validators do not know: `nullable` (left over from
3.0) and `discriminator`. Both are put into plain JSON Schema here; nothing else is changed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Schema = dict[str, Any]
_FILE = Path("data", "wire", "openapi.json.gz")
_PREFIX = "#/components/schemas/"


class OpenAIDocument:
    """`check("Response", answer)` raises `AssertionError` with the place and the reason of a fault."""

    def __init__(self, document: Schema) -> None:
        self._raw: dict[str, Schema] = document["components"]["schemas"]
        self._components = {"schemas": {name: self._plain(schema) for name, schema in self._raw.items()}}
        listed = self._raw["ResponseStreamEvent"]["anyOf"]
        branches = [event["$ref"].removeprefix(_PREFIX) for event in listed]
        self._events = {self._raw[name]["properties"]["type"]["enum"][0]: name for name in branches}
        self._validators: dict[str, Draft202012Validator] = {}

    def check(self, name: str, value: Any) -> None:
        fault = self.fault(name, value)
        assert fault is None, f"not a {name}: {fault}\n{json.dumps(value)[:2000]}"

    def fault(self, name: str, value: Any) -> str | None:
        """What is wrong with `value` as a `name`, or `None`."""
        error = best_match(self._validator(name).iter_errors(value))
        return None if error is None else f"{error.json_path}: {error.message[:500]}"

    def check_event(self, event: Any) -> None:
        """An event of a Responses stream, by its type: quicker than `ResponseStreamEvent`, as strict."""
        assert event["type"] in self._events, f"no type of event is called {event['type']}"
        self.check(self._events[event["type"]], event)

    def _validator(self, name: str) -> Draft202012Validator:
        if name not in self._validators:
            assert name in self._raw, f"the document has no schema {name}"
            schema = {"$ref": _PREFIX + name, "components": self._components}
            self._validators[name] = Draft202012Validator(schema)
        return self._validators[name]

    def _plain(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        plain = {key: self._plain(value) for key, value in schema.items()}
        if "propertyName" in schema.get("discriminator", ()) and schema.keys() & {"oneOf", "anyOf"}:
            plain = self._chosen(schema, plain)
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain

    def _chosen(self, schema: Schema, plain: Schema) -> Schema:
        """The branch is chosen by the property, so that a fault is told of the branch that was meant."""
        name = schema["discriminator"]["propertyName"]
        kind = "oneOf" if "oneOf" in schema else "anyOf"
        branches: dict[str, list[Schema]] = {}
        for branch in self._leaves(schema[kind]):
            values = self._values(branch, name)
            if values is None:  # a branch that the property does not tell apart: leave the choice as it is
                return {key: value for key, value in plain.items() if key != kind} | {"anyOf": plain[kind]}
            for value in values:
                branches.setdefault(value, []).append(self._plain(branch))
        rules = [
            {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": {"anyOf": choices}}
            if len(choices) > 1
            else {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": choices[0]}
            for value, choices in branches.items()
        ]
        known = {"required": [name], "properties": {name: {"enum": list(branches)}}}
        rest = {key: value for key, value in plain.items() if key != kind}
        return rest | {"type": "object", "allOf": [known, *rules]}

    def _leaves(self, branches: list[Schema]) -> Iterator[Schema]:
        """Branches of branches counted as branches, as `InputItem` has them."""
        for branch in branches:
            target = self._target(branch)
            if "discriminator" in target:
                yield from self._leaves(target["oneOf"] if "oneOf" in target else target["anyOf"])
            else:
                yield branch

    def _target(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        return schema if reference is None else self._target(self._raw[reference.removeprefix(_PREFIX)])

    def _values(self, schema: Schema, name: str) -> list[str] | None:
        target = self._target(schema)
        if name in target.get("properties", {}):
            if name not in target.get("required", []):
                return None
            values: list[str] | None = self._target(target["properties"][name]).get("enum")
            return values
        for part in target.get("allOf", []):
            values = self._values(part, name)
            if values is not None:
                return values
        return None


@cache
def openai_document(shared: Path) -> OpenAIDocument:
    """The document in the folder of public data. Raises `FileNotFoundError` where it is not there."""
    return OpenAIDocument(json.loads(gzip.decompress((shared / _FILE).read_bytes())))
