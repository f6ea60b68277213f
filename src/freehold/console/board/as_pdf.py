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


# What Typst's own fonts have between them, by their tables of characters (Libertinus Serif, New Computer
# Modern, DejaVu Sans Mono, in typst 0.15): Latin, Greek, Cyrillic, Armenian, Hebrew; punctuation, signs.
_HAS = (
    range(0x20, 0x7F),
    range(0xA0, 0x500),
    range(0x530, 0x600),
    range(0x1E00, 0x2028),
    range(0x202F, 0x2100),
)
_HAS_SIGNS = (range(0x2100, 0x2150), range(0x2190, 0x2600))
_MOST_NAMED = 12


def not_in_its_fonts(report: Report) -> str:
    """The characters of it that a PDF would show as empty boxes, each once, the first dozen; or none."""
    said = json.dumps(report.plain(_drawn), ensure_ascii=False)
    lacking = dict.fromkeys(one for one in said if not any(ord(one) in some for some in (*_HAS, *_HAS_SIGNS)))
    return "".join([*lacking][:_MOST_NAMED])


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
