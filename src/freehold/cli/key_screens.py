"""What `freehold keys` shows a person. Does not know where keys are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from freehold.access import Key
from freehold.cli.figures import moment, money
from freehold.cli.screen import Cell, Column, Screen, Table, Word, line

if TYPE_CHECKING:  # only a new key is told beside the settings
    from freehold.config import Settings

_PER = {"day": " a day", "month": " a month", "total": " in all"}


def made(key: Key, secret: str, settings: Settings) -> Screen:
    """A new key, the only time that its secret is shown."""
    notes = [] if settings.server.require_keys or key.admin else [
        "require_keys is false, so requests without a key are answered too"
    ]  # fmt: skip
    unbounded = _unbounded(key, settings)
    if unbounded:
        notes.append(
            f"a budget needs a bound on every answer: set max_output_tokens on {', '.join(unbounded)},"
            " or let clients send max_tokens"
        )
    return [
        line(Word(secret, "strong")),
        line(f"{key.id}: may use {_may_use(key)}. It is not kept and cannot be shown again."),
        *(line(f"{limit}.") for limit in _limits(key)),
        *(line(Word("note: ", "odd"), note) for note in notes),
    ]


def _unbounded(key: Key, settings: Settings) -> list[str]:
    """The routes of a key with a budget where a client that sends no `max_tokens` would be refused."""
    if key.budget is None:
        return []
    return [
        f"[routes.{name}]"
        for name, route in settings.routes.items()
        if key.may_use(name, is_model=False)
        and route.max_output_tokens is None
        and any(settings.models[model].context_tokens is None for model in route.rent)
    ]


def rotated(key: Key, secret: str, old_until: float) -> Screen:
    """The new secret of a key, and until when the old one works."""
    return [
        line(Word(secret, "strong")),
        line(f"{key.id} has this new secret. It is not kept and cannot be shown again."),
        line(f"The old one works until {moment(old_until)} UTC."),
    ]


def listed(keys: list[Key], spent: Mapping[str, Decimal]) -> Screen:
    """All keys. `spent` is in the present period, of the keys with a budget."""
    if not keys:
        return [line("There are no keys. ", Word("freehold keys create", "code"), " makes one.")]
    columns = (
        Column("id", whole=True),
        Column("ends in"),
        Column("may use"),
        Column("owner, note", leaves=2),
        Column("made (UTC)", whole=True, leaves=1),
        Column("limits"),
        Column("state"),
    )
    now = time.time()
    return [Table(columns, [_row(key, spent, now) for key in keys])]


def _row(key: Key, spent: Mapping[str, Decimal], now: float) -> tuple[Cell, ...]:
    whose = ", ".join(text for text in (key.owner, key.note) if text)
    limits = list(_limits(key))
    if key.budget is not None:
        limits[0] += f", {money(spent[key.id])} spent"
    return key.id, f"…{key.hint}", _may_use(key), whose, moment(key.at), "; ".join(limits), _state(key, now)


def _state(key: Key, now: float) -> Word:
    if key.revoked:
        return Word("revoked", "bad")
    if key.expires_at is None:
        return Word("active", "good")
    if key.expires_at <= now:
        return Word("expired", "bad")
    return Word(f"active until {moment(key.expires_at)}", "good")


def _may_use(key: Key) -> str:
    if key.admin:
        return "the page, and no model"
    if not key.routes and not key.models:
        return "everything"
    routes = [f"route {name}" for name in sorted(key.routes)]
    return ", ".join([*routes, *(f"model {name}" for name in sorted(key.models))])


def _limits(key: Key) -> Iterator[str]:
    if key.budget is not None:
        yield f"{money(key.budget.usd)}{_PER[key.budget.period]}"
    if key.rate is not None and key.rate.requests_per_minute is not None:
        yield f"{key.rate.requests_per_minute:,} requests a minute"
    if key.rate is not None and key.rate.tokens_per_minute is not None:
        yield f"{key.rate.tokens_per_minute:,} tokens a minute"
