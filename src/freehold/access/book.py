"""Keys as the ledger's events tell them. Does not know requests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

from freehold.access.budget import Budget
from freehold.access.key import Key
from freehold.access.rate import Rate
from freehold.ledger import Event

PREFIX = "fh-"
CREATED, ROTATED, REVOKED = "key.created", "key.rotated", "key.revoked"


def digest(secret: str) -> str:
    """A key is 256 random bits, so a plain SHA-256 is enough: there is nothing to guess, as in a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Book:
    """Every key by id, and ids by the hashes of their secrets.

    `old_until` holds, for the hash of a secret that was replaced, until when it works (unix seconds).
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Key] = {}
        self.by_hash: dict[str, str] = {}
        self.old_until: dict[str, float] = {}

    def find(self, hash_: str) -> Key | None:
        id_ = self.by_hash.get(hash_)
        return None if id_ is None else self.by_id[id_]

    def apply(self, event: Event) -> None:
        """Take in one event of a key; other kinds are left to others."""
        body = event.body
        if event.kind == CREATED:
            key = _created(event)
            self.by_id[key.id] = key
            self.by_hash[body["hash"]] = key.id
        elif event.kind == ROTATED:
            self._retire_secrets(body["id"], body["old_until"])
            self.by_hash[body["hash"]] = body["id"]
            self.by_id[body["id"]] = replace(self.by_id[body["id"]], hint=body["hint"])
        elif event.kind == REVOKED:
            self.by_id[body["id"]] = replace(self.by_id[body["id"]], revoked=True)

    def _retire_secrets(self, id_: str, until: float) -> None:
        for hash_, owner in self.by_hash.items():
            if owner == id_:
                self.old_until[hash_] = min(until, self.old_until.get(hash_, until))


def _created(event: Event) -> Key:
    """Keys made by older versions have fewer fields."""
    body = event.body
    return Key(
        id=body["id"],
        routes=frozenset(body["routes"]),
        models=frozenset(body["models"]),
        note=body["note"],
        at=event.at,
        hint=body["hint"],
        owner=body.get("owner"),
        expires_at=body.get("expires_at"),
        budget=_budget(body.get("budget")),
        rate=_rate(body.get("rate")),
        admin=body.get("admin", False),
    )


def _budget(body: dict[str, Any] | None) -> Budget | None:
    return None if body is None else Budget(Decimal(body["usd"]), body["period"])


def _rate(body: dict[str, Any] | None) -> Rate | None:
    return None if body is None else Rate(body["requests_per_minute"], body["tokens_per_minute"])
