"""What to do now, what to find out, what opens the question again, as blocks of a screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from freehold.cli.screen import Block, Column, Table, Word, line
from freehold.costs.decide import Plan


def plan_shape(plan: Plan) -> dict[str, Any]:
    """Figures as they are: volumes in requests a month, prices as a factor of today's."""
    return {
        "now": plan.now,
        "measure": [
            {
                "name": each.name,
                "why": each.why,
                "how": each.how,
                "width_usd_per_month": None if each.width_usd is None else f"{each.width_usd:.2f}",
                "decides": each.decides,
            }
            for each in plan.measure
        ],
        "reopen": [
            {
                "says": each.says,
                "figure": None if each.turn is None else each.turn.moved,
                "now": None if each.turn is None else each.turn.now,
                "at": None if each.turn is None else each.turn.then,
            }
            for each in plan.reopen
        ],
    }


def plan_blocks(plan: Plan) -> Iterator[Block]:
    yield line()
    yield line(Word("Now", "title"), f"  {plan.now}")
    if plan.measure:
        yield line(Word("Find out next", "title"))
        rows = [(each.name.replace("_", " "), each.why, each.how) for each in plan.measure]
        yield Table((Column("what", whole=True), Column("why"), Column("how")), rows)
    if plan.reopen:
        yield line(Word("Ask again when", "title"))
        yield from (line(each.says, indent=2) for each in plan.reopen)
