"""`--guide`: questions on stderr, answers from stdin, and a file of them. Does not know the questions."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from freehold.cli.guide import QUESTIONS, Said, a_file, answers_text, asked
from freehold.cli.screen import is_terminal
from freehold.errors import ConfigError

_USUAL = Path("answers.toml")
_BEGIN = "An empty line takes what stands in [ ], - leaves a question open."


def guided(path: Path | None, at: datetime) -> Path:
    """Ask, and write the answers. A terminal is asked until it is understood, a pipe once.

    Raises `ConfigError` where the file is there already, or an answer is none.
    """
    target = _USUAL if path is None else path
    if target.exists():
        hint = f"`freehold decide --answers {target}` asks it again; --answers NAME writes another"
        raise ConfigError("--guide", f"{target} is there already", hint=hint)
    _tell(f"{len(QUESTIONS)} questions at most, about ten minutes. {_BEGIN}")
    said = [_from(target, each) for each in asked(QUESTIONS, _line, _tell, again=is_terminal(sys.stdin))]
    try:
        target.write_text(answers_text(said, at, str(target)), "utf-8")
    except OSError as error:
        raise ConfigError("--answers", f"{target} cannot be written: {error.strerror}") from error
    _tell(f"\nWritten: {target}")
    return target


def _from(target: Path, each: Said) -> Said:
    """Files are named as seen from the file of answers."""
    if each.question.reads is not a_file or each.value is None:
        return each
    return replace(each, value=os.path.relpath(str(each.value), target.parent))


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _line(prompt: str) -> str | None:
    click.echo(prompt, err=True, nl=False)
    line = sys.stdin.readline()
    if not is_terminal(sys.stdin):
        click.echo(line.rstrip("\n"), err=True)  # what a person would have seen
    return line or None
