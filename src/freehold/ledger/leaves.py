"""What a leaf of the log says: the facts that an auditor needs in plain words, all else as commitments.

A record's two salts stand in its row: the first covers what stays, the second what an erasure takes away
(reason, errors, digests of what was sent, subject, conversation, spans). Does not know trees or SQL.

Columns may be added to the end of `RECORD_COLUMNS`, empty for the rows before them: trailing empty columns
are not part of a commitment, so that old leaves still hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from freehold.audit import SALT_BYTES, commit
from freehold.ledger.entries import Sent

# Both salts of a row that nothing was erased from.
BOTH_SALTS_BYTES = 2 * SALT_BYTES

# Where the row of a record has them: the row is `id` and then `RECORD_COLUMNS`.
_REQUEST_ID, _AT, _ROUTE, _STATUS, _LABEL = 1, 2, 4, 10, 12
_ATTEMPTS, _REASON, _ERROR, _HELD, _SUBJECT, _CONVERSATION, SPANS = 19, 20, 24, 25, 26, 27, 29


# What was private from the beginning is part of a commitment even where it is empty.
_FIRST_PRIVATE = 5


class RecordLeaf(msgspec.Struct, frozen=True, tag_field="kind", tag="record"):
    """One request. `facts` and `private` are commitments to its row, `row` is that row's id."""

    request: str
    row: int
    at: float
    route: str | None
    label: str | None
    status: int
    facts: str
    private: str


class SentLeaf(msgspec.Struct, frozen=True, tag_field="kind", tag="sent"):
    """What one attempt let out, and its permit. `body` is a commitment to the digest of the bytes."""

    request: str
    attempt: int
    at: float
    model: str
    destination: str
    region: str | None
    label: str
    clearance: str
    policy: str
    body: str


class EventLeaf(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    """One decision or act of administration. `facts` is a commitment to its row."""

    event: int
    at: float
    name: str
    facts: str


class PayloadLeaf(msgspec.Struct, frozen=True, tag_field="kind", tag="payload"):
    """Stored content. `content` is a commitment whose salt is encrypted with the content itself.

    `None` is content of a time before there was encryption. `sealed` is the SHA-256 of what is in the row, so
    that it can be checked without the ledger's secret.
    """

    request: str
    content: str | None
    sealed: str | None = None


class RowLeaf(msgspec.Struct, frozen=True, tag_field="kind", tag="row"):
    """A row that nobody's private matters are in: idle time, or a correction of a record's cost.

    `digest` is the SHA-256 of the JSON array of its columns, in hex.
    """

    table: str
    row: int
    digest: str


Leaf = RecordLeaf | SentLeaf | EventLeaf | PayloadLeaf | RowLeaf

# The tables that have such leaves, with the columns that are sealed, `id` first.
PLAIN_TABLES = {
    "idle": "id, model, hour, from_at, to_at, slots, slot_microseconds, cost_usd",
    "corrections": "id, record_id, cost_usd, event_id",
}


class _Outbound(msgspec.Struct, frozen=True, gc=False):
    """Of an attempt, what its leaf needs."""

    model: str
    started_seconds: float
    sent: Sent | None = None


encode_leaf = msgspec.json.Encoder().encode
_leaves: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)
_outbounds = msgspec.json.Decoder(tuple[_Outbound, ...])
_json = msgspec.json.Encoder().encode


def read_leaf(leaf: bytes) -> Leaf:
    """Raises `msgspec.DecodeError` for what no Freehold wrote."""
    return _leaves.decode(leaf)


def record_leaves(row: Sequence[Any], salts: bytes) -> list[bytes]:
    """The leaf of a record's row, and one for each attempt by which something left, encoded."""
    private = salts[SALT_BYTES:]
    request, at = row[_REQUEST_ID], row[_AT]
    facts, hidden = commit_facts(row, salts), commit_private(row, private)
    leaves = [
        encode_leaf(RecordLeaf(request, row[0], at, row[_ROUTE], row[_LABEL], row[_STATUS], facts, hidden))
    ]
    for number, attempt in enumerate(_outbounds.decode(row[_ATTEMPTS])):
        sent = attempt.sent
        if sent is not None:
            body = commit(private, (sent.digest or "").encode())
            leaf = SentLeaf(
                request,
                number,
                at + attempt.started_seconds,
                attempt.model,
                sent.destination,
                sent.region,
                sent.label,
                sent.clearance,
                sent.policy,
                body,
            )
            leaves.append(encode_leaf(leaf))
    return leaves


def commit_facts(row: Sequence[Any], salts: bytes) -> str:
    """To everything in a record's row that an erasure leaves."""
    facts = [*row[:_ATTEMPTS], *row[_REASON + 1 : _ERROR], row[_HELD], *row[_CONVERSATION + 1 : SPANS]]
    return commit(salts[:SALT_BYTES], _without_end(facts))


def commit_private(row: Sequence[Any], private_salt: bytes) -> str:
    """To everything in a record's row that an erasure takes away."""
    private = [row[_ATTEMPTS], row[_REASON], row[_ERROR], row[_SUBJECT], row[_CONVERSATION], *row[SPANS:]]
    return commit(private_salt, _without_end(private, _FIRST_PRIVATE))


def event_leaf(row: Sequence[Any], salt: bytes) -> EventLeaf:
    """Of the row `id, at, kind, who, why, body`."""
    return EventLeaf(row[0], row[1], row[2], commit(salt, _json(row)))


def row_leaf(table: str, row: Sequence[Any]) -> RowLeaf:
    """Of a row of one of `PLAIN_TABLES`, its columns as named there."""
    return RowLeaf(table, row[0], sha256(_json(row)).hexdigest())


def payload_leaf(request_id: str, prompt: bytes, content: str | None) -> PayloadLeaf:
    """`prompt` is the encrypted content, `content` the commitment to what it says."""
    return PayloadLeaf(request_id, content, sha256(prompt).hexdigest())


def commit_content(salt: bytes, prompt: bytes, answer: bytes) -> str:
    """To what was asked and answered; where the one ends is part of it."""
    return commit(salt, b"%d\n%b%b" % (len(prompt), prompt, answer))


def _without_end(values: list[Any], least: int = 0) -> bytes:
    while len(values) > least and values[-1] is None:
        values.pop()
    return _json(values)
