"""The board report of a decision: four pages as one value, as one HTML file and as PDF.

Does not know how the decision was reached.
"""

from freehold.console.board.as_html import as_html
from freehold.console.board.as_pdf import as_pdf, can_make_pdf, not_in_its_fonts
from freehold.console.board.brief import Brief, Measured
from freehold.console.board.report import board_report
from freehold.console.board.sheet import Report

__all__ = [
    "Brief",
    "Measured",
    "Report",
    "as_html",
    "as_pdf",
    "board_report",
    "can_make_pdf",
    "not_in_its_fonts",
]
