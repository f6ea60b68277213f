"""What a record says a provider was asked for: one entry an attempt that reached it. Pure.

An attempt whose answer came whole is counted by its usage. One that broke off, fell silent, or was left by
its client may be on the bill too, with tokens that nobody here was told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from freehold.ledger import Attempt, Record
from freehold.wire import Usage

Certainty = Literal["counted", "maybe"]
_MAY_BILL = frozenset({"timeout", "cut", "client_gone"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One attempt. `name` is what the upstream calls the model, `why` says what is odd about it, if anything.

    `cost_usd` is `None` where it is not known, or cannot be told from that of an owned model in one record.
    """

    request_id: str
    day: date
    name: str
    certainty: Certainty
    usage: Usage | None
    cost_usd: Decimal | None
    why: str | None


def asked_of(
    record: Record, names: Callable[[str], str | None], providers: frozenset[str]
) -> Iterator[Asked]:
    """The attempts that one of `providers` (empty: anybody who is rented) may have billed.

    `names` tells what the upstream of one of our models calls it, where no answer told.
    """
    if record.simulated:
        return
    last = len(record.attempts) - 1
    for number, attempt in enumerate(record.attempts):
        if attempt.tenure != "rented" or (providers and attempt.provider not in providers):
            continue
        answered = number == last and attempt.model == record.model
        certainty = _certainty(attempt, record if answered else None)
        if certainty is None:
            continue
        name = (record.upstream_model if answered else None) or names(attempt.model) or attempt.model
        yield Asked(
            request_id=record.request_id,
            day=_day(record.at + attempt.started_seconds),
            name=name,
            certainty=certainty,
            usage=record.usage if answered else None,
            cost_usd=_cost_usd(record) if answered else None,
            why=_why(record, attempt, certainty, answered=answered),
        )


def _certainty(attempt: Attempt, answered: Record | None) -> Certainty | None:
    """Whether the provider surely counts it, may, or does not (`None`): it said no, or was never reached."""
    if attempt.outcome == "ok" or (answered is not None and answered.usage is not None):
        return "counted"
    if attempt.outcome in _MAY_BILL or attempt.status == 200:
        return "maybe"
    return None


def _cost_usd(record: Record) -> Decimal | None:
    mixed = any(attempt.tenure == "owned" for attempt in record.attempts)
    return None if mixed else record.cost_usd


def _why(record: Record, attempt: Attempt, certainty: Certainty, *, answered: bool) -> str | None:
    if certainty == "maybe":
        said = {"timeout": "fell silent", "cut": "broke off", "client_gone": "the client left (499)"}
        how = said.get(attempt.outcome, "answered 200 with nothing usable")
        return f"{how}: may be on the bill, its tokens were never told"
    if answered and record.usage is None:
        return "its tokens were never told"
    if _cost_usd(record) is None:
        return "its cost is not known here"
    if _day(record.at) != _day(record.at + record.seconds):
        return "it began before midnight of UTC and ended after"
    if len(record.attempts) > 1:
        return f"took {len(record.attempts)} attempts"
    return None


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()
