"""Totals: requests, tokens and money, by model and by route."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from freehold.cli.cells import SIMULATED, sum_of_money, tenure_word
from freehold.cli.figures import counted, duration, money
from freehold.cli.finding import ledger_here
from freehold.cli.options import Moment, config_option, json_option
from freehold.cli.output import answer
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, line
from freehold.cli.shapes import stats_shape
from freehold.ledger import LedgerReader, Stats, Sums


@click.command()
@config_option
@click.option("--since", type=Moment(), metavar="WHEN", help="Only from then on: 2026-11-24, or 24h, 7d ago.")
@json_option
def command(config: Path | None, since: datetime | None, *, as_json: bool) -> None:
    """Add up what the ledger holds. Every total is the sum of its parts.

    Simulated money is never part of real money, and a cost that is not known is counted, not guessed. What an
    owned model's unused hours cost stands apart as idle.

    --json prints an object: since, until, rows_removed_before, requests, ok, errors, cost_usd,
    unknown_cost_requests, simulated_requests, simulated_cost_usd, simulated_unknown_cost_requests,
    idle_cost_usd, unknown_idle_cost_rows, repriced_requests, original_cost_usd, input_tokens, cached_tokens,
    output_tokens, reasoning_tokens, unknown_usage_requests, by_status, by_model, by_route, idle.
    """
    start = None if since is None else since.timestamp()
    with LedgerReader.open(ledger_here(config)) as reader:
        stats = reader.stats(start)
    answer(stats_shape(stats), lambda: _told(stats), as_json=as_json)


def _told(stats: Stats) -> Screen:
    return list(_blocks(stats))


def _blocks(stats: Stats) -> Iterator[Block]:
    yield line(
        Word(counted(stats.requests, "request"), "title"),
        f": {stats.ok:,} answered, {stats.errors:,} not",
    )
    yield Table((Column("", whole=True), Column("", right=True), Column("")), list(_money(stats)), indent=2)
    if not stats.requests:
        return
    yield line()
    models = [
        ((part.model or "nobody", tenure_word(part.tenure) if part.model else ""), part)
        for part in stats.by_model
    ]
    yield _sums(("model", "tenure"), [*models, (("all", ""), stats)])
    yield line()
    routes = [((part.route or "no route",), part) for part in stats.by_route]
    yield _sums(("route",), [*routes, (("all",), stats)])
    if stats.idle:
        yield line()
        yield _idle(stats)


def _money(stats: Stats) -> Iterator[tuple[Cell, ...]]:
    unknown = stats.unknown_cost_requests
    yield (
        "real money",
        sum_of_money(stats.cost_usd, unknown),
        Word(f"{counted(unknown, 'request')} of unknown cost", "odd") if unknown else "",
    )
    if stats.repriced_requests:
        was = f"before {counted(stats.repriced_requests, 'request')} got another price"
        yield "it was", money(stats.original_cost_usd), was
    if stats.idle:
        rows = stats.unknown_idle_cost_rows
        yield "idle", sum_of_money(stats.idle_cost_usd, rows), "owned hours that nobody used"
    if stats.simulated_requests:
        yield SIMULATED, _simulated(stats), f"{counted(stats.simulated_requests, 'request')}, no money"


def _simulated(sums: Sums) -> Word:
    return Word(sum_of_money(sums.simulated_cost_usd, sums.simulated_unknown_cost_requests), "simulated")


def _sums(names: tuple[str, ...], rows: list[tuple[tuple[Cell, ...], Sums]]) -> Table:
    figures = {"requests": 0, "errors": 3, "tokens in": 1, "tokens out": 2}
    columns = (
        *(Column(name) for name in names),
        *(Column(name, right=True, leaves=leaves) for name, leaves in figures.items()),
        *(Column(name, right=True, whole=True) for name in ("real money", "simulated", "unknown cost")),
    )
    return Table(columns, [(*cells, *_figures(sums)) for cells, sums in rows], totals=1)


def _figures(sums: Sums) -> Iterator[Cell]:
    yield f"{sums.requests:,}"
    yield f"{sums.errors:,}"
    yield f"{sums.input_tokens:,}"
    yield f"{sums.output_tokens:,}"
    is_real = sums.requests > sums.simulated_requests
    yield sum_of_money(sums.cost_usd, sums.unknown_cost_requests) if is_real else "–"
    yield _simulated(sums) if sums.simulated_requests else "–"
    yield Word(f"{sums.unknown_cost_requests:,}", "odd") if sums.unknown_cost_requests else "0"


def _idle(stats: Stats) -> Table:
    columns = (Column("idle"), Column("unused slot time", right=True), Column("cost", right=True))
    rows = [
        (
            part.model,
            duration(part.slot_microseconds / 1_000_000),
            sum_of_money(part.cost_usd, part.unknown_cost_rows),
        )
        for part in stats.idle
    ]
    return Table(columns, rows)
