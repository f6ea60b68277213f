"""Answers beside each other while they grow, and what they took. Does not know how they come."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.asking import Hearing, Question, ask_all
from freehold.cli.cells import cost_word
from freehold.cli.figures import UNKNOWN, duration, tokens
from freehold.cli.screen import Block, Cell, Column, Meaning, Screen, Table, Word, is_terminal, line, terminal
from freehold.egress import Client
from freehold.ledger import Record

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult  # loaded for a terminal alone
    from rich.panel import Panel

_FRAMES_PER_SECOND = 12


def listen(client: Client, question: Question, hearings: list[Hearing], *, live: bool) -> None:
    """Ask and listen; on a terminal the answers grow before one's eyes."""
    if not live:
        asyncio.run(ask_all(client, question, hearings))
    elif is_terminal(sys.stdout):
        _listen_live(client, question, hearings)
    else:
        asyncio.run(ask_all(client, question, hearings))
        for hearing in hearings:
            _write_plain(hearing)


def _listen_live(client: Client, question: Question, hearings: list[Hearing]) -> None:
    from rich.live import Live  # noqa: PLC0415 - a program that reads us needs none of it

    console = terminal(sys.stdout)
    panels = _Panels(hearings)
    with Live(panels, console=console, refresh_per_second=_FRAMES_PER_SECOND):
        asyncio.run(ask_all(client, question, hearings))


def _write_plain(hearing: Hearing) -> None:
    sys.stdout.write(f"{_title(hearing)}\n{hearing.text or '(nothing)'}\n\n")


class _Panels:
    """The answers as they are at the moment of each frame."""

    def __init__(self, hearings: list[Hearing]) -> None:
        self._hearings = hearings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.table import Table as RichTable  # noqa: PLC0415 - as above

        del console, options
        grid = RichTable.grid(expand=True, padding=(0, 1))
        for _ in self._hearings:
            grid.add_column(ratio=1)
        grid.add_row(*(_panel(hearing) for hearing in self._hearings))
        yield grid


def _panel(hearing: Hearing) -> Panel:
    from rich.panel import Panel as RichPanel  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    meaning: Meaning = "owned" if hearing.home == "own" else "rented"
    body = Text(hearing.text, overflow="fold")
    if hearing.error is not None:
        body.append(f"\n{hearing.error}" if hearing.text else hearing.error, style="bad")
    elif not hearing.over:
        body.append("▌", style="faint")
    return RichPanel(body, title=_title(hearing), title_align="left", border_style=meaning, padding=(0, 1))


def _title(hearing: Hearing) -> str:
    model = "" if hearing.model is None else f": {hearing.model}"
    simulated = " (simulated)" if hearing.simulated else ""
    return f"{hearing.home}{model}{simulated}"


def summary(hearings: list[Hearing], records: list[Record | None]) -> Screen:
    """What each took, from the ledger."""
    columns = (
        Column("home", whole=True),
        Column("model", whole=True),
        Column("TTFT", right=True),
        Column("time", right=True),
        Column("tokens", right=True),
        Column("cost", right=True),
    )
    rows = [_row(hearing, record) for hearing, record in zip(hearings, records, strict=True)]
    return [Table(columns, rows), *(block for hearing in hearings for block in _remarks(hearing))]


def _row(hearing: Hearing, record: Record | None) -> tuple[Cell, ...]:
    meaning: Meaning = "owned" if hearing.home == "own" else "rented"
    model: Cell = Word("nobody", "bad") if hearing.model is None else hearing.model
    home = Word(hearing.home, meaning)
    if record is None:
        return home, model, duration(hearing.ttft_seconds), duration(hearing.seconds), UNKNOWN, UNKNOWN
    return (
        home,
        model,
        duration(record.ttft_seconds),
        duration(record.seconds),
        tokens(record.usage) if record.model is not None else "–",
        cost_word(record),
    )


def _remarks(hearing: Hearing) -> Iterator[Block]:
    if hearing.error is not None:
        yield line(Word(f"{hearing.home}: ", "bad"), hearing.error)
    elif hearing.reason is not None:
        yield line(Word(f"{hearing.home}: ", "faint"), hearing.reason)
    if hearing.request_id is not None:
        yield line(Word(f"freehold explain {hearing.request_id}", "faint"), indent=2)
    if hearing.status == 401:
        yield line(Word("hint: ", "faint"), "--key KEY, or FREEHOLD_KEY in the environment", indent=2)
