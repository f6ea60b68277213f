"""What was asked, and who answered: the newest first."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from freehold.cli.cells import cost_word, rows_removed, status_word, tenure_word
from freehold.cli.completing import model_names, route_names
from freehold.cli.figures import UNKNOWN, duration, short_moment, tokens
from freehold.cli.finding import ledger_here
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer_lines
from freehold.cli.screen import Cell, Column, Screen, Table, Word, is_terminal, line
from freehold.cli.shapes import record_shape
from freehold.ledger import LedgerReader, Record

SHORT_ID = 12  # enough to tell requests apart on a terminal; `explain` takes it


@click.command()
@config_option
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many.")
@click.option("--route", metavar="R", shell_complete=route_names, help="Only those of this route.")
@click.option("--model", metavar="M", shell_complete=model_names, help="Only those that this model answered.")
@click.option("--key", metavar="ID", help="Only those with this key.")
@json_option
def command(
    config: Path | None, limit: int, route: str | None, model: str | None, key: str | None, *, as_json: bool
) -> None:
    """List the newest requests, from the ledger.

    --json prints JSON Lines, one object a request: request_id, at, key, endpoint, route, model, tenure,
    upstream_model, stream, status, label, usage, cost_usd (a decimal string), original_cost_usd, simulated,
    attempts, reason, seconds, ttft_seconds, slot_microseconds, error, held_usd, found (how many values
    of each type it held). Unknown is null.
    """
    with LedgerReader.open(ledger_here(config)) as reader:
        records = reader.requests(limit, route=route, model=model, key=key)
        removed_before = None if len(records) == limit else reader.rows_removed_before()
    answer_lines(map(record_shape, records), lambda: _listed(records), as_json=as_json)
    if removed_before is not None:
        click.echo(rows_removed(removed_before), err=True)


def _listed(records: list[Record]) -> Screen:
    if not records:
        return [line("There are no such requests.")]
    now = datetime.now(UTC)
    columns = (
        Column("request", whole=True),
        Column("at (UTC)", whole=True),
        Column("route"),
        Column("answered by"),
        Column("status"),
        Column("label", leaves=2),
        Column("tokens", right=True, leaves=4),
        Column("TTFT", right=True, leaves=1),
        Column("time", right=True, leaves=3),
        Column("cost", right=True),
    )
    length = SHORT_ID if is_terminal(sys.stdout) else None
    return [Table(columns, [_row(record, now, length) for record in records])]


def _row(record: Record, now: datetime, id_length: int | None) -> tuple[Cell, ...]:
    return (
        record.request_id[:id_length],
        short_moment(record.at, now),
        record.route or "–",
        _answered(record),
        status_word(record.status),
        record.label or UNKNOWN,
        tokens(record.usage) if record.model is not None else "–",
        duration(record.ttft_seconds),
        duration(record.seconds),
        cost_word(record),
    )


def _answered(record: Record) -> Cell:
    if record.model is None:
        return Word("nobody", "bad")
    return (record.model, " ", tenure_word(record.tenure))
