"""Pieces that several screens show the same way: tenure, status, cost, sums of money."""

from __future__ import annotations

from decimal import Decimal

from freehold.cli.figures import UNKNOWN, money
from freehold.cli.screen import Part, Word
from freehold.ledger import Record

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
    return UNKNOWN if record.cost_usd is None else money(record.cost_usd)


def sum_of_money(known_usd: Decimal, unknown: int) -> str:
    """A sum of which `unknown` parts are not known: a lower bound where any is, unknown where nothing is."""
    if not unknown:
        return money(known_usd)
    return f"≥ {money(known_usd)}" if known_usd else UNKNOWN
