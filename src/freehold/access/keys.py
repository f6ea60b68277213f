"""API keys: made once, shown once, kept as hashes in the ledger's events. Knows no models."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from freehold.access.book import CREATED, PREFIX, REVOKED, ROTATED, Book, digest
from freehold.access.budget import Budget
from freehold.access.key import Key
from freehold.access.rate import Rate
from freehold.errors import FreeholdError
from freehold.ledger import append_event, events


def create_key(  # noqa: PLR0913 - each is a property of a key, given by name
    ledger: Path,
    *,
    routes: Iterable[str] = (),
    models: Iterable[str] = (),
    note: str | None = None,
    owner: str | None = None,
    expires_at: float | None = None,
    budget: Budget | None = None,
    rate: Rate | None = None,
    admin: bool = False,
    who: str,
) -> tuple[Key, str]:
    """A new key and its secret text, which is not kept and cannot be shown again."""
    secret = _new_secret()
    id_ = f"key_{secrets.token_hex(6)}"
    body: dict[str, Any] = {
        "id": id_,
        "hash": digest(secret),
        "routes": sorted(routes),
        "models": sorted(models),
        "note": note,
        "hint": secret[-4:],
        "owner": owner,
        "admin": admin,
        "expires_at": expires_at,
        "budget": None if budget is None else {"usd": str(budget.usd), "period": budget.period},
        "rate": None if rate is None else {
            "requests_per_minute": rate.requests_per_minute,
            "tokens_per_minute": rate.tokens_per_minute,
        },
    }  # fmt: skip
    append_event(ledger, CREATED, body, who=who, create=True)
    return list_keys(ledger)[id_], secret


def rotate_key(
    ledger: Path, id_: str, *, grace: timedelta, who: str, why: str | None = None
) -> tuple[Key, str, float]:
    """The key with a new secret, that secret, and until when the old one works too (unix seconds).

    Its id, rights, budget and limits stay. Raises `FreeholdError` for an unknown or revoked key.
    """
    if _known(ledger, id_).revoked:
        raise FreeholdError(f"{id_} is revoked", hint="`freehold keys create` makes a new one")
    secret = _new_secret()
    old_until = time.time() + grace.total_seconds()
    body = {"id": id_, "hash": digest(secret), "hint": secret[-4:], "old_until": old_until}
    append_event(ledger, ROTATED, body, who=who, why=why)
    return list_keys(ledger)[id_], secret, old_until


def revoke_key(ledger: Path, id_: str, *, who: str, why: str | None = None) -> None:
    """The key stops working, in a running gateway within a second. Unknown ids are an error."""
    if not _known(ledger, id_).revoked:
        append_event(ledger, REVOKED, {"id": id_}, who=who, why=why)


def list_keys(ledger: Path) -> dict[str, Key]:
    """Every key by id, the revoked ones too, in the order of their making."""
    book = Book()
    for event in events(ledger, "key."):
        book.apply(event)
    return book.by_id


def _known(ledger: Path, id_: str) -> Key:
    known = list_keys(ledger)
    if id_ not in known:
        raise FreeholdError(f"there is no key {id_}", hint="`freehold keys list` shows the ids")
    return known[id_]


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)
