"""From an answered question to what a report is about. Does not know what a report says."""

from __future__ import annotations

from freehold import __version__
from freehold.cli.deciding import Decided
from freehold.cli.fleet_ways import promised
from freehold.console.board import Brief, Measured


def brief(decided: Decided, title: str, command: str) -> Brief:
    """`command` asks the same again."""
    return Brief(
        decision=decided.decision,
        promise=promised(decided.asked),
        at=decided.at,
        command=command,
        made_by=f"freehold {__version__}",
        title=title,
        measured=_measured(decided),
        fleets=decided.fleets,
        usd_in_trace=decided.usd_in_trace,
    )


def _measured(decided: Decided) -> Measured | None:
    window = decided.window
    if window is None:
        return None
    return Measured(
        source=window.source,
        requests=window.requests,
        days=window.days,
        usd=window.usd,
        has_arrivals=decided.asked.usage is None,
        simulated=window.simulated,
    )
