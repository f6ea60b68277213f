"""A report as one HTML file that needs nothing outside itself. Does not know what it says."""

from __future__ import annotations

import re

from freehold.console.board.sheet import Report
from freehold.console.charts import Colours, chart_style, svg

_PAGE = Colours("var(--ink)", "var(--soft)", "var(--rule)", "var(--owned)", "var(--rented)")


def as_html(report: Report) -> str:
    """Light and dark by the reader's system; printed a page of paper for each of its pages."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - costs 40 ms, used here alone

    pages = Environment(
        loader=PackageLoader("freehold.console.board", "layouts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["keep"] = _keep
    style = chart_style(_PAGE, "var(--sans)")
    return pages.get_template("report.html").render(report=report.plain(svg), chart_style=style)


def _keep(text: str) -> str:
    """A figure and its per cent sign stay on one line."""
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text)
