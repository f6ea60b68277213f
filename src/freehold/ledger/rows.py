"""Entries as rows of the tables and back. Does not know journals, transactions or files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from freehold.ledger.entries import Attempt, ContentKey, Idle, Payload, Record, Repriced, Spotted
from freehold.wire import Usage

RECORD, IDLE, PAYLOAD, KEY, HEADER = b"R", b"I", b"P", b"K", b"H"

# Rows of one INSERT. SQLite hands the interpreter over with every statement: one for each row would cost the
# traffic in the same process a switch of threads each; so many rows are built in about 0.2 ms.
ROWS_AT_ONCE = 32

RECORD_COLUMNS = (
    "request_id, at, endpoint, route, key, model, tenure, provider, upstream_model, status, stream, label,"
    " input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_usd, simulated, attempts, reason,"
    " seconds, ttft_seconds, slot_microseconds, error, held_usd, subject, conversation, found, spans"
)
# Of the view `corrected`: the record with the cost that counts, and how it came to it.
CORRECTED_COLUMNS = f"{RECORD_COLUMNS}, original_cost_usd, corrected_by"


_NULL = msgspec.Raw(b"null")


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A record as the journal holds it: what is only copied into a column stays text."""

    request_id: str
    at: float
    endpoint: str
    status: int
    stream: bool
    simulated: bool
    attempts: msgspec.Raw
    reason: str
    seconds: float
    route: str | None = None
    key: str | None = None
    model: str | None = None
    tenure: str | None = None
    provider: str | None = None
    upstream_model: str | None = None
    label: str | None = None
    usage: Usage | None = None
    cost_usd: str | None = None
    ttft_seconds: float | None = None
    slot_microseconds: int | None = None
    error: str | None = None
    held_usd: str | None = None
    subject: str | None = None
    conversation: str | None = None
    found: msgspec.Raw = _NULL
    spans: msgspec.Raw = _NULL


_drafts = msgspec.json.Decoder(Draft)
_idles = msgspec.json.Decoder(Idle)
_payloads = msgspec.json.Decoder(Payload)
_keys = msgspec.json.Decoder(ContentKey)
_found = msgspec.json.Decoder(dict[str, int])
_spans = msgspec.json.Decoder(tuple[Spotted, ...])
_attempts = msgspec.json.Decoder(tuple[Attempt, ...])


def read_draft(body: bytes) -> Draft:
    return _drafts.decode(body)


def draft_row(id_: int, draft: Draft) -> tuple[Any, ...]:
    usage = draft.usage
    tokens = (
        (None, None, None, None)
        if usage is None
        else (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens)
    )
    return (
        id_,
        draft.request_id,
        draft.at,
        draft.endpoint,
        draft.route,
        draft.key,
        draft.model,
        draft.tenure,
        draft.provider,
        draft.upstream_model,
        draft.status,
        int(draft.stream),  # as SQLite gives it back: what is sealed is what is read
        draft.label,
        *tokens,
        draft.cost_usd,
        int(draft.simulated),
        str(draft.attempts, "utf-8"),
        draft.reason,
        draft.seconds,
        draft.ttft_seconds,
        draft.slot_microseconds,
        draft.error,
        draft.held_usd,
        draft.subject,
        draft.conversation,
        None if draft.found == _NULL else str(draft.found, "utf-8"),
        None if draft.spans == _NULL else str(draft.spans, "utf-8"),
    )


def record_row(id_: int, body: bytes) -> tuple[Any, ...]:
    return draft_row(id_, _drafts.decode(body))


def idle_row(id_: int, body: bytes) -> tuple[Any, ...]:
    idle = _idles.decode(body)
    cost = None if idle.cost_usd is None else str(idle.cost_usd)
    return (id_, idle.model, idle.hour, idle.from_, idle.to, idle.slots, idle.slot_microseconds, cost)


def payload_row(id_: int, body: bytes) -> tuple[Any, ...]:
    payload = _payloads.decode(body)
    return (id_, payload.request_id, payload.prompt, payload.answer, payload.key, payload.content)


def key_row(id_: int, body: bytes) -> tuple[Any, ...]:
    key = _keys.decode(body)
    return (id_, key.name, key.owner, key.wrapped)


class Table:
    """How entries get into a table: `row` makes a row, `insert` takes one, `insert_many` `ROWS_AT_ONCE`.

    Rows carry their ids: one more than `newest` says. An id is never used again, though its row be removed.
    """

    __slots__ = ("insert", "insert_many", "name", "newest", "row")

    def __init__(
        self,
        name: str,
        columns: str,
        row: Callable[[int, bytes], tuple[Any, ...]],
        removed: str | None = None,
    ) -> None:
        marks = f"({', '.join('?' for _ in columns.split(','))})"
        into = f"INSERT INTO {name} ({columns}) VALUES "  # noqa: S608  names from this file only
        self.name = name
        self.row = row
        self.insert = into + marks
        self.insert_many = into + ", ".join([marks] * ROWS_AT_ONCE)
        self.newest = f"SELECT ifnull(max(id), 0) FROM {name}"  # noqa: S608  a name from this file
        if removed is not None:
            removals = f"SELECT ifnull(max({removed}), 0) FROM removals"  # noqa: S608  a name from this file
            self.newest = f"SELECT max(({self.newest}), ({removals}))"


# Of the first two the leaf's number, and of records the salts, are added when a row is sealed.
RECORDS = Table("records", f"id, {RECORD_COLUMNS}, leaf, salt", record_row, removed="records_to")
IDLES = Table(
    "idle",
    "id, model, hour, from_at, to_at, slots, slot_microseconds, cost_usd",
    idle_row,
    removed="idle_to",
)
PAYLOADS = Table("payloads", "id, request_id, prompt, answer, key, leaf", payload_row)
KEYS = Table("keys", "id, name, owner, wrapped", key_row)

# by the letter in the journal
TABLES: dict[int, Table] = {RECORD[0]: RECORDS, IDLE[0]: IDLES, PAYLOAD[0]: PAYLOADS, KEY[0]: KEYS}


def record_of(row: tuple[Any, ...]) -> Record:
    """The record of a row that was selected as `CORRECTED_COLUMNS`."""
    usage = None if row[12] is None else Usage(row[12], row[13], row[14], row[15])
    fields: tuple[Any, ...] = (
        *row[:10],
        bool(row[10]),
        row[11],
        usage,
        money(row[16]),
        bool(row[17]),
        _attempts.decode(row[18]),
        *row[19:24],
        money(row[24]),
        *row[25:27],
        None if row[27] is None else _found.decode(row[27]),
        None if row[28] is None else _spans.decode(row[28]),
    )
    if row[-1] is None:
        return Record(*fields)
    named = dict(zip(Record.__struct_fields__, fields, strict=True))
    return Repriced(**named, original_cost_usd=money(row[-2]), corrected_by=row[-1])


def money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
