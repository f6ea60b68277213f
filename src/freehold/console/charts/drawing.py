"""Charts as SVG. Colours come by class, from the page's style; `alone` brings a style of its own.

Does not know what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from freehold.console.charts.chart import Chart, Drawable, Line, Look, Points, Range, Ranges
from freehold.console.charts.looks import PAPER, chart_style

_WIDTH = 760
_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 390, 84, 104, 30, 48
_ROW, _WORDS = 26, 138  # a row's height, and the room beside it for its figures
_LETTER, _MOST_LETTERS = 6.1, 62  # a letter's width on average; longer names are cut
_APART = 30  # between two names at the right end


def svg(chart: Drawable, width: int = _WIDTH) -> str:
    """SVG text to stand in a page that brings `chart_style`; a letter is 12 of `width` high."""
    return "".join(_drawn(chart, "<svg", "", width))


def alone(chart: Drawable, font: str = "system-ui, sans-serif") -> str:
    """SVG text that needs nothing around it, on paper."""
    style = f"<style>{chart_style(PAPER, font)}</style>"
    return "".join(_drawn(chart, '<svg xmlns="http://www.w3.org/2000/svg"', style, _WIDTH))


def _drawn(chart: Drawable, opening: str, style: str, wide: int) -> Iterator[str]:
    height = _HEIGHT if isinstance(chart, Chart) else _rows_top(chart) + _ROW * len(chart.rows) + _BOTTOM
    yield (
        f'{opening} class="chart" viewBox="0 0 {wide} {height}" '
        f'role="img" aria-label="{escape(chart.title)}">{style}'
    )
    yield from _plot(chart, wide) if isinstance(chart, Chart) else _rows(chart, height, wide)
    yield "</svg>"


def _text(x: float, y: float, says: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(says)}</text>'


def _rule(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


class _Frame:
    """The places of a chart's values on the paper."""

    foot = _HEIGHT - _BOTTOM

    def __init__(self, chart: Chart, wide: int) -> None:
        self._x, self._y = chart.x, chart.y
        self.right = wide - _RIGHT

    def x(self, value: float) -> float:
        return _LEFT + self._x.share(value) * (self.right - _LEFT)

    def y(self, value: float) -> float:
        return self.foot - self._y.share(value) * (self.foot - _TOP)

    def path(self, points: Points) -> str:
        return " ".join(f"{self.x(at):.1f},{self.y(value):.1f}" for at, value in points)


def _plot(chart: Chart, wide: int) -> Iterator[str]:
    frame = _Frame(chart, wide)
    yield from _ground(chart, frame)
    for band in chart.bands:
        around = f"{frame.path(band.upper)} {frame.path(band.lower[::-1])}"
        yield f'<polygon class="band {band.look}" points="{around}"/>'
    for each in chart.lines:
        kind = f"{each.look} thin" if each.thin else each.look
        yield f'<polyline class="{kind}" points="{frame.path(each.points)}"/>'
    for mark in chart.marks:
        yield _rule("mark", frame.x(mark.at), _TOP - 8, frame.x(mark.at), frame.foot)
        yield _text(frame.x(mark.at), _TOP - 13, mark.says, "", "middle")
    for each, at in _apart([(each, frame.y(each.points[-1][1])) for each in chart.lines]):
        yield _text(frame.right + 8, at, each.name, each.look)
        yield _text(frame.right + 8, at + 13, each.note, "faint")


def _ground(chart: Chart, frame: _Frame) -> Iterator[str]:
    """What lies behind the lines: stretches, grid, ticks, titles."""
    right, foot = frame.right, frame.foot
    for span in chart.spans:
        left, width = frame.x(span.low), max(frame.x(span.high) - frame.x(span.low), 1.0)
        yield f'<rect class="span" x="{left:.1f}" y="{_TOP}" width="{width:.1f}" height="{foot - _TOP}"/>'
        yield _label(left + width / 2, foot - 6, span.says, [frame.x(mark.at) for mark in chart.marks])
    for value, says in chart.y.ticks:
        yield _rule("grid", _LEFT, frame.y(value), right, frame.y(value))
        yield _text(_LEFT - 8, frame.y(value) + 4, says, "tick", "end")
    for value, says in chart.x.ticks:
        yield _text(frame.x(value), foot + 17, says, "tick", "middle")
    yield _text(0, _TOP - 13, chart.y.title, "faint")
    yield _text((_LEFT + right) / 2, _HEIGHT - 8, chart.x.title, "faint", "middle")


def _label(x: float, y: float, says: str, marks: list[float]) -> str:
    """In the middle of its stretch, or beside a mark that would run through it."""
    half = len(says) * _LETTER / 2
    near = next((mark for mark in marks if abs(mark - x) < half), None)
    if near is None:
        return _text(x, y, says, "faint", "middle")
    return _text(near + 6, y, says, "faint") if near <= x else _text(near - 6, y, says, "faint", "end")


def _apart(ends: list[tuple[Line, float]]) -> Iterator[tuple[Line, float]]:
    """The names from the top down, moved where two would touch."""
    free = float(_TOP)
    for line, y in sorted(ends, key=lambda end: end[1]):
        at = max(y, free)
        free = at + _APART
        yield line, at


def _rows_top(chart: Ranges) -> int:
    """Room for what is said above the rows."""
    return 8 if chart.turn is None else _TOP


def _rows(chart: Ranges, height: int, wide: int) -> Iterator[str]:
    top, right, foot = _rows_top(chart), wide - _WORDS, height - _BOTTOM
    left = min(max(len(row.name) for row in chart.rows), _MOST_LETTERS) * _LETTER + 16

    def x(value: float) -> float:
        return left + chart.x.share(value) * (right - left)

    for value, says in chart.x.ticks:
        yield _rule("grid", x(value), top - 6, x(value), foot)
        yield _text(x(value), foot + 17, says, "tick", "middle")
    if chart.turn is not None:
        yield _rule("turn", x(chart.turn), top - 6, x(chart.turn), foot)
        below, above = chart.sides
        if chart.x.low < chart.turn:
            yield _text(x(chart.turn) - 8, top - 13, below, "rent", "end")
        if chart.x.high > chart.turn:
            yield _text(x(chart.turn) + 8, top - 13, above, "own")
    for number, row in enumerate(chart.rows):
        middle = top + _ROW * (number + 0.5)
        yield _text(left - 12, middle + 4, _short(row.name), "", "end")
        yield from _interval(row, chart.turn, x, middle)
        yield _text(right + 12, middle + 4, row.says, "tick")
    yield _text((left + right) / 2, height - 8, chart.x.title, "faint", "middle")


def _short(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"


def _interval(row: Range, turn: float | None, x: Callable[[float], float], y: float) -> Iterator[str]:
    """A bar with its middle; across a turn in two colours."""
    for low, high, look in _parts(row, turn):
        width = max(x(high) - x(low), 1.0)
        yield f'<rect class="bar {look}" x="{x(low):.1f}" y="{y - 7:.1f}" width="{width:.1f}" height="14"/>'
    if row.look is not None:
        yield f'<circle class="{row.look}" cx="{x(row.middle):.1f}" cy="{y:.1f}" r="4"/>'


def _parts(row: Range, turn: float | None) -> Iterator[tuple[float, float, Look]]:
    if row.look is not None or turn is None:
        yield row.low, row.high, row.look or "ink"
        return
    if row.low < turn:
        yield row.low, min(row.high, turn), "rent"
    if row.high > turn:
        yield max(row.low, turn), row.high, "own"
