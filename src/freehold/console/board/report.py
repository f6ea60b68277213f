"""The four pages of a report in their order. Does not know what is on them, nor how they are laid out."""

from __future__ import annotations

from freehold.console.board.brief import Brief
from freehold.console.board.cost_page import cost_page
from freehold.console.board.evidence_page import evidence_page
from freehold.console.board.risk_page import risk_page
from freehold.console.board.sheet import Report
from freehold.console.board.verdict_page import verdict_page
from freehold.costs.decide import sentence


def board_report(brief: Brief) -> Report:
    pages = (verdict_page(brief), cost_page(brief), evidence_page(brief), risk_page(brief))
    return Report(
        title=brief.title,
        sentence=sentence(brief.decision),
        made=f"{brief.at:%Y-%m-%d %H:%M} UTC, {brief.made_by}",
        pages=pages,
        warning=_warning(brief),
    )


def _warning(brief: Brief) -> str:
    """Traffic that a sandbox answered is no evidence of anything."""
    seen = brief.measured
    if seen is None or not seen.simulated:
        return ""
    of = "" if seen.requests is None else f" of {seen.requests:,}"
    return f"Simulated: {seen.simulated:,}{of} requests of this traffic were answered by a sandbox."
