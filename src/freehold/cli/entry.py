"""The command `freehold`: what it is called with, and how it ends.

Exit codes: 0 done, 1 a finding or a failure, 2 a mistake in the call or in the config. A person reads a
sentence and a hint, never a traceback. Does not know what any command does.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from freehold import __version__
from freehold.cli.group import CommandFolder
from freehold.errors import ConfigError, FreeholdError

DONE, FINDING, MISTAKE = 0, 1, 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count


@click.group(
    cls=CommandFolder,
    package="freehold.cli.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`freehold COMMAND --help` tells more. Exit codes: 0 done, 1 a finding, 2 a wrong call or config.",
)
@click.version_option(__version__, message="freehold %(version)s")
def command_line() -> None:
    """Rent ChatGPT. Own LLaMA. One OpenAI-compatible endpoint in front of both.

    `freehold up` starts it in this folder.
    """


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; the exit code. Failures have been told on stderr by then."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a sign still shows the rest
    try:
        outcome: Any = command_line.main(args=arguments, prog_name="freehold", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as usage:
        usage.show()
        return MISTAKE
    except click.ClickException as usage:
        _tell(usage.format_message(), _usage_hint(usage))
        return MISTAKE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except FreeholdError as error:
        return _tell_failure(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        return FINDING
    except OSError as error:
        _tell(f"{error.filename}: {error.strerror}" if error.filename else str(error), None)
        return FINDING
    return outcome if isinstance(outcome, int) else DONE


def _usage_hint(usage: click.ClickException) -> str | None:
    context = usage.ctx if isinstance(usage, click.UsageError) else None
    return None if context is None else f"`{context.command_path} --help` shows how it is called"


def _tell_failure(error: FreeholdError) -> int:
    # Whatever raised a FreeholdError has loaded the config's room already, or is about to end anyway.
    from freehold.config import ConfigErrors  # noqa: PLC0415 - loads pydantic, which a good start does not need

    if isinstance(error, ConfigErrors):
        _tell(error.message, None)
        for mistake in error.errors:
            click.echo(_at(error.source, mistake), err=True)
        return MISTAKE
    line = error.line if isinstance(error, ConfigError) else None
    _tell(str(error) if line is None else f"line {line}: {error}", error.hint)
    return MISTAKE if isinstance(error, ConfigError) else FINDING


def _at(source: str, mistake: ConfigError) -> str:
    place = source if mistake.line is None else f"{source}:{mistake.line}"
    hint = "" if mistake.hint is None else f"\n    hint: {mistake.hint}"
    return f"  {place}: {mistake}{hint}"


def _tell(message: str, hint: str | None) -> None:
    click.echo(f"{_coloured('error:', 'red')} {message}", err=True)
    if hint is not None:
        click.echo(f"{_coloured('hint:', 'cyan')} {hint}", err=True)


def _coloured(word: str, colour: str) -> str:
    """Colour for a terminal (click strips it elsewhere), none where NO_COLOR is set (https://no-color.org)."""
    return word if os.environ.get("NO_COLOR") else click.style(word, fg=colour, bold=True)
