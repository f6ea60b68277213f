"""How to write a further `freehold` command so that it works when copied from the screen."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from freehold.cli.finding import HERE

_NAME = "freehold"


def call(*words: str, config: Path) -> str:
    """The command line for `words`: this installation's program, on this config."""
    on = () if config.absolute() == HERE.absolute() else ("--config", str(config))
    return " ".join([shlex.quote(_program()), *words, *map(shlex.quote, on)])


def _program() -> str:
    """`freehold` where the shell finds this one by its name, else its path."""
    here = Path(sys.argv[0])
    found = shutil.which(_NAME)
    if here.name != _NAME or (found is not None and Path(found).samefile(here)):
        return _NAME
    absolute = here.absolute()
    return str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute)
