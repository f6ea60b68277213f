"""A circuit breaker: a model that fails some times in a row is left alone, then probed with one request.

Pure: the clock is handed in.
"""

from __future__ import annotations

_FAILURES_TO_OPEN = 5
_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 60.0


class Circuit:
    """Closed (asks), open (does not), half-open (one probe decides). `open_until` is `None` while closed."""

    __slots__ = ("_enabled", "_pause_seconds", "_probing", "failures", "open_until")

    def __init__(self, *, enabled: bool = True) -> None:
        self._enabled = enabled
        self.failures = 0
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self.open_until: float | None = None
        self._probing = False

    def why_not(self, now: float) -> str | None:
        """Why nothing should be asked now, in words that follow the model's name; `None` if it may."""
        if self.open_until is None:
            return None
        if now < self.open_until:
            return (
                f"failed {self.failures} times in a row and is left alone for {self.open_until - now:.0f} s"
            )
        if self._probing:
            return "failed several times in a row and is being probed by another request"
        return None

    def begin(self) -> None:
        """A request goes out. Through an open circuit, it is the probe."""
        if self.open_until is not None:
            self._probing = True

    def succeeded(self) -> None:
        self.failures = 0
        self.open_until = None
        self._probing = False
        self._pause_seconds = _FIRST_PAUSE_SECONDS

    def failed(self, now: float) -> None:
        self.failures += 1
        if self._probing:
            self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
        self._probing = False
        if self._enabled and self.failures >= _FAILURES_TO_OPEN:
            self.open_until = now + self._pause_seconds

    def abandoned(self) -> None:
        """The request ended without a word about the model's health (the client left)."""
        self._probing = False
