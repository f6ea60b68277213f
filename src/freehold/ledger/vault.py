"""Stored content, encrypted under a key of whose it is: AES-256-GCM by `cryptography`.

Keys are random, stand in the ledger wrapped by its secret, and are destroyed by an erasure: what they
encrypted is noise from then on, wherever it was copied to without them. Does not know who asks, or why.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.audit import SALT_BYTES
from freehold.ledger.entries import ContentKey, Payload
from freehold.ledger.events import FORGOTTEN, ROWS_REMOVED, EventFeed
from freehold.ledger.faults import LedgerDamaged
from freehold.ledger.leaves import commit_content
from freehold.ledger.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ERASED = "content.erased"
"""The kind of the event of an erasure."""

TAKES_AWAY = frozenset({ERASED, FORGOTTEN, ROWS_REMOVED})
"""Events after which keys may be gone, and the journal may still hold what they took away."""

_NONCE_BYTES = 12
_NAME_BYTES = 16
_MOST_KEPT = 10_000


def pseudonym(secret: Secret, subject: str) -> str:
    """What stands for a subject's name: the same for the same name, and no way back without the secret."""
    return _pseudonym(secret.key("subject"), subject)


def _pseudonym(key: bytes, subject: str) -> str:
    return hmac.digest(key, subject.encode("utf-8", "surrogatepass"), "sha256").hex()[:40]


class Vault:
    """Encrypts what a writer stores. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._secret = Secret.beside(path, create=True)
        self._subject_key = self._secret.key("subject")
        self._events = EventFeed.from_now(path)
        self._keys: dict[str, tuple[str, AESGCM]] = {}

    def pseudonym(self, subject: str) -> str:
        return _pseudonym(self._subject_key, subject)

    def seal(
        self, owner: str, request_id: str, prompt: bytes, answer: bytes
    ) -> tuple[ContentKey | None, Payload]:
        """The encrypted payload, and before it the key of `owner` where that is new."""
        made = None
        if owner in self._keys and any(event.kind in TAKES_AWAY for event in self._events.poll()):
            self._keys.clear()  # one of them may have been destroyed
        if owner not in self._keys:
            made = self._make(owner)
        name, key = self._keys[owner]
        salt = os.urandom(SALT_BYTES)
        content = commit_content(salt, prompt, answer)
        whole = b"%d\n%b%b%b" % (len(prompt), salt, prompt, answer)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + key.encrypt(nonce, whole, request_id.encode())
        return made, Payload(request_id, sealed, b"", name, content)

    def close(self) -> None:
        self._events.close()

    def _make(self, owner: str) -> ContentKey:
        if len(self._keys) >= _MOST_KEPT:
            self._keys.clear()
        name, key = os.urandom(_NAME_BYTES).hex(), os.urandom(32)
        self._keys[owner] = (name, _cipher(key))
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = _cipher(self._secret.key("wrap")).encrypt(nonce, key, name.encode())
        return ContentKey(name, owner, nonce + wrapped)


def unseal(connection: sqlite3.Connection, path: Path, sealed: Payload) -> tuple[Payload, bytes] | None:
    """A payload in clear and the salt of its commitment; `None` where its key was destroyed.

    Raises `LedgerDamaged` where it is not what was stored.
    """
    found = connection.execute("SELECT wrapped FROM keys WHERE name = ?", (sealed.key,)).fetchone()
    if found is None:
        return None
    wrapping = Secret.beside(path).key("wrap")
    name = (sealed.key or "").encode()
    key = _open(wrapping, found[0], name, path)
    whole = _open(key, sealed.prompt, sealed.request_id.encode(), path)
    length, _, rest = whole.partition(b"\n")
    salt, content = rest[:SALT_BYTES], rest[SALT_BYTES:]
    prompt, answer = content[: int(length)], content[int(length) :]
    return Payload(sealed.request_id, prompt, answer), salt


def _open(key: bytes, sealed: bytes, about: bytes, path: Path) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - loaded where content is stored

    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as error:
        raise LedgerDamaged(
            f"{path}: stored content is not what was written, or its secret is another's",
            hint="`freehold audit verify` says what does not fit",
        ) from error


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - likewise

    return AESGCM(key)
