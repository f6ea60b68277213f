"""What the ledger keeps: one record a request, idle hours of owned models, content where a route stores it.

Values only. Does not know files. Times are Unix seconds in UTC, money is `Decimal` US dollars,
unknown is `None`. New fields must have defaults: journals written by an older version are still read.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from freehold.wire import Usage


class Sent(msgspec.Struct, frozen=True):
    """The permit by which an attempt's bytes went to the door.

    `digest` is the SHA-256 of the body in hex, `None` once it was erased. `region` is `None` where the config
    does not say where the destination stands.
    """

    destination: str
    label: str
    clearance: str
    policy: str
    region: str | None
    digest: str | None


class Attempt(msgspec.Struct, frozen=True):
    """One upstream call.

    `started_seconds` counts from the record's start. `outcome` is one of `ok`, `refused`, `error`,
    `timeout`, `cut`, `client_gone`, `skipped`. `sent` is `None` where nothing was to leave this process.
    """

    model: str
    tenure: str
    provider: str
    started_seconds: float
    seconds: float
    outcome: str
    status: int | None = None
    error: str | None = None
    ttft_seconds: float | None = None
    sent: Sent | None = None


class Spotted(msgspec.Struct, frozen=True, array_like=True):
    """Where a value of a `type` stands in a request: no sign of the value itself.

    `field` is a field of the request, empty for one that the protocol does not have, and `number` which of
    its messages or inputs, from 0; `start` and `length` count code points of the text that stands there, its
    strings a line each. `start` is `None` for what lies over the end of one string and the beginning of the
    next.
    """

    type: str
    field: str
    number: int | None
    start: int | None
    length: int


class Record(msgspec.Struct, frozen=True):
    """One request with its attempts.

    `at` is when it came. `model` is ours, the one that answered, `None` if none did; `upstream_model` is
    the name the upstream gave itself. `cost_usd` is `None` where price or usage is unknown. `simulated`
    means that the cost is no real money. `held_usd` is what budgets count where the cost is unknown: the
    worst case that was held for it. `subject` is the pseudonym of whom it is about, `conversation` the id of
    the request that its conversation began with; both are gone after an erasure, like `error`, `reason`
    and `spans`.
    `found` says how many values of each type the request held, `None` where nobody looked; `spans` where the
    first of them stand, `None` also where nobody wrote that down.
    """

    request_id: str
    at: float
    endpoint: str
    route: str | None
    key: str | None
    model: str | None
    tenure: str | None
    provider: str | None
    upstream_model: str | None
    status: int
    stream: bool
    label: str | None
    usage: Usage | None
    cost_usd: Decimal | None
    simulated: bool
    attempts: tuple[Attempt, ...]
    reason: str
    seconds: float
    ttft_seconds: float | None = None
    slot_microseconds: int | None = None
    error: str | None = None
    held_usd: Decimal | None = None
    subject: str | None = None
    conversation: str | None = None
    found: dict[str, int] | None = None
    spans: tuple[Spotted, ...] | None = None


class Repriced(Record, frozen=True):
    """A record whose price was mended: `cost_usd` is what counts now. Never in a journal.

    `original_cost_usd` is what was computed when it was written, `corrected_by` the event of the latest
    repricing.
    """

    original_cost_usd: Decimal | None = None
    corrected_by: int = 0


def original_cost_usd(record: Record) -> Decimal | None:
    """What a record's cost was when it was written, whatever counts now."""
    return record.original_cost_usd if isinstance(record, Repriced) else record.cost_usd


class Idle(msgspec.Struct, frozen=True):
    """Slot time of an owned model that nobody used between `from_` and `to`, within one hour.

    `hour` is the hour's start. An hour may come in several pieces, across a restart for instance.
    """

    model: str
    hour: int
    from_: float
    to: float
    slots: int
    slot_microseconds: int
    cost_usd: Decimal | None


class Payload(msgspec.Struct, frozen=True):
    """What was asked and answered, of a route that stores it.

    With a `key` it is encrypted, all of it in `prompt`, and `content` is the commitment to it.
    """

    request_id: str
    prompt: bytes
    answer: bytes
    key: str | None = None
    content: str | None = None


class ContentKey(msgspec.Struct, frozen=True):
    """A key that content of `owner` is encrypted with, itself encrypted with the ledger's secret."""

    name: str
    owner: str
    wrapped: bytes
