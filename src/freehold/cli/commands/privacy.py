"""Teach Freehold what is yours: customers, projects, source code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from freehold.cli.figures import counted, iso, moment
from freehold.cli.finding import ledger_here
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.screen import Block, Screen, Word, line
from freehold.cli.who import who

_TYPE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


@click.group()
def command() -> None:
    """What is yours, kept as keyed fingerprints beside the ledger, and recognised in every request.

    No word of it is written down; a secret key of this ledger alone can tell what a fingerprint stands for. A
    running gateway follows within a second, and each change is an event in the log.
    """


@command.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME",
    help="The column of a CSV, the field of JSON Lines. Repeatable: those of one row are one value.",
)
@click.option(
    "--as", "type_", required=True, metavar="TYPE", help="What it is: PERSON, SECRET, or a word of your own."
)
@click.option(
    "--values/--documents",
    "as_values",
    default=None,
    help="Whether it is a list of values, or text or code. Without it: by its look.",
)
@config_option
@json_option
def learn(
    path: Path,
    columns: tuple[str, ...],
    type_: str,
    config: Path | None,
    *,
    as_values: bool | None,
    as_json: bool,
) -> None:
    """Learn a list of values, or documents and code, in place of what was learned from PATH before.

    A value of a list (CSV, JSON Lines, or a text with one a line) is recognised by the whole of it or by two
    of its words, in any order, case and punctuation. A value of fewer than four letters and digits, or that
    is a common word, is left out: it would be found everywhere. A folder or a file of text or code is
    recognised in parts and reformatted, from about two sentences or three lines on; licences and hidden files
    are not learned.

    What is found makes a request personal, or secret where TYPE is one of [privacy] secret (SECRET is).

    --json prints an object: source, type, kind (values or documents), values (how many were learned),
    left_out, at, problem (null where there is none), left_out_by (how many for each reason: short, common,
    long).
    """
    if not _TYPE.fullmatch(type_.upper()):
        raise click.BadParameter("takes capitals, digits and _, such as PERSON", param_hint="--as")
    from freehold.cli.learning import teaching  # noqa: PLC0415 - `--help` needs none of it

    lesson = teaching.Lesson(path, columns, type_.upper(), as_values)
    held = teaching.learn(lesson, ledger_here(config), who=who())
    shape = {**_shape(held), "left_out_by": dict(held.left_out_by)}
    answer(shape, lambda: _told_learned(held, teaching.reasons), as_json=as_json)


@command.command(name="list")
@config_option
@json_option
def list_(config: Path | None, *, as_json: bool) -> None:
    """List what was learned.

    --json prints a list of objects: source, type, kind, values, left_out, at, problem (why it cannot be
    looked for, so that every request counts as secret; else null).
    """
    from freehold.cli.learning import held  # noqa: PLC0415 - as above

    sources = held(ledger_here(config))
    answer([_shape(source) for source in sources], lambda: _listed(sources), as_json=as_json)


@command.command()
@click.argument("source")
@config_option
@click.option("--why", metavar="TEXT", help="The reason, for the ledger.")
@json_option
def forget(source: str, config: Path | None, why: str | None, *, as_json: bool) -> None:
    """Forget what was learned from SOURCE, as `freehold privacy list` names it. Its fingerprints are removed.

    --json prints an object: source, forgotten.
    """
    from freehold.cli.learning import teaching  # noqa: PLC0415 - as above

    teaching.forget(source, ledger_here(config), who=who(), why=why)
    answer({"source": source, "forgotten": True}, lambda: [line(f"{source} is forgotten.")], as_json=as_json)


def _shape(held: Any) -> dict[str, Any]:
    return {
        "source": held.name,
        "type": held.type,
        "kind": held.kind,
        "values": held.values,
        "left_out": held.left_out,
        "at": iso(held.at),
        "problem": held.problem,
    }


def _told_learned(held: Any, reasons: Callable[..., Iterable[str]]) -> Screen:
    what = counted(held.values, "value" if held.kind == "values" else "document")
    blocks: list[Block] = [line(Word("learned", "good"), f": {what} of {held.name}, as {held.type}")]
    if held.left_out:
        why = ", ".join(reasons(held.left_out_by, are_values=held.kind == "values"))
        blocks.append(line(Word(f"{held.left_out:,} left out: {why}", "faint")))
    return blocks


def _listed(sources: list[Any]) -> Screen:
    blocks: list[Block] = []
    for held in sources:
        what = counted(held.values, "value" if held.kind == "values" else "document")
        blocks.append(line(Word(held.name, "strong"), f"  {held.type}  {what}  {moment(held.at)} UTC"))
        if held.problem is not None:
            blocks.append(line(Word(f"{held.problem}: every request counts as secret", "bad"), indent=2))
    return blocks or [line("nothing was learned")]
