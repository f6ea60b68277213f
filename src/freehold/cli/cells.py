"""Pieces that several screens show the same way: tenure, status, cost, sums of money."""

from __future__ import annotations

from freehold.cli.figures import UNKNOWN, moment, money
from freehold.cli.screen import Part, Word
from freehold.console import sum_of_money
from freehold.ledger import Record, Repriced

__all__ = [
    "SIMULATED",
    "cost_word",
    "outcome_word",
    "rows_removed",
    "status_word",
    "sum_of_money",
    "tenure_word",
]

SIMULATED = Word("simulated", "simulated")


def tenure_word(tenure: str | None) -> Part:
    if tenure is None:
        return UNKNOWN
    return Word(tenure, "owned" if tenure == "owned" else "rented")


def status_word(status: int) -> Word:
    return Word(str(status), "good" if status < 400 else "bad")


def outcome_word(outcome: str) -> Word:
    return Word(outcome.replace("_", " "), "good" if outcome == "ok" else "bad")


def cost_word(record: Record) -> Part:
    """What a request cost; simulated money says that it is."""
    if record.simulated:
        return Word(money(record.cost_usd, simulated=True), "simulated")
    if isinstance(record, Repriced):
        return Word(f"{money(record.cost_usd)} (was {money(record.original_cost_usd)})", "odd")
    return UNKNOWN if record.cost_usd is None else money(record.cost_usd)


def rows_removed(before: float) -> str:
    """What a list says that would have gone on."""
    return f"rows from before {moment(before)} UTC were removed ([ledger] keep_days); totals still count them"
