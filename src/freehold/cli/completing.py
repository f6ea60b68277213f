"""Names for a shell to complete: routes and models, read from the config as it stands, mistakes and all.

Quick, because somebody waits with a finger on the key: parses TOML and loads nothing else. Whatever is wrong
with the file means that there is nothing to offer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

_HERE = Path("freehold.toml")


def route_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The routes of the config."""
    del param
    return list(_items(ctx, ("routes",), incomplete))


def model_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The models of the config."""
    del param
    return list(_items(ctx, ("models",), incomplete))


def askable_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Whatever a client may put into `model`: routes, then models."""
    del param
    return list(_items(ctx, ("routes", "models"), incomplete))


def _items(ctx: click.Context, tables: tuple[str, ...], incomplete: str) -> Iterator[CompletionItem]:
    document = _document(ctx.params.get("config"))
    for table in tables:
        named = document.get(table)
        for name in named if isinstance(named, dict) else ():
            if name.startswith(incomplete):
                yield CompletionItem(name, help=table.removesuffix("s"))


def _document(given: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads((_HERE if given is None else given).read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}
