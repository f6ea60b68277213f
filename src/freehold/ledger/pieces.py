"""A range of time as whole days, whole hours, and at its ends rows. Pure.

Most of a range is days, so that years are added up in milliseconds, to the second where the range says it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.ledger.groups import DAY, HOUR

# Before and after every start that a roll-up can have.
_EVER = 2**62


@dataclass(frozen=True, slots=True)
class Piece:
    """What began in [`start`, `end`), Unix seconds: sums of `span` seconds each, or rows where it is 0."""

    span: int
    start: float
    end: float


def pieces(since: float | None, until: float | None) -> list[Piece]:
    """The pieces that make up [`since`, `until`) exactly; `None` is no bound."""
    start = -_EVER if since is None or since == -math.inf else since
    end = _EVER if until is None or until == math.inf else until
    return [piece for piece in _split(start, end, (DAY, HOUR)) if piece.start < piece.end]


def _split(start: float, end: float, spans: tuple[int, ...]) -> Iterator[Piece]:
    """Whole spans in the middle, what sticks out on either side in the next smaller ones, rows at last."""
    if not spans:
        yield Piece(0, start, end)
        return
    span, *smaller = spans
    first, last = _up(start, span), _down(end, span)
    if first >= last:
        yield from _split(start, end, tuple(smaller))
        return
    yield from _split(start, first, tuple(smaller))
    yield Piece(span, first, last)
    yield from _split(last, end, tuple(smaller))


def _up(at: float, span: int) -> float:
    return -_down(-at, span)


def _down(at: float, span: int) -> float:
    return at if abs(at) >= _EVER else at // span * span  # unlike at / span this never rounds up
