"""Which requests a page lists: the filters in its URL. The ledger finds the records that pass them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from freehold.console.span import EVER, Span, read_span
from freehold.errors import Refused
from freehold.ledger import LedgerReader, Record

CHUNK = 500
OUTCOMES = ("answered", "failed")


@dataclass(frozen=True, slots=True)
class Found:
    """Newest first. `more` tells that there are older ones; rows of before `removed_before` are gone."""

    records: list[Record]
    more: bool
    removed_before: float | None

    @property
    def next_before(self) -> str:
        """Where the next page begins; there is one if there are `more`."""
        return self.records[-1].request_id


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

    def chunk(self, reader: LedgerReader, before: str | None, limit: int) -> list[Record]:
        """The next records that pass, newest first."""
        return reader.requests(
            limit,
            before=before,
            route=self.route,
            model=self.model,
            key=self.key,
            label=self.label,
            answered=None if self.outcome is None else self.outcome == "answered",
            since=self.span.start,
        )

    def find(self, reader: LedgerReader, limit: int) -> Found:
        """The newest `limit` that pass."""
        records = self.chunk(reader, self.before, limit + 1)
        return Found(records[:limit], len(records) > limit, reader.rows_removed_before())
