"""Hosts and engines by name: where each is and what it can do, read from `presets.toml`. Only data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Preset:
    """One host or engine. `cannot` speaks to people; `source` and `as_of` say where and when it was read."""

    name: str
    url: str
    key_env: str | None
    speaks: str
    can: frozenset[str]
    cannot: str
    source: str
    as_of: date


def presets() -> Mapping[str, Preset]:
    """All of them, by name."""
    tables = tomllib.loads(files(__package__).joinpath("presets.toml").read_text("utf-8"))
    return {
        name: Preset(
            name=name,
            url=table["url"],
            key_env=table.get("key_env"),
            speaks=table["speaks"],
            can=frozenset(table["can"]),
            cannot=table["cannot"],
            source=table["source"],
            as_of=table["as_of"],
        )
        for name, table in tables.items()
    }
