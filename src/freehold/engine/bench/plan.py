"""What is asked, how often and of how many at once; and prompts of about the right length. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

_WORDS: Final = (
    *("river", "garden", "window", "letter", "market", "engine", "summer", "bridge", "paper", "winter"),
    *(
        "kitchen",
        "station",
        "forest",
        "island",
        "morning",
        "record",
        "harbour",
        "village",
        "ticket",
        "signal",
    ),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """`requests` at each level of concurrency, or fewer where `seconds` are over before.

    `input_tokens` is about how long a prompt is, `output_tokens` how long an answer may be.
    """

    concurrency: tuple[int, ...] = (1, 2, 4, 8)
    requests: int = 16
    input_tokens: int = 256
    output_tokens: int = 128
    seconds: float = 60.0

    @property
    def most_requests(self) -> int:
        """All that can be sent, the warming up included."""
        return 1 + sum(max(self.requests, level) for level in self.concurrency)

    @property
    def most_tokens(self) -> int:
        """About how many tokens that can come to, in and out."""
        return self.most_requests * (self.input_tokens + self.output_tokens)


def prompt(number: int, words: int) -> str:
    """A prompt of so many words; each number has another one, so that no cache of prompts helps.

    It asks for more than any limit allows, so that answers come out as long as they may.
    """
    shuffled = random.Random(number)  # noqa: S311 - made-up prompts that can be made again guard nothing
    text = " ".join(shuffled.choice(_WORDS) for _ in range(max(1, words)))
    return f"Note {number}: {text}. Continue this list of words with two thousand more of its kind."
