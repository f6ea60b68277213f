"""Print the script that lets a shell complete freehold's words."""

from __future__ import annotations

from typing import Literal

import click
from click.shell_completion import get_completion_class

from freehold.cli.entry import command_line
from freehold.cli.options import json_option
from freehold.cli.output import answer
from freehold.errors import FreeholdError

_NAME, _VARIABLE = "freehold", "_FREEHOLD_COMPLETE"
# How a shell takes it up, and in which of its files that line belongs.
INSTALL = {
    "bash": ('eval "$(freehold completion bash)"', "~/.bashrc"),
    "zsh": ('eval "$(freehold completion zsh)"', "~/.zshrc"),
    "fish": ("freehold completion fish | source", "~/.config/fish/config.fish"),
}


@click.command()
@click.argument("shell", type=click.Choice(tuple(INSTALL)))
@json_option
def command(shell: Literal["bash", "zsh", "fish"], *, as_json: bool) -> None:
    """Print a script for SHELL that completes commands, options, and the names of routes and models.

    The names come from the config that the line names, else from ./freehold.toml.

    \b
    bash, in ~/.bashrc:  eval "$(freehold completion bash)"
    zsh, in ~/.zshrc:    eval "$(freehold completion zsh)"
    fish, in ~/.config/fish/config.fish:  freehold completion fish | source

    --json prints an object: shell, install (the line), file (where it belongs), script.
    """  # noqa: D301 - \b is a character here, by which click keeps lines as they stand
    kind = get_completion_class(shell)
    if kind is None:
        raise FreeholdError(f"this version of click has no completion for {shell}", hint="upgrade click")
    script = kind(command_line, {}, _NAME, _VARIABLE).source()
    if not as_json:
        click.echo(script)
        return
    install, file = INSTALL[shell]
    answer({"shell": shell, "install": install, "file": file, "script": script}, list, as_json=True)
