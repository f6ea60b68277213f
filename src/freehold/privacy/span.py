"""A piece of a text that a detector recognised. A value, nothing else."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True):
    """`start` and `end` count code points of the text that was scanned; `score` is between 0 and 1.

    `known` is empty for what was guessed; else the organisation itself said what it is: `value`, or
    `document` for a part of one, in whose place a pseudonym would not do.
    """

    start: int
    end: int
    type: str
    score: float
    known: str = ""
