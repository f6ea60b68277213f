"""Who answered, as one bar: owned, rented, nobody. Geometry from sums; the template draws it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.ledger import Stats

WIDTH = 1000.0
_GAP = 3.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the bar, in its own units of which the whole has `WIDTH`."""

    tenure: str | None
    requests: int
    percent: str
    x: float
    width: float


def share(stats: Stats) -> list[Piece]:
    """The pieces from left to right; their requests add up to all. Empty where nothing was asked."""
    counts: dict[str | None, int] = {"owned": 0, "rented": 0, None: 0}
    for sums in stats.by_model:
        counts[sums.tenure if sums.model is not None else None] += sums.requests
    shown = {tenure: number for tenure, number in counts.items() if number}
    room = WIDTH - _GAP * max(0, len(shown) - 1)
    pieces: list[Piece] = []
    x = 0.0
    for tenure, number in shown.items():
        width = room * number / stats.requests
        percent = _percent(number / stats.requests)
        pieces.append(Piece(tenure, number, percent, round(x, 2), round(width, 2)))
        x += width + _GAP
    return pieces


def _percent(part: float) -> str:
    """A whole number of per cent; a part is never said to be none or all."""
    if 0 < part < 0.01:
        return "< 1 %"
    if 0.99 < part < 1:
        return "> 99 %"
    return f"{part:.0%}".replace("%", " %")
