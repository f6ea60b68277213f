"""How long the doctor waits for anything, so that it always ends. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.egress import Timeouts


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds. `answer` bounds one request to an upstream, `engine` the start of owned weights."""

    answer: float = 20.0
    engine: float = 120.0
    ledger: float = 10.0
    program: float = 30.0

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(
            connect_seconds=min(5.0, self.answer),
            first_byte_seconds=self.answer,
            between_bytes_seconds=self.answer,
            total_seconds=self.answer,
        )
