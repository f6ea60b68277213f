"""Who asks: the keys as a running gateway knows them. Does not know models."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from freehold.access.book import PREFIX, Book, digest
from freehold.access.key import Key
from freehold.errors import Refused
from freehold.ledger import EventFeed
from freehold.wire import incorrect_api_key, missing_api_key

_MOST_PROVEN = 10_000  # one secret may come in more than one spelling of its header


class KeyRing:
    """The keys that a running gateway knows; it follows the ledger's events.

    `required` says whether a request without a key is refused. Where it is not, an unknown key counts as
    none, since OpenAI's clients insist on sending something. `clock` tells unix seconds.
    """

    def __init__(self, feed: EventFeed, *, required: bool, clock: Callable[[], float] = time.time) -> None:
        self._feed = feed
        self._book = Book()
        self._proven: dict[bytes, Key] = {}
        self._clock = clock
        self.required = required
        self.refresh()

    @property
    def keys(self) -> Iterable[Key]:
        """All of them, the revoked ones too."""
        return self._book.by_id.values()

    def refresh(self) -> None:
        """Take in what was created and revoked meanwhile; costs next to nothing when that is nothing."""
        for event in self._feed.poll():
            self._book.apply(event)
            self._proven.clear()

    def identify(self, authorization: bytes | None) -> Key | None:
        """Whose request this is. Raises `Refused` (401) in OpenAI's words for a missing or unknown key.

        An admin key is refused too (403): it opens the page, and no application should have it.
        A header that was right before is right until the next event of any key, unless the clock can end it.
        """
        return self._proven.get(authorization or b"") or self._prove(authorization)

    def _prove(self, authorization: bytes | None) -> Key | None:
        text = _bearer(authorization)
        if text is None:
            if self.required:
                raise missing_api_key()
            return None
        key = self._known(text)
        if key is None:
            if self.required:
                raise incorrect_api_key(text)
            return None
        if key.admin:
            raise _not_for_models()
        lasting = key.expires_at is None and not self._book.old_until
        if lasting and authorization is not None and len(self._proven) < _MOST_PROVEN:
            self._proven[authorization] = key
        return key

    def open_page(self, secret: str) -> Key:
        """The admin key of this secret. Raises `Refused`: 401 for one that is none, 403 for another's."""
        key = self._known(secret)
        if key is None:
            raise incorrect_api_key(secret)
        if not key.admin:
            raise Refused(403, "This key is an application's.", type_="permission_error")
        return key

    def admin(self, id_: str) -> Key | None:
        """The admin key of this id, as long as it works."""
        key = self._book.by_id.get(id_)
        if key is None or not key.admin or key.revoked:
            return None
        return key if key.expires_at is None or self._clock() < key.expires_at else None

    def _known(self, text: str) -> Key | None:
        """The key of a secret; `None` where nobody knows it. Raises `Refused` where it works no more."""
        hash_ = digest(text)
        key = self._book.find(hash_)
        if key is None and text.startswith(PREFIX):
            self.refresh()  # it may have been made a moment ago
            key = self._book.find(hash_)
        if key is None:
            return None
        if key.revoked:
            raise incorrect_api_key(text)
        if key.expires_at is not None or self._book.old_until:
            self._check_age(key, hash_, text)
        return key

    def _check_age(self, key: Key, hash_: str, text: str) -> None:
        now = self._clock()
        if key.expires_at is not None and now >= key.expires_at:
            raise incorrect_api_key(text, f"It expired at {_moment(key.expires_at)}. ")
        until = self._book.old_until.get(hash_)
        if until is not None and now >= until:
            raise incorrect_api_key(text, f"It was replaced, and worked until {_moment(until)}. ")


def _not_for_models() -> Refused:
    return Refused(
        403,
        "An admin key opens the page and asks no model. `freehold keys create` makes one for an application.",
        type_="permission_error",
        code="admin_key",
    )


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _bearer(authorization: bytes | None) -> str | None:
    if authorization is None or authorization[:7].lower() != b"bearer ":
        return None
    return authorization[7:].strip().decode("latin-1") or None
