"""The attempts of one request as a picture in text: when each began, when it spoke, how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.cli.cells import outcome_word
from freehold.cli.figures import duration
from freehold.cli.screen import Block, Cell, Column, Meaning, Table, Word, line
from freehold.ledger import Attempt, Record

_WIDTH = 32
_WAITING, _SPEAKING, _NOTHING = "░", "█", " "


def timeline(record: Record) -> Iterator[Block]:
    yield line(Word(f"Attempts, over {duration(record.seconds)}", "faint"), indent=2)
    columns = (Column("", whole=True), Column("", whole=True), Column(""))
    yield Table(columns, [_row(attempt, record.seconds) for attempt in record.attempts], indent=2)


def _row(attempt: Attempt, total_seconds: float) -> tuple[Cell, ...]:
    meaning: Meaning = "owned" if attempt.tenure == "owned" else "rented"
    return attempt.model, ("│", Word(_bar(attempt, total_seconds), meaning), "│"), _ended(attempt)


def _bar(attempt: Attempt, total_seconds: float) -> str:
    """`  ░░░████   `: nothing yet, waiting for the first token, answering, over."""
    scale = _WIDTH / total_seconds if total_seconds > 0 else 0.0
    begin = min(_WIDTH - 1, int(attempt.started_seconds * scale))
    end = min(_WIDTH, max(begin + 1, round((attempt.started_seconds + attempt.seconds) * scale)))
    spoke = end
    if attempt.ttft_seconds is not None:
        spoke = min(end, max(begin, round((attempt.started_seconds + attempt.ttft_seconds) * scale)))
    bar = _NOTHING * begin + _WAITING * (spoke - begin) + _SPEAKING * (end - spoke)
    return bar.ljust(_WIDTH, _NOTHING)


def _ended(attempt: Attempt) -> Cell:
    status = "" if attempt.status is None else f" {attempt.status}"
    error = f": {attempt.error}" if attempt.error else ""
    first = "" if attempt.ttft_seconds is None else f", first token after {duration(attempt.ttft_seconds)}"
    return (outcome_word(attempt.outcome), f"{status} in {duration(attempt.seconds)}{first}{error}")
