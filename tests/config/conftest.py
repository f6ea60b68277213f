"""Reading a text as a config: its settings, or its mistakes as `key line: message (hint)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from freehold.config import ConfigErrors, Settings, parse

BASE = Path("/srv/house")

Read = Callable[..., Settings]
Mistakes = Callable[..., list[str]]


@pytest.fixture
def read() -> Read:
    def read_(text: str, environ: Mapping[str, str] | None = None, **known: Any) -> Settings:
        return parse(dedent(text), source="freehold.toml", base=BASE, environ=environ or {}, **known)

    return read_


@pytest.fixture
def mistakes(read: Read) -> Mistakes:
    def mistakes_(text: str, environ: Mapping[str, str] | None = None, **known: Any) -> list[str]:
        with pytest.raises(ConfigErrors) as raised:
            read(text, environ, **known)
        return [
            f"{error.line} {error.key}: {error.message}" + (f" ({error.hint})" if error.hint else "")
            for error in raised.value.errors
        ]

    return mistakes_
