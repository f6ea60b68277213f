"""What a chart shows, as plain values. Does not know how it is drawn, nor what its figures mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from freehold.console.charts.axis import Axis

Look = Literal["rent", "own", "ink"]  # colour and line style mean tenure; everything else is ink
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`name` stands at its end; `note` below it, fainter."""

    name: str
    look: Look
    points: Points
    note: str = ""
    thin: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """Between two lines over the same places."""

    look: Look
    lower: Points
    upper: Points


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the horizontal axis, with what it says."""

    at: float
    says: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the horizontal axis, with what it says."""

    low: float
    high: float
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over two axes. `title` is read aloud in place of the picture."""

    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...]
    bands: tuple[Band, ...] = ()
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """One row: an interval with its middle, and the same in words. A known value has no width.

    `look` is `None` where the side of `Ranges.turn` tells the tenure: rented below it, owned above.
    """

    name: str
    low: float
    middle: float
    high: float
    says: str
    look: Look | None


@dataclass(frozen=True, slots=True)
class Ranges:
    """Intervals below one another over one axis."""

    title: str
    x: Axis
    rows: tuple[Range, ...]
    turn: float | None = None
    sides: tuple[str, str] = ("", "")  # what lies below and above the turn


Drawable = Chart | Ranges
