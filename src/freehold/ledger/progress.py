"""How far a long piece of work has come, told in the log every few seconds. Short work says nothing."""

from __future__ import annotations

import logging
import time

_log = logging.getLogger("freehold.ledger")

_EVERY_SECONDS = 3.0


class Progress:
    """Call it with how many of how many are done, as often as you like."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next: float | None = None

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if self._next is None:
            self._next = now + _EVERY_SECONDS
        elif now >= self._next:
            self._next = now + _EVERY_SECONDS
            _log.warning("%s: %s of %s", self._what, f"{done:,}", f"{of:,}")
