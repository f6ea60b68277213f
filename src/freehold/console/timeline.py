"""One request's attempts on one time axis: geometry from a record. The template draws it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from freehold.console.figures import duration
from freehold.ledger import Attempt, Record

WIDTH = 960
LEFT, RIGHT = 150, 24  # names stand on the left
ROW, TOP, AXIS = 46, 14, 34
_MOST_TICKS = 6
_LEAST_WIDTH = 2.0  # what took no time is still seen


@dataclass(frozen=True, slots=True)
class Bar:
    """One attempt: from `x` it waits, from `spoke_x` (`None`: never, or all came at once) it answers."""

    attempt: Attempt
    y: float
    x: float
    end_x: float
    spoke_x: float | None
    said: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    said: str


# Below this no clock tells times apart, and a scale would leave the numbers that there are.
_SHORTEST_SECONDS = 1e-9


@dataclass(frozen=True, slots=True)
class Timeline:
    """`height` and every position in the units of a drawing that is `WIDTH` wide."""

    height: float
    axis_y: float
    begin_x: float
    end_x: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    whole: str


def timeline(record: Record) -> Timeline:
    """The picture of a record that has attempts."""
    ends = [record.seconds, *(attempt.started_seconds + attempt.seconds for attempt in record.attempts)]
    total = max(ends)
    scale = (WIDTH - LEFT - RIGHT) / total if total >= _SHORTEST_SECONDS else 0.0
    bars = tuple(_bar(place, attempt, scale) for place, attempt in enumerate(record.attempts))
    axis_y = TOP + ROW * (len(bars) + 1)
    return Timeline(
        height=axis_y + AXIS,
        axis_y=axis_y,
        begin_x=LEFT,
        end_x=round(LEFT + record.seconds * scale, 2),
        bars=bars,
        ticks=tuple(Tick(round(LEFT + at * scale, 2), duration(at)) for at in ticks(total)),
        whole=duration(record.seconds),
    )


def _bar(place: int, attempt: Attempt, scale: float) -> Bar:
    x = LEFT + attempt.started_seconds * scale
    end = max(x + _LEAST_WIDTH, x + attempt.seconds * scale)
    spoke = None
    if attempt.ttft_seconds is not None:
        spoke = round(min(end, max(x, x + attempt.ttft_seconds * scale)), 2)
    return Bar(attempt, TOP + ROW * (place + 1), round(x, 2), round(end, 2), spoke, _said(attempt))


def _said(attempt: Attempt) -> str:
    status = "" if attempt.status is None else f" {attempt.status}"
    first = "" if attempt.ttft_seconds is None else f" · first token {duration(attempt.ttft_seconds)}"
    return f"{attempt.outcome.replace('_', ' ')}{status} · {duration(attempt.seconds)}{first}"


def ticks(total_seconds: float) -> list[float]:
    """Round moments from 0 to the end, at most `_MOST_TICKS` + 1 of them."""
    if not (total_seconds >= _SHORTEST_SECONDS and math.isfinite(total_seconds)):
        return [0.0]
    rough = total_seconds / _MOST_TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [place * step for place in range(int(total_seconds / step + 1e-9) + 1)]
