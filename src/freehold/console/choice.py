"""Which requests a page lists: the filters in its URL, and the search for records that pass them.

Route, model and key are looked up by the ledger; the rest is sieved here, over a bounded number of records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from freehold.console.span import EVER, Span, read_span
from freehold.errors import Refused
from freehold.ledger import LedgerReader, Record

CHUNK = 500
NONE = "-"  # a request without a route, or that no model answered; no name in a config begins so
OUTCOMES = ("answered", "failed")
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """Newest first. `more` tells that there are older ones; `gave_up_after` so many looked at, if it did."""

    records: list[Record]
    more: bool
    next_before: str | None
    gave_up_after: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Filters; `None` lets everything pass. `before` is the request whose elders are wanted."""

    span: Span
    route: str | None = None
    model: str | None = None
    key: str | None = None
    outcome: str | None = None
    label: str | None = None
    before: str | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], now: float) -> Choice:
        """From a URL's query. Raises `Refused` (400) for a word that it does not take."""
        outcome = query.get("outcome") or None
        if outcome is not None and outcome not in OUTCOMES:
            said = f"outcome={outcome!r} is neither answered nor failed."
            raise Refused(400, said)
        names = ("route", "model", "key", "label", "before")
        given = {name: query.get(name) or None for name in names}
        return cls(read_span(query.get("since"), now), outcome=outcome, **given)

    def query(self, **changes: str | None) -> str:
        """This choice, changed, as a URL's query with its question mark; empty where nothing is filtered."""
        names = ("route", "model", "key", "outcome", "label", "before")
        said: dict[str, str | None] = {name: getattr(self, name) for name in names}
        said["since"] = None if self.span.word == EVER else self.span.word
        said |= changes
        words = urlencode({name: word for name, word in said.items() if word})
        return f"?{words}" if words else ""

    def without_place(self) -> Choice:
        return replace(self, before=None)

    @property
    def is_filtered(self) -> bool:
        return bool(self.without_place().query())

    @property
    def _sieves(self) -> bool:
        """Whether there are filters that the ledger does not know."""
        return (
            self.span.start is not None
            or bool(self.outcome or self.label)
            or NONE in (self.route, self.model)
        )

    def keeps(self, record: Record) -> bool:
        """Whether a record passes every filter."""
        start = self.span.start
        return (
            (start is None or record.at >= start)
            and self.route in (None, record.route or NONE)
            and self.model in (None, record.model or NONE)
            and self.key in (None, record.key)
            and self.label in (None, record.label)
            and self.outcome in (None, "answered" if record.status < 400 else "failed")
        )

    def is_before(self, record: Record) -> bool:
        """Whether a record, and so every one that was written before it, ended before the span began."""
        return self.span.start is not None and record.at + record.seconds < self.span.start

    def chunk(self, reader: LedgerReader, before: str | None, limit: int) -> list[Record]:
        """The next records that the ledger's own filters let pass; they are not sieved yet."""
        route, model = (None if name == NONE else name for name in (self.route, self.model))
        return reader.requests(limit, before=before, route=route, model=model, key=self.key)

    def find(self, reader: LedgerReader, limit: int) -> Found:
        """The newest `limit` that pass."""
        records: list[Record] = []
        before, looked_at = self.before, 0
        size = CHUNK if self._sieves else limit + 1
        while looked_at < _MOST_LOOKED_AT:
            chunk = self.chunk(reader, before, size)
            for record in chunk:
                if self.keeps(record):
                    records.append(record)
                if len(records) > limit:
                    return Found(records[:limit], more=True, next_before=records[limit - 1].request_id)
            looked_at += len(chunk)
            if len(chunk) < size or self.is_before(chunk[-1]):
                return Found(records, more=False, next_before=None)
            before = chunk[-1].request_id
        return Found(records, more=True, next_before=before, gave_up_after=looked_at)
