"""Find what is personal or secret in files, folders or text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from freehold.cli.entry import DONE, FINDING
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.scanning import Finding, Sheet, answer_lines_of, not_looked_at, read_sheets, sheet_of, told
from freehold.cli.sorting import search_at
from freehold.privacy import Label


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True, allow_dash=True))
@config_option
@click.option("--types", metavar="A,B", help="Look for these types alone.")
@click.option("--jsonl", is_flag=True, help="Answer JSON Lines on stdin, line by line.")
@json_option
def command(
    paths: tuple[Path, ...], config: Path | None, types: str | None, *, jsonl: bool, as_json: bool
) -> int:
    """Find what is personal or secret: in files, in folders, or on stdin where no PATH is given.

    On a terminal what was found is highlighted; elsewhere it is masked, so that a build's log does not hold
    it. Folders are searched without hidden ones; their files that are no text are left out, and counted. Exit
    code 1 where something was found; else 2 where a file that was named is no text, for nobody has looked
    into it.

    --types names types as `freehold docs detection` lists them; without it, those that raise a label.

    --jsonl reads {"id", "text"} and prints {"id", "label", "spans": [{"start", "end", "type", "score"}]} for
    each line, in the same order; offsets count code points. A line that cannot be read has label secret and
    an "error". The exit code is 0.

    --json prints an object: label, findings (file, line, column, start, end, type, score), scanned, skipped.
    """
    search = search_at(config)
    sorting = search.sorting
    scanner = search.scanner() if types is None else search.scanner_of(types)
    if jsonl:
        if paths or as_json:
            raise click.UsageError("--jsonl reads stdin, and prints JSON Lines")
        answer_lines_of(sys.stdin.buffer, scanner, sorting)
        return DONE
    sheets = [*read_sheets(paths)] if paths else [sheet_of("-", sys.stdin.buffer.read())]
    findings = [f for sheet in sheets for f in sheet.findings(scanner)]
    label = sorting.label((finding.span for finding in findings), Label.INTERNAL)
    answer(
        _shape(label, findings, sheets),
        lambda: told(findings, sheets, masked=not sys.stdout.isatty()),
        as_json=as_json,
    )
    if findings:
        return FINDING
    unread = not_looked_at(sheets)
    if unread:
        raise click.ClickException(f"{'; '.join(unread)}: not looked at")
    return DONE


def _shape(label: Label, findings: list[Finding], sheets: list[Sheet]) -> dict[str, Any]:
    return {
        "label": label.word,
        "findings": [finding.shape() for finding in findings],
        "scanned": sum(sheet.text is not None for sheet in sheets),
        "skipped": [sheet.name for sheet in sheets if sheet.text is None],
    }
