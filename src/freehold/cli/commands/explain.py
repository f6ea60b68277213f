"""The story of one request: who was asked, why, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from freehold.cli.bill import how_computed
from freehold.cli.cells import SIMULATED, cost_word, rows_removed, status_word, tenure_word
from freehold.cli.figures import UNKNOWN, duration, moment
from freehold.cli.masks import masked_spans, spans_shape, spans_told
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.permits import permits
from freehold.cli.reading import settings_for_looking
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, line
from freehold.cli.shapes import record_shape
from freehold.cli.timeline import timeline
from freehold.config import Settings
from freehold.console import MaskedSpan
from freehold.errors import FreeholdError
from freehold.ledger import LedgerReader, Record
from freehold.wire import Usage

_SHOWN = 100  # more requests than these are not counted


@click.command()
@click.argument("request_id", metavar="ID")
@config_option
@json_option
def command(request_id: str, config: Path | None, *, as_json: bool) -> None:
    """Tell the story of one request.

    ID is the answer's x-request-id, or its beginning; `freehold requests` lists them.

    --json prints the object that `freehold requests --json` prints, and `cost_explained`, a sentence, and
    `spans`: type, place (a field, with the number of its message), start, length and masked of what was
    found. The value's first sign is shown only where the route stores what it was asked, until that is
    erased.
    """
    settings = settings_for_looking(config)
    with LedgerReader.open(settings.ledger.path) as reader:
        record = reader.request(request_id) or _beginning_with(request_id, reader)
        spans = masked_spans(record, reader)
    shape = {
        **record_shape(record),
        "cost_explained": how_computed(record, settings),
        "spans": spans_shape(record, spans),
    }
    answer(shape, lambda: [*_told(record, settings), *_found(record, spans)], as_json=as_json)


def _beginning_with(start: str, reader: LedgerReader) -> Record:
    """The one request whose id begins so."""
    found = reader.beginning_with(start, _SHOWN + 1) if start else []
    if len(found) == 1:
        return found[0]
    number = f"more than {_SHOWN}" if len(found) > _SHOWN else f"{len(found)}"
    said = f"{number} requests begin with {start}" if found else f"there is no request {start}"
    removed_before = reader.rows_removed_before()
    if removed_before is not None and not found:
        raise FreeholdError(said, hint=rows_removed(removed_before))
    raise FreeholdError(said, hint="`freehold requests` lists the newest with their ids")


def _told(record: Record, settings: Settings) -> Screen:
    facts = Table((Column("", whole=True), Column("")), list(_facts(record, settings)), indent=2)
    kind = f"{record.endpoint}, streamed" if record.stream else record.endpoint
    blocks: list[Block] = [
        line(Word(record.request_id, "title"), f"  {moment(record.at)} UTC  {kind}"),
        facts,
    ]
    if record.attempts:
        blocks += [line(), *timeline(record), line(), *permits(record)]
    return blocks


def _found(record: Record, spans: tuple[MaskedSpan, ...]) -> list[Block]:
    return [line(), *spans_told(record, spans)] if spans else []


def _facts(record: Record, settings: Settings) -> Iterator[tuple[Cell, ...]]:
    yield _name("route"), record.route or "none: a model by its own name, or a name that is not known"
    yield _name("key"), record.key or "none"
    yield _name("label"), _label(record)
    yield _name("answered"), _answered(record)
    yield _name("reason"), record.reason or UNKNOWN
    if record.error is not None and not _is_said(record.error, record):
        yield _name("error"), Word(record.error, "bad")
    if record.model is not None:
        yield _name("tokens"), _tokens(record.usage)
    first = record.ttft_seconds
    spoke = "" if first is None else f", the first token after {duration(first)}"
    yield _name("time"), duration(record.seconds) + spoke
    yield _name("cost"), (cost_word(record), f": {how_computed(record, settings)}")


def _is_said(error: str, record: Record) -> bool:
    """Whether the reason or an attempt, which are shown beside it, says the same."""
    return error.rstrip(".") in record.reason or any(error == attempt.error for attempt in record.attempts)


def _label(record: Record) -> str:
    """The label and what raised it: types and how many, never values."""
    if record.label is None:
        return f"{UNKNOWN}: nobody looked, since every model of the route may receive everything"
    if record.found is None:
        return record.label
    found = ", ".join(f"{type_} ×{count}" for type_, count in sorted(record.found.items()))
    return f"{record.label}, found: {found or 'nothing'}"


def _name(text: str) -> Word:
    return Word(text, "faint")


def _answered(record: Record) -> Cell:
    status = status_word(record.status)
    if record.model is None:
        return (status, " by nobody")
    tenure = tenure_word(record.tenure)
    simulated = (", ", SIMULATED) if record.simulated else ()
    says = f"; it calls itself {record.upstream_model}" if record.upstream_model else ""
    return (status, f" by {record.model} (", tenure, f", {record.provider}", *simulated, f"){says}")


def _tokens(usage: Usage | None) -> str:
    if usage is None:
        return UNKNOWN
    cached = "" if usage.cached_tokens is None else f" ({usage.cached_tokens:,} cached)"
    reasoning = "" if usage.reasoning_tokens is None else f" ({usage.reasoning_tokens:,} reasoning)"
    return f"{usage.input_tokens:,} in{cached}, {usage.output_tokens:,} out{reasoning}"
