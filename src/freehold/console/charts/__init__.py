"""Charts of a decision: one specification each, drawn alike for page, report and notebook.

Does not know how a decision is reached, nor where a drawing is shown.
"""

from freehold.console.charts.axis import Axis, linear, logarithmic
from freehold.console.charts.chart import Band, Chart, Drawable, Line, Mark, Range, Ranges, Span
from freehold.console.charts.drawing import alone, svg
from freehold.console.charts.looks import PAPER, Colours, chart_style
from freehold.console.charts.of_decision import costs, load, signed, staircase, tornado

__all__ = [
    "PAPER",
    "Axis",
    "Band",
    "Chart",
    "Colours",
    "Drawable",
    "Line",
    "Mark",
    "Range",
    "Ranges",
    "Span",
    "alone",
    "chart_style",
    "costs",
    "linear",
    "load",
    "logarithmic",
    "signed",
    "staircase",
    "svg",
    "tornado",
]
