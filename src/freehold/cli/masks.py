"""What was found in a request, as a person may see it: type, place and length, and never the value.

A record holds no sign of a value. Where the route stores content, and only as long as it is there and can be
decrypted, the value's first sign is read out of that. Does not scan anything again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from freehold.cli.mask import mask
from freehold.cli.screen import Block, Column, Table, Word, line
from freehold.console import MaskedSpan
from freehold.errors import FreeholdError
from freehold.ledger import LedgerReader, Record, Spotted
from freehold.wire import Endpoint, passages, read_ask

# Of a field that the protocol does not have the name may be somebody's text, so it was not written down.
_ELSEWHERE = "another field"
_Texts = Mapping[tuple[str, int | None], str]


def masked_spans(record: Record, reader: LedgerReader) -> tuple[MaskedSpan, ...]:
    """The spans of a record, in the order of reading. Empty where none was found or written down."""
    if not record.spans:
        return ()
    texts = _stored(record, reader)
    return tuple(_masked(span, texts) for span in record.spans)


def spans_shape(record: Record, spans: tuple[MaskedSpan, ...]) -> list[dict[str, Any]] | None:
    """As `explain --json` prints them; `None` where nobody looked, or wrote down where they stand."""
    if record.spans is None and record.found != {}:
        return None
    return [
        {"type": s.type, "place": s.place, "start": s.start, "length": s.length, "masked": s.masked}
        for s in spans
    ]


def spans_told(record: Record, spans: tuple[MaskedSpan, ...]) -> Iterator[Block]:
    """Nothing for a request in which nothing was found."""
    if not spans:
        return
    yield line(Word("What was found, and where", "faint"), indent=2)
    columns = (Column("type", whole=True), Column("place", whole=True), Column("masked"))
    yield Table(columns, [(span.type, span.where, span.masked) for span in spans], indent=2)
    more = sum((record.found or {}).values()) - len(spans)
    if more > 0:
        yield line(Word(f"and {more:,} more", "faint"), indent=2)


def _masked(span: Spotted, texts: _Texts) -> MaskedSpan:
    text = texts.get((span.field, span.number), "")
    value = "" if span.start is None else text[span.start : span.start + span.length]
    signs = mask(value) if len(value) == span.length else mask("•" * span.length)
    number = "" if span.number is None else f"[{span.number}]"
    return MaskedSpan(span.type, f"{span.field or _ELSEWHERE}{number}", span.start, span.length, signs)


def _stored(record: Record, reader: LedgerReader) -> _Texts:
    """The texts of a request by their places, where its content is kept as it was scanned."""
    try:
        endpoint = Endpoint(record.endpoint)
        payload = reader.payload(record.request_id)
        if payload is None:
            return {}
        found = passages(read_ask(endpoint, payload.prompt))
    except (ValueError, FreeholdError):
        # `responses` are scanned as they are put to a model, and what was altered is not shown.
        return {}
    return {(passage.field, passage.number): passage.text for passage in found if passage.field}
