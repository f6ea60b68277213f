"""Write the report of a decision for a board: four pages, as one HTML file or as PDF."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from freehold.cli.asked import Asked
from freehold.cli.briefing import brief
from freehold.cli.deciding import Decided, ask
from freehold.cli.entry import DONE
from freehold.cli.extras import install_hint
from freehold.cli.options import json_option
from freehold.cli.output import answer
from freehold.cli.question_options import question_options
from freehold.cli.screen import Screen, Word, line
from freehold.cli.waiting import told_while_waiting
from freehold.console import board
from freehold.costs.decide import sentence
from freehold.errors import ConfigError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--html", type=_FILE, metavar="FILE", help="One file that needs nothing outside itself.")
@click.option("--pdf", type=_FILE, metavar="FILE", help="Four pages of A4. Needs the extra [report].")
@click.option("--title", default="Rent or own", show_default=True, metavar="TEXT", help="What it is about.")
@question_options
@json_option
def command(*, html: Path | None, pdf: Path | None, title: str, as_json: bool, **typed: Any) -> int:
    """Decide as `freehold decide` does, and write it down for those who were not there.

    Page 1 has the verdict, one picture and what to do; page 2 what each way costs; page 3 the evidence and
    the latency; page 4 risks, every assumption with its source, the data's window and how to make it again.

    --json prints an object: verdict, reason, html and pdf (the files, null where not asked for).
    """
    wanted = {"--html": html, "--pdf": pdf}
    _check(wanted)
    with told_while_waiting() as doing:
        decided = ask(Asked(**typed), datetime.now(UTC), doing=doing)
    made = board.board_report(brief(decided, title, shlex.join(["freehold", *sys.argv[1:]])))
    if pdf is not None:
        _check_letters(made)
    if html is not None:
        _write("--html", html, board.as_html(made).encode())
    if pdf is not None:
        _write("--pdf", pdf, board.as_pdf(made, decided.at))
    answer(_shape(decided, html, pdf), lambda: _screen(decided, wanted), as_json=as_json)
    return DONE


def _check(wanted: dict[str, Path | None]) -> None:
    """Before anything is computed: that takes seconds."""
    if all(path is None for path in wanted.values()):
        raise ConfigError("", "there is nothing to write", hint="give --html FILE, --pdf FILE or both")
    if wanted["--pdf"] is not None and not board.can_make_pdf():
        raise ConfigError("--pdf", "this needs typst", hint=f"{install_hint('report')}; or --html FILE")
    for option, path in wanted.items():
        if path is not None and not path.parent.is_dir():
            raise ConfigError(option, f"there is no folder {path.parent}", hint="make it first")


def _check_letters(made: board.Report) -> None:
    """Nobody is sent a board paper with empty boxes in it."""
    lacking = board.not_in_its_fonts(made)
    if lacking:
        raise ConfigError(
            "--pdf",
            f"its fonts have no letters for {lacking} (in the title, or in a source or name of yours)",
            hint="--html shows every script, and a browser prints it to PDF; or write Latin letters",
        )


def _write(option: str, path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        hint = "may you write there?"
        raise ConfigError(option, f"{path} cannot be written: {error.strerror}", hint=hint) from error


def _shape(decided: Decided, html: Path | None, pdf: Path | None) -> dict[str, str | None]:
    return {
        "verdict": decided.decision.ruling.verdict,
        "reason": sentence(decided.decision),
        "html": None if html is None else str(html),
        "pdf": None if pdf is None else str(pdf),
    }


def _screen(decided: Decided, wanted: dict[str, Path | None]) -> Screen:
    written = ", ".join(str(path) for path in wanted.values() if path is not None)
    return [line(Word(sentence(decided.decision), "strong")), line(), line(f"Written: {written}")]
