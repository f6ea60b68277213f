"""Hand the records to other tools: Parquet, JSON Lines or CSV."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from freehold.cli.cells import rows_removed
from freehold.cli.completing import route_names
from freehold.cli.exporting import FORMATS, INSTALL, is_installed, to_file, to_stdout
from freehold.cli.figures import counted
from freehold.cli.finding import find_config, ledger_here
from freehold.cli.options import Moment, config_option, json_option
from freehold.cli.output import answer
from freehold.cli.screen import Screen, Word, line
from freehold.errors import FreeholdError
from freehold.ledger import LedgerReader


@click.command()
@config_option
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True, help="What to write.")
@click.option("--since", type=Moment(), metavar="WHEN", help="Only from then on: 2026-11-24, or 24h, 7d ago.")
@click.option("--until", type=Moment(), metavar="WHEN", help="Only before then.")
@click.option("--route", metavar="R", shell_complete=route_names, help="Only those of this route.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The file to write, in place of what stands there. Without it: stdout.",
)
@json_option
def command(
    config: Path | None,
    format_: str,
    since: datetime | None,
    until: datetime | None,
    route: str | None,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write the ledger's records as rows, one a request, the oldest first.

    The columns are the same in every format. Money is a decimal string in CSV and JSON Lines, and a decimal
    of 24 places in Parquet; attempts are JSON; unknown is empty or null. What `freehold stats` adds up is in
    them, idle time apart. Parquet needs DuckDB: pip install "freehold[decide]".

    --json prints an object about the file that was written: output, format, requests.
    """
    ledger = ledger_here(config)
    _check(format_, output, (find_config(config), ledger), as_json=as_json)
    with LedgerReader.open(ledger) as reader:
        records = reader.walk(since=_seconds(since), until=_seconds(until), route=route)
        removed_before = reader.rows_removed_before()
        if removed_before is not None and (since is None or since.timestamp() < removed_before):
            click.echo(rows_removed(removed_before), err=True)
        if output is None:
            to_stdout(format_, records)
            return
        count = to_file(format_, records, output)
    shape = {"output": str(output.absolute()), "format": format_, "requests": count}
    answer(shape, lambda: _told(shape), as_json=as_json)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _check(format_: str, output: Path | None, in_use: Iterable[Path], *, as_json: bool) -> None:
    if output is None and (as_json or format_ == "parquet"):
        what = "--json tells of a file" if as_json else "Parquet is no text"
        raise click.UsageError(f"{what}: name it with --output FILE")
    if format_ == "parquet" and not is_installed():
        raise FreeholdError("DuckDB, which writes Parquet, is not installed", hint=INSTALL)
    if output is None:
        return
    if not output.absolute().parent.is_dir():
        raise FreeholdError(f"{output.parent} is not a folder", hint="make it first")
    for ours in in_use:
        if output.exists() and ours.exists() and output.samefile(ours):
            raise FreeholdError(f"{output} is in use by Freehold itself", hint="name another file")


def _told(shape: dict[str, Any]) -> Screen:
    requests = counted(shape["requests"], "request")
    return [line("Wrote ", Word(requests, "strong"), f" to {shape['output']}.")]
