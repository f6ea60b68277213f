"""API keys: made once, shown once, kept as hashes in the ledger's events. Knows no models.

A key is 256 random bits, so a plain SHA-256 is enough: there is nothing to guess (unlike a password).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from freehold.errors import FreeholdError
from freehold.ledger import Event, EventFeed, append_event, events
from freehold.wire import incorrect_api_key, missing_api_key

_PREFIX = "fh-"
_CREATED, _REVOKED = "key.created", "key.revoked"


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may do. With neither routes nor models named, it may use all of them.

    `at` is when it was made, unix seconds UTC; `hint` the key's last four characters, to tell keys apart.
    """

    id: str
    routes: frozenset[str]
    models: frozenset[str]
    note: str | None
    at: float
    hint: str
    revoked: bool = False

    def may_use(self, name: str, *, is_model: bool) -> bool:
        """Whether a client with this key may put `name` into `model`."""
        if not self.routes and not self.models:
            return True
        return name in (self.models if is_model else self.routes)


def create_key(
    ledger: Path, *, routes: Iterable[str] = (), models: Iterable[str] = (), note: str | None = None, who: str
) -> tuple[Key, str]:
    """A new key and its secret text, which is not kept and cannot be shown again."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    id_ = f"key_{secrets.token_hex(6)}"
    body = {
        "id": id_,
        "hash": _digest(secret),
        "routes": sorted(routes),
        "models": sorted(models),
        "note": note,
        "hint": secret[-4:],
    }
    append_event(ledger, _CREATED, body, who=who, create=True)
    return list_keys(ledger)[id_], secret


def revoke_key(ledger: Path, id_: str, *, who: str, why: str | None = None) -> None:
    """The key stops working, in a running gateway within a second. Unknown ids are an error."""
    known = list_keys(ledger)
    if id_ not in known:
        raise FreeholdError(f"there is no key {id_}", hint="`freehold keys list` shows the ids")
    if not known[id_].revoked:
        append_event(ledger, _REVOKED, {"id": id_}, who=who, why=why)


def list_keys(ledger: Path) -> dict[str, Key]:
    """Every key by id, the revoked ones too, in the order of their making."""
    book = _Book()
    for event in events(ledger, "key."):
        book.apply(event)
    return book.by_id


class _Book:
    """Keys as the events tell them."""

    def __init__(self) -> None:
        self.by_id: dict[str, Key] = {}
        self.by_hash: dict[str, str] = {}

    def apply(self, event: Event) -> None:
        body = event.body
        if event.kind == _CREATED:
            key = Key(
                id=body["id"],
                routes=frozenset(body["routes"]),
                models=frozenset(body["models"]),
                note=body["note"],
                at=event.at,
                hint=body["hint"],
            )
            self.by_id[key.id] = key
            self.by_hash[body["hash"]] = key.id
        elif event.kind == _REVOKED:
            self.by_id[body["id"]] = replace(self.by_id[body["id"]], revoked=True)


class KeyRing:
    """The keys that a running gateway knows; it follows the ledger's events.

    `required` says whether a request without a key is refused. Where it is not, an unknown key counts as
    none, since OpenAI's clients insist on sending something.
    """

    def __init__(self, feed: EventFeed, *, required: bool) -> None:
        self._feed = feed
        self._book = _Book()
        self.required = required
        self.refresh()

    def refresh(self) -> None:
        """Take in what was created and revoked meanwhile; costs next to nothing when that is nothing."""
        for event in self._feed.poll():
            self._book.apply(event)

    def identify(self, authorization: bytes | None) -> Key | None:
        """Whose request this is. Raises `Refused` (401) in OpenAI's words for a missing or unknown key."""
        text = _bearer(authorization)
        if text is None:
            if self.required:
                raise missing_api_key()
            return None
        key = self._find(text)
        if key is None and text.startswith(_PREFIX):
            self.refresh()  # it may have been made a moment ago
            key = self._find(text)
        if key is not None and not key.revoked:
            return key
        if self.required or key is not None:
            raise incorrect_api_key(text)
        return None

    def _find(self, text: str) -> Key | None:
        id_ = self._book.by_hash.get(_digest(text))
        return None if id_ is None else self._book.by_id[id_]


def _bearer(authorization: bytes | None) -> str | None:
    if authorization is None or authorization[:7].lower() != b"bearer ":
        return None
    return authorization[7:].strip().decode("latin-1") or None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
