"""The schema for editors agrees with the reader: key by key, value by value."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from tests.code_blocks import blocks_in, completed
from tests.conftest import ROOT

from freehold.config import (
    ConfigErrors,
    LedgerSettings,
    ModelSettings,
    PriceSettings,
    RouteSettings,
    ServerSettings,
    parse,
    render_sample,
    settings_schema,
)
from freehold.providers import grammar_names, presets, provider_names
from freehold.routing import policy_names

SCHEMA = settings_schema(providers=provider_names(), policies=policy_names(), grammars=tuple(grammar_names()))
VALIDATOR = Draft7Validator(SCHEMA)
BLOCKS = [block for page in (ROOT / "docs").rglob("*.md") for block in blocks_in(page)]
CONFIGS = [
    pytest.param(block.code, id=f"{block.file.stem}:{block.line}")
    for block in BLOCKS
    if block.language == "toml" and block.note is None
]

BASE = """\
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "https://api.example.com/v1"
[models.llama]
tenure = "owned"
provider = "compatible"
url = "http://127.0.0.1:9/v1"
[routes.support]
rent = "gpt"
own = "llama"
"""
SERVER, LEDGER, MODEL, ROUTE = "[server]\n", "[ledger]\n", BASE[: BASE.index("[models.llama]")], BASE

# Right and wrong values for keys that stand alone: (the text before the line, the line).
RIGHT = [
    (BASE + SERVER, "port = 0"),
    (BASE + SERVER, "drain_seconds = 0"),
    (BASE + SERVER, "drain_seconds = 2.5"),
    (BASE + LEDGER, 'sync = "power"'),
    (BASE + LEDGER, 'path = "~/x.db"'),
    (MODEL, "input_usd_per_million = 1"),
    (MODEL, "input_usd_per_million = 0.15"),
    (MODEL, 'input_usd_per_million = "0.15"'),
    (MODEL, 'can = ["chat", "tools"]'),
    (MODEL, 'can = "chat"'),
    (MODEL, "retries = 0"),
    (MODEL, "timeout_seconds = 3"),
    (MODEL, 'clearance = "public"'),
    (ROUTE, 'policy = "cheapest"'),
    (ROUTE, 'policy = "split"\nsplit = { gpt = 9, llama = 0.5 }'),
    (ROUTE, 'grammar = "ticket"'),
    (ROUTE, 'private = "refuse"'),
    (ROUTE, "ttft_seconds = 1.5"),
]
WRONG = [
    ("", ""),
    (BASE, "[surver]"),
    (BASE, "server = 3"),
    (BASE + SERVER, 'port = "8400"'),
    (BASE + SERVER, "port = 65536"),
    (BASE + SERVER, "require_keys = 1"),
    (BASE + SERVER, "portt = 1"),
    (BASE + LEDGER, 'sync = "always"'),
    (MODEL, "retries = 11"),
    (MODEL, "retries = 1.5"),
    (MODEL, "timeout_seconds = 0"),
    (MODEL, "timeout_seconds = 86401"),
    (MODEL, "input_usd_per_million = -1"),
    (MODEL, 'input_usd_per_million = "cheap"'),
    (MODEL, 'can = ["flying"]'),
    (MODEL, 'can = "flying"'),
    (MODEL, 'clearance = "top"'),
    (MODEL, 'api_key = "sk-1"'),
    (MODEL, 'model = ""'),
    (BASE, '[models.x]\ntenure = "rented"'),
    (BASE, '[models.x]\ntenure = "rented"\nprovider = "opanai"'),
    (BASE, '[models."a b"]\ntenure = "rented"\nprovider = "sandbox"'),
    (ROUTE, 'policy = "cheepest"'),
    (ROUTE, 'policy = "split"\nsplit = { gpt = 0, llama = 1 }'),
    (ROUTE, 'grammar = "poem"'),
    (ROUTE, 'private = "hide"'),
    (ROUTE, "store = 1"),
    (ROUTE, "ttft_seconds = 0"),
]


def faults(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))]


def is_read(text: str) -> bool:
    try:
        parse(
            text,
            source="freehold.toml",
            base=Path("/nowhere"),
            environ={},
            providers=provider_names(),
            policies=policy_names(),
            grammars=grammar_names(),
        )
    except ConfigErrors:
        return False
    return True


def test_it_is_a_schema_itself() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "options", [{}, {"rent": "openai"}, {"rent": "http://127.0.0.1:9/v1", "rent_model": "m"}]
)
def test_what_init_writes_is_right(options: dict[str, Any]) -> None:
    assert faults(render_sample(**options)) == []


@pytest.mark.parametrize("code", CONFIGS)
def test_every_config_in_the_docs_is_right(code: str) -> None:
    assert faults(completed(code, render_sample())) == []


@pytest.mark.parametrize("provider", presets())
def test_every_preset_is_one_line_of_config(provider: str) -> None:
    assert faults(f'[models.x]\ntenure = "rented"\nprovider = "{provider}"\n') == []


@pytest.mark.parametrize(("before", "line"), RIGHT)
def test_what_the_reader_takes_is_right(before: str, line: str) -> None:
    assert is_read(before + line)
    assert faults(before + line) == []


@pytest.mark.parametrize(("before", "line"), WRONG)
def test_what_the_reader_refuses_is_wrong(before: str, line: str) -> None:
    assert not is_read(before + line)
    assert faults(before + line)


def keys(*path: str) -> dict[str, Any]:
    found: Any = SCHEMA
    for part in path:
        found = found[part]
    properties: dict[str, Any] = found["properties"]
    return properties


@pytest.mark.parametrize(
    ("path", "section"),
    [
        (("properties", "server"), ServerSettings),
        (("properties", "ledger"), LedgerSettings),
        (("properties", "prices"), PriceSettings),
        (("properties", "models", "additionalProperties"), ModelSettings),
        (("properties", "routes", "additionalProperties"), RouteSettings),
    ],
)
def test_every_key_is_there_and_explained(path: tuple[str, ...], section: type[ModelSettings]) -> None:
    described = keys(*path)
    assert list(described) == list(section.model_fields)
    assert [name for name, key in described.items() if not key["description"]] == []


def test_a_default_that_is_shown_is_a_value_that_the_key_takes() -> None:
    sections = ["server", "ledger", "models", "routes"]
    shown = 0
    for section in sections:
        path = (
            "properties",
            section,
            *(("additionalProperties",) if section in ("models", "routes") else ()),
        )
        for key in keys(*path).values():
            if "default" in key:
                Draft7Validator(key).validate(key["default"])
                shown += 1
    assert shown > 10
