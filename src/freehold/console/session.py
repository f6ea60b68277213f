"""Who is logged in: what a session's cookie and a form's token say, signed. Knows no page, no key's secret.

The signing secret lives as long as the process, so a restart logs everybody out and nothing is kept on disk.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from freehold.access import Key

LASTS_SECONDS = 12 * 3600
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Session:
    """One login: by which key, its own random name, and until when (unix seconds)."""

    key_id: str
    nonce: str
    ends: int


class Sessions:
    """Signs and reads. `clock` tells unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._secret = secrets.token_bytes(32)
        self._clock = clock
        self._ended: dict[str, int] = {}

    def begin(self, key: Key) -> str:
        """The text of a new session's cookie."""
        ends = int(self._clock()) + LASTS_SECONDS
        return self._written(Session(key.id, new_nonce(), ends), key)

    def read(self, text: str, admin: Callable[[str], Key | None]) -> tuple[Session, Key] | None:
        """The session in a cookie and its key; `None` for one that is forged, over, or whose key is.

        `admin` finds a key that may open the pages now. A key with a new secret has no old sessions.
        """
        parts = text.split(".")
        if len(parts) != 4 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 16):
            return None
        session = Session(parts[0], parts[2], int(parts[1]))
        key = admin(session.key_id)
        if key is None or not hmac.compare_digest(self._written(session, key).encode(), text.encode()):
            return None
        if session.ends <= self._clock() or session.nonce in self._ended:
            return None
        return session, key

    def end(self, session: Session) -> None:
        """From now on it is over, whoever may have its cookie."""
        now = self._clock()
        self._ended = {nonce: ends for nonce, ends in self._ended.items() if ends > now}
        self._ended[session.nonce] = session.ends

    def token(self, nonce: str) -> str:
        """What a form has to send back that was shown in the session, or the visit, of this nonce."""
        return self._mac(f"form.{nonce}")

    def is_token(self, nonce: str, text: str) -> bool:
        return hmac.compare_digest(self.token(nonce).encode(), text.encode())

    def _written(self, session: Session, key: Key) -> str:
        said = f"{session.key_id}.{session.ends}.{session.nonce}"
        return f"{said}.{self._mac(f'session.{said}.{key.hint}')}"

    def _mac(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256").hex()


def new_nonce() -> str:
    return secrets.token_urlsafe(_NONCE_BYTES)
