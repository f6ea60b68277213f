"""What left for each attempt of a request, and by which permit, as text. Knows no ledger."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.cli.screen import Block, Cell, Column, Table, Word, line
from freehold.ledger import Attempt, Record, Sent

_SHOWN_CHARACTERS = 16  # of a digest; `--json` has all of it


def permits(record: Record) -> Iterator[Block]:
    """Nothing for a request of which nothing left."""
    sent = [(attempt, attempt.sent) for attempt in record.attempts if attempt.sent is not None]
    if sent:
        yield line(Word("What left, and by which permit", "faint"), indent=2)
        names = ("to", "destination", "sent as", "cleared for", "chosen by", "SHA-256")
        columns = tuple(Column(name, whole=name in ("to", "destination")) for name in names)
        yield Table(columns, [_row(*one) for one in sent], indent=2)


def _row(attempt: Attempt, sent: Sent) -> tuple[Cell, ...]:
    region = "" if sent.region is None else f" ({sent.region})"
    digest = "erased" if sent.digest is None else f"{sent.digest[:_SHOWN_CHARACTERS]}…"
    return attempt.model, f"{sent.destination}{region}", sent.label, sent.clearance, sent.policy, digest
