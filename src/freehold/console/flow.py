"""The labelled flow from routes to homes as ribbons: geometry from sums. The template draws it. Pure.

Three columns of bars: routes, labels, who answered. Every bar is as high as its requests, and so is every
ribbon between two bars, so that what goes into a bar comes out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from freehold.ledger import Flow

WIDTH = 960
BAR = 12
LEFT, MIDDLE, RIGHT = 150, 474, 798  # where the columns begin; names stand beside the outer ones
_TOP, _GAP = 34, 14
_LEAST = 2.0  # what is rare is still seen
_ROOM = 44  # a bar's share of the height

_KINDS = ("owned", "rented", "nobody")
NOBODY_LOOKED = "not looked at"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Bar:
    """`kind` is the tenure of who answered, `nobody`, or empty for routes and labels."""

    name: str
    kind: str
    simulated: bool
    requests: int
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.y + self.height / 2, 2)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """`path` is an outline in SVG's words. `said` is what it stands for."""

    path: str
    kind: str
    said: str
    requests: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """`height` and every position in the units of a drawing that is `WIDTH` wide."""

    height: float
    routes: tuple[Bar, ...]
    labels: tuple[Bar, ...]
    homes: tuple[Bar, ...]
    ribbons: tuple[Ribbon, ...]


Place = tuple[str, str, bool]
"""Of a bar: its name, its kind, whether it is simulated."""


def route_of(flow: Flow) -> Place:
    return flow.route or "no route", "", False


def label_of(flow: Flow) -> Place:
    return flow.label or NOBODY_LOOKED, "", False


def home_of(flow: Flow) -> Place:
    if flow.model is None:
        return NOBODY, "nobody", False
    return flow.model, flow.tenure or "nobody", flow.simulated


def draw(flows: Sequence[Flow]) -> Drawing | None:
    """The picture; `None` where nothing was asked. Bars stand in the order in which the flows name them."""
    total = sum(flow.requests for flow in flows)
    if not total:
        return None
    columns = [_sums(flows, of) for of in (route_of, label_of, home_of)]
    columns[2] = dict(sorted(columns[2].items(), key=lambda item: _KINDS.index(item[0][1])))
    most = max(len(column) for column in columns)
    free = most * _ROOM
    scale = free / total
    placed = [
        _column(column, x, scale, free + (most - 1) * _GAP)
        for column, x in zip(columns, (LEFT, MIDDLE, RIGHT), strict=True)
    ]
    left, middle, right = placed
    ribbons = [
        *_ribbons(_pairs(flows, route_of, label_of), left, middle, scale),
        *_ribbons(_pairs(flows, label_of, home_of), middle, right, scale),
    ]
    low = max(bar.y + bar.height for column in placed for bar in column.values())
    return Drawing(
        height=round(low + _GAP, 2),
        routes=tuple(left.values()),
        labels=tuple(middle.values()),
        homes=tuple(right.values()),
        ribbons=tuple(ribbons),
    )


def _sums(flows: Iterable[Flow], of: Callable[[Flow], Place]) -> dict[Place, int]:
    sums: dict[Place, int] = {}
    for flow in flows:
        sums[of(flow)] = sums.get(of(flow), 0) + flow.requests
    return sums


def _pairs(
    flows: Iterable[Flow], start: Callable[[Flow], Place], end: Callable[[Flow], Place]
) -> dict[tuple[Place, Place], int]:
    sums: dict[tuple[Place, Place], int] = {}
    for flow in flows:
        pair = start(flow), end(flow)
        sums[pair] = sums.get(pair, 0) + flow.requests
    return sums


def _column(sums: dict[Place, int], x: float, scale: float, room: float) -> dict[Place, Bar]:
    """Bars below each other, in the middle of the room."""
    heights = {place: max(_LEAST, number * scale) for place, number in sums.items()}
    used = sum(heights.values()) + _GAP * (len(heights) - 1)
    y = _TOP + max(0.0, (room - used) / 2)
    bars: dict[Place, Bar] = {}
    for place, number in sums.items():
        name, kind, simulated = place
        bars[place] = Bar(name, kind, simulated, number, x, round(y, 2), round(heights[place], 2))
        y += heights[place] + _GAP
    return bars


def _ribbons(
    pairs: dict[tuple[Place, Place], int], left: dict[Place, Bar], right: dict[Place, Bar], scale: float
) -> list[Ribbon]:
    """In the order of the bars on either side, so that ribbons of one bar do not cross within it."""
    order = {place: number for number, place in enumerate([*left, *right])}
    out = {place: bar.y for place, bar in left.items()}
    into = {place: bar.y for place, bar in right.items()}
    ribbons = []
    for (start, end), number in sorted(pairs.items(), key=lambda item: [order[place] for place in item[0]]):
        height = max(_LEAST / 2, number * scale)
        path = _outline(left[start].x + BAR, out[start], right[end].x, into[end], height)
        said = f"{start[0]} → {end[0]}: {number:,}"
        ribbons.append(Ribbon(path, end[1], said, number))
        out[start] += height
        into[end] += height
    return ribbons


def _outline(x0: float, y0: float, x1: float, y1: float, height: float) -> str:
    """From (x0, y0) over to (x1, y1), down by the height, and back."""
    half = (x0 + x1) / 2
    near, far = y0 + height, y1 + height
    return (
        f"M{x0:g} {y0:.2f}C{half:g} {y0:.2f} {half:g} {y1:.2f} {x1:g} {y1:.2f}"
        f"V{far:.2f}C{half:g} {far:.2f} {half:g} {near:.2f} {x0:g} {near:.2f}Z"
    )
