"""The picture of a decision: rented line, owned staircase with its band, today's traffic. One inline SVG.

Volumes and costs on logarithmic axes, since they span decades. Does not know how the decision was reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10

from freehold.costs.decide import Decision, curves, volume

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 760, 400, 80, 48, 16, 150
_POINTS = 240
_DECADES = 1.5  # to either side of the present volume


def staircase(decision: Decision) -> str:
    """SVG text; empty where there is nothing to compare."""
    if decision.own is None or not decision.rent:
        return ""
    here = float(decision.question.traffic.requests_per_month)
    volumes = [here * 10 ** (_DECADES * (2 * i / (_POINTS - 1) - 1)) for i in range(_POINTS)]
    points = curves(decision, volumes)
    rows = {name: [getattr(point.own, name) for point in points] for name in ("p10", "p50", "p90")}
    line = [point.rent.p50 for point in points]
    low, high = _bounds([*rows["p10"], *line], [*rows["p90"], *line])
    axes = _Axes(volumes[0], volumes[-1], low, high)
    return "".join(_drawn(axes, volumes, rows, line, here))


def _bounds(lows: list[float], highs: list[float]) -> tuple[float, float]:
    return 10 ** floor(log10(max(min(lows), 0.1))), 10 ** ceil(log10(max(*highs, 1.0)))


class _Axes:
    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self.left, self.right, self.low, self.high = map(log10, (left, right, low, high))

    def x(self, at: float) -> float:
        share = (log10(at) - self.left) / (self.right - self.left)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, usd: float) -> float:
        share = (log10(max(usd, 10**self.low)) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)

    def path(self, ats: list[float], usds: list[float]) -> str:
        return " ".join(f"{self.x(at):.1f},{self.y(usd):.1f}" for at, usd in zip(ats, usds, strict=True))


def _drawn(
    axes: _Axes,
    volumes: list[float],
    rows: dict[str, list[float]],
    line: list[float],
    here: float,
) -> Iterator[str]:
    yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Cost a month by volume">'
    for power in range(ceil(axes.low), floor(axes.high) + 1):
        y = axes.y(10.0**power)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10**power:,}</text>'
    for power in range(ceil(axes.left), floor(axes.right) + 1):
        x = axes.x(10.0**power)
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 26}" text-anchor="middle">{volume(10.0**power)}</text>'
    band = axes.path(volumes, rows["p90"]) + " " + axes.path(volumes[::-1], rows["p10"][::-1])
    yield f'<polygon class="band" points="{band}"/>'
    yield f'<polyline class="own" points="{axes.path(volumes, rows["p50"])}"/>'
    yield f'<polyline class="rent" points="{axes.path(volumes, line)}"/>'
    x, foot = axes.x(here), _HEIGHT - _BOTTOM
    yield f'<line class="here" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{foot}"/>'
    yield f'<text x="{x + 5:.1f}" y="{_TOP + 12}">today: {volume(here)}</text>'
    end = _WIDTH - _RIGHT + 6
    yield f'<text class="own" x="{end}" y="{axes.y(rows["p50"][-1]) + 4:.1f}">own (80 % band)</text>'
    yield f'<text class="rent" x="{end}" y="{axes.y(line[-1]) + 4:.1f}">rent, with people</text>'
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">requests a month</text>'
    yield f'<text x="{_LEFT - 8}" y="10" text-anchor="end">USD</text></svg>'
