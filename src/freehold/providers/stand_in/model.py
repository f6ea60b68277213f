"""What one simulated model is like: its pace and the part that it plays."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

PARTS: Final = ("chat", "ticket")
"""`chat` restates what was asked; `ticket` sorts a support ticket by keywords."""

_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class StandInModel:
    """A pace and a part: `plays` is one of `PARTS`, `None` = `chat`. Raises `ValueError` for others."""

    ttft_seconds: float = 0.35
    tokens_per_second: float = 80.0
    plays: str | None = None

    def __post_init__(self) -> None:
        if self.plays is not None and self.plays not in PARTS:
            raise ValueError(f'the sandbox plays {" or ".join(PARTS)}, not "{self.plays}"')
        if self.ttft_seconds < 0 or self.tokens_per_second <= 0:
            raise ValueError("a pace has a ttft_seconds of 0 or more and a tokens_per_second above 0")

    def first_token_seconds(self, dice: Random) -> float:
        """The time to this answer's first token: `ttft_seconds`, give or take a fifth."""
        return self.ttft_seconds * dice.uniform(1 - _JITTER, 1 + _JITTER)
