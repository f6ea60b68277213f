"""A report as PDF, set by Typst (an extra) with the fonts that it brings. Does not know what it says."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources
from importlib.util import find_spec

from freehold.console.board.sheet import Report
from freehold.console.charts import Drawable, alone

_EXTRA = "typst"
_FONT = "'Libertinus Serif'"  # Typst's own: the same on every machine, and no font of the system is asked for


def can_make_pdf() -> bool:
    return find_spec(_EXTRA) is not None


def as_pdf(report: Report, made: datetime) -> bytes:
    """The same bytes for the same report and moment. Raises `ImportError` where the extra is missing."""
    import typst  # noqa: PLC0415 - an extra, loaded where used

    layout = resources.files("freehold.console.board").joinpath("layouts", "report.typ").read_bytes()
    plain = json.dumps(report.plain(_drawn), ensure_ascii=False)
    return bytes(
        typst.compile(
            layout,
            format="pdf",
            sys_inputs={"report": plain},
            ignore_system_fonts=True,
            timestamp=made.replace(microsecond=0),
        )
    )


def _drawn(chart: Drawable) -> str:
    return alone(chart, _FONT)
