from __future__ import annotations

from jsonschema import Draft7Validator
from tests.cli.conftest import Freehold

from freehold.providers import provider_names


def test_the_schema_is_printed_with_what_is_installed(freehold: Freehold) -> None:
    schema = freehold("schema").json
    Draft7Validator.check_schema(schema)
    model = schema["properties"]["models"]["additionalProperties"]
    assert model["properties"]["provider"]["enum"] == sorted(provider_names())
    assert freehold("schema", "--json").json == schema
