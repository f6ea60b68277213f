"""A piece of a text that a detector recognised. A value, nothing else."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True):
    """`start` and `end` count code points of the text that was scanned; `score` is between 0 and 1."""

    start: int
    end: int
    type: str
    score: float
