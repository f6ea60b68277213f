"""A command for each file of a folder, imported when it is first used. Does not know any of them.

A file holds `command`; its name is the command's name (`try_.py` for `try`, which Python reserves), and the
first line of its docstring is the command's line in the list.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

# The order in which a newcomer meets them. A command that is not named here stands under the last heading.
_HEADINGS = {
    "Begin": ("up", "init", "check", "doctor"),
    "Serve": ("serve", "try", "keys"),
    "Own": ("pull", "fit", "bench"),
    "Protect": ("scan", "privacy"),
    "Decide": ("decide", "capacity", "prices"),
    "Look back": ("requests", "stats", "explain", "export", "reconcile", "reprice"),
    "Prove": ("audit", "erase"),
    "More": (),
}


class CommandFolder(click.Group):
    """The commands in `package`, a dotted name."""

    def __init__(self, *args: Any, package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        known = self._files()
        ordered = [name for names in _HEADINGS.values() for name in names if name in known]
        return ordered + sorted(known.keys() - set(ordered))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        file = self._files().get(cmd_name)
        if file is None:
            return None
        command: click.Command = import_module(f"{self._package}.{file.stem}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near or args[0].startswith("-"):
                raise
            message = f"there is no command {args[0]!r}; did you mean {near[0]!r}?"
            raise click.UsageError(message, ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings, each with its line, and none of them imported."""
        del ctx
        left = self._files()
        for heading, names in _HEADINGS.items():
            here = names or sorted(left)
            rows = [(name, _first_line(left.pop(name))) for name in here if name in left]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, each with its line, and none of them imported; then the options."""
        files = {name: file for name, file in self._files().items() if name.startswith(incomplete)}
        commands = [CompletionItem(name, help=_first_line(file)) for name, file in files.items()]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def _files(self) -> dict[str, Path]:
        """Each command's file, by the command's name."""
        spec = find_spec(self._package)
        folders: Iterable[str] = () if spec is None else spec.submodule_search_locations or ()
        files = (file for folder in folders for file in sorted(Path(folder).glob("*.py")))
        return {_command_name(file): file for file in files if not file.stem.startswith("_")}


def _command_name(file: Path) -> str:
    bare = file.stem.removesuffix("_")
    return bare if keyword.iskeyword(bare) else file.stem


def _first_line(file: Path) -> str:
    """Of its docstring. Parsing all the files to find it would take most of the time of `--help`."""
    with file.open(encoding="utf-8") as lines:
        return next(lines, "").strip().removeprefix('"""').removesuffix('"""')
