"""Give requests the cost that mended prices say: shown first, then appended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from freehold.cli.completing import model_names
from freehold.cli.figures import counted, exact, money
from freehold.cli.options import Moment, config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.repricing import Changes, ModelChange, changes
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, line
from freehold.cli.who import who
from freehold.ledger import LedgerReader, reprice


@click.command()
@config_option
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="M",
    shell_complete=model_names,
    help="Only requests that this model answered. Repeatable.",
)
@click.option("--since", type=Moment(), metavar="WHEN", help="Only from then on: 2026-11-24, or 24h, 7d ago.")
@click.option("--until", type=Moment(), metavar="WHEN", help="Only before then.")
@click.option("--why", metavar="TEXT", help="The reason, for the ledger. Needed to append.")
@click.option("--apply", "applies", is_flag=True, help="Append the corrections. Without it they are shown.")
@json_option
def command(
    config: Path | None,
    models: tuple[str, ...],
    *,
    since: datetime | None,
    until: datetime | None,
    why: str | None,
    applies: bool,
    as_json: bool,
) -> None:
    """Compute the cost of rented requests again, at the prices that the config knows now.

    Prices are those of the day of each request. A new cost is appended beside the record, with who and why;
    what it was before stays, and every total counts the new one. Requests that cannot be priced stay.

    --json prints an object: applied, event, requests, before_usd, after_usd, difference_usd, unknown_before,
    models, unchanged, skipped.
    """
    if applies and not why:
        raise click.UsageError("--apply needs --why TEXT: the ledger keeps the reason")
    settings = settings_for_looking(config)
    path = settings.ledger.path
    start, end = (None if at is None else at.timestamp() for at in (since, until))
    with LedgerReader.open(path) as reader:
        found = changes(reader.walk(since=start, until=end), settings, frozenset(models))
    event = None
    if applies and found.costs and why:
        body = {"models": sorted(found.models), "since": start, "until": end, **_sums(found.total)}
        event, _ = reprice(path, found.costs.items(), body=body, who=who(), why=why)
    shape = {
        "applied": event is not None,
        "event": event,
        **_sums(found.total),
        "models": {name: _sums(change) for name, change in sorted(found.models.items())},
        "unchanged": found.unchanged,
        "skipped": dict(sorted(found.skipped.items())),
    }
    answer(shape, lambda: _told(found, event), as_json=as_json)


def _sums(change: ModelChange) -> dict[str, Any]:
    return {
        "requests": change.requests,
        "before_usd": exact(change.before_usd),
        "after_usd": exact(change.after_usd),
        "difference_usd": exact(change.difference_usd),
        "unknown_before": change.unknown,
    }


def _told(found: Changes, event: int | None) -> Screen:
    return list(_blocks(found, event))


def _blocks(found: Changes, event: int | None) -> Iterator[Block]:
    total = found.total
    if not total.requests:
        yield line(
            Word("Nothing changes", "title"), f": {counted(found.unchanged, 'request')} cost the same."
        )
    else:
        done = "cost something else now" if event is not None else "would cost something else"
        change = f"{_signed(total.difference_usd)} in all"
        yield line(Word(counted(total.requests, "request"), "title"), f" {done}: {change}.")
        yield line()
        yield _table(found)
    for why, count in sorted(found.skipped.items()):
        yield line(Word(f"{counted(count, 'request')} left as they are: {why}", "faint"))
    if total.requests and event is None:
        yield line()
        yield line("Nothing was written. To append it: --apply --why TEXT")
    elif event is not None:
        yield line(Word(f"Appended, event {event}. What it was before stays visible.", "good"))


def _table(found: Changes) -> Table:
    columns = (
        Column("model"),
        Column("requests", right=True),
        Column("before", right=True),
        Column("now", right=True),
        Column("difference", right=True),
        Column("unknown before", right=True),
    )
    rows = [(name, *_figures(change)) for name, change in sorted(found.models.items())]
    return Table(columns, [*rows, ("all", *_figures(found.total))], totals=1)


def _figures(change: ModelChange) -> Iterator[Cell]:
    yield f"{change.requests:,}"
    yield money(change.before_usd)
    yield money(change.after_usd)
    yield _signed(change.difference_usd)
    yield f"{change.unknown:,}"


def _signed(usd: Decimal) -> str:
    return f"+{money(usd)}" if usd > 0 else money(usd)
