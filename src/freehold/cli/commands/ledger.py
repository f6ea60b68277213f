"""Check the ledger's files, and repair damaged ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from freehold.cli.figures import counted, exact, moment
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.screen import Screen, Word, line
from freehold.cli.shapes import plain
from freehold.cli.who import who
from freehold.ledger import Checkup, Repair, check_up, repair

_LOOKING_SECONDS = 600.0


@click.group()
def command() -> None:
    """Look after the ledger's files: check that they are whole, repair damaged ones."""


@command.command()
@config_option
@json_option
def check(config: Path | None, *, as_json: bool) -> None:
    """Read every page of the ledger and say whether it is whole. Safe while a gateway runs.

    Whether what is in it is what was written is another question: `freehold audit verify`.

    --json prints an object: path, is_whole (null where ten minutes were not enough), size_bytes,
    journal_bytes, newest_at, seconds.
    """
    path = settings_for_looking(config).ledger.path
    began = time.monotonic()
    found = check_up(path, seconds=_LOOKING_SECONDS)
    shape = {
        "path": str(path),
        "is_whole": found.is_whole,
        "size_bytes": found.size_bytes,
        "journal_bytes": found.journal_bytes,
        "newest_at": found.newest_at,
        "seconds": time.monotonic() - began,
    }
    answer(shape, lambda: _checked(path, found), as_json=as_json)


def _checked(path: Path, found: Checkup) -> Screen:
    said = "is whole" if found.is_whole else "could not be read to its end in ten minutes; so far it is whole"
    return [line(Word(str(path), "strong"), f" {said}.")]


@command.command("repair")
@config_option
@json_option
def repair_(config: Path | None, *, as_json: bool) -> None:
    """Rescue what can be read of a damaged ledger into a new file. Stop the gateway first.

    Damaged files are kept beside it as they are. What is lost is told, and an event is written. Where
    nothing is damaged nothing is done.

    --json prints an object: path, repaired, and where something was repaired kept, records, events,
    payloads, idle_rows, lost_records, lost_ids, lost_requests, lost_first_at, lost_last_at, lost_cost_usd,
    lost_events, resealed, journal_entries, journal_lines_lost, journals_lost, event.
    """
    path = settings_for_looking(config).ledger.path
    found = repair(path, who=who())
    shape: dict[str, Any] = {"path": str(path), "repaired": found is not None}
    answer(
        shape if found is None else {**shape, **plain(found)}, lambda: _repaired(path, found), as_json=as_json
    )


def _repaired(path: Path, found: Repair | None) -> Screen:
    if found is None:
        return [line(Word(str(path), "strong"), " is whole; nothing was done.")]
    return [line(text) for text in _sentences(path, found)]


def _sentences(path: Path, found: Repair) -> Iterator[str]:
    yield f"{path} holds {counted(found.records, 'request')} and {counted(found.events, 'event')} now."
    if found.journal_entries:
        yield f"{counted(found.journal_entries, 'entry', 'entries')} came back from the journal."
    if found.lost_records:
        ranges = ", ".join(f"{first} to {last}" for first, last in found.lost_ids[:5])
        more = "" if len(found.lost_ids) <= 5 else ", and more"
        yield f"Lost: {counted(found.lost_records, 'request')}, with the ids {ranges}{more}."
        if found.lost_first_at is not None and found.lost_last_at is not None:
            yield f"They came between {moment(found.lost_first_at)} and {moment(found.lost_last_at)} UTC."
        usd = exact(found.lost_cost_usd)
        yield f"Totals still count those whose sums could be read: {usd} USD of real money."
    if found.lost_events:
        yield f"Lost: {counted(found.lost_events, 'event')}. Look at `freehold keys list`."
    if found.journal_lines_lost:
        yield f"Lost: {counted(found.journal_lines_lost, 'line')} of the journal."
    if found.journals_lost:
        yield "Lost: whatever stood in a journal or in SQLite's own log that is gone; how much is unknown."
    if found.resealed:
        yield f"{counted(found.resealed, 'row')} had to be sealed anew; `freehold audit verify` tells more."
    yield f"Kept as they were: {', '.join(found.kept)}."
