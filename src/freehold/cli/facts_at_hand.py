"""The facts about GPUs and models that a command uses: the product's, and the user's file before them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from freehold.cli.user_file import text_of
from freehold.costs import capacity

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def facts_option(command: CommandT) -> CommandT:
    return click.option(
        "--facts",
        "facts",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="A TOML file of your own facts about GPUs and models, which outrank the product's.",
    )(command)


def facts_at_hand(path: Path | None) -> capacity.Facts:
    """The facts, a user's file before the product's. Raises ConfigError."""
    facts = capacity.shipped_facts()
    if path is None:
        return facts
    return capacity.with_own_facts(facts, text_of(path, "--facts"), name=path.name)
