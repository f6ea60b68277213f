"""Request ids. Knows nothing of requests."""

from __future__ import annotations

import os

_RANDOM_BYTES = 9
# Asking the system for randomness costs as much as reading a request's body: it is asked for many at once.
_IDS_AT_ONCE = 512


class Ids:
    """Ids grow with time, so that the ledger's index of them is appended to and not strewn over the disk.

    The rest cannot be guessed: where no keys are required, a kept response is found by its id alone.
    """

    __slots__ = ("_next", "_random")

    def __init__(self) -> None:
        self._random = ""
        self._next = 0

    def new(self, at: float) -> str:
        """An id for a request that came `at` (unix seconds)."""
        begin, end = self._next, self._next + 2 * _RANDOM_BYTES
        if end > len(self._random):
            self._random = os.urandom(_RANDOM_BYTES * _IDS_AT_ONCE).hex()
            begin, end = 0, 2 * _RANDOM_BYTES
        self._next = end
        return f"req_{int(at * 1_000_000):014x}{self._random[begin:end]}"
