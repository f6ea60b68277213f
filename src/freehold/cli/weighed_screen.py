"""What counted beside the money, as blocks of a screen and as JSON. Does not know how it was weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from freehold.cli.screen import Block, Cell, Column, Table, Word, line
from freehold.costs.decide import Decision, Known


def weighed_shape(decision: Decision) -> dict[str, Any]:
    """Ways that were removed, what nobody has said yet, facts with their source, and what is preferred."""
    weighed = decision.question.weighed
    leaning = weighed.leaning
    return {
        "removed": [
            {"model": each.name, "side": each.side, "constraint": each.key, "says": each.says}
            for each in weighed.removed
        ],
        "to_ask": [
            {"model": each.name, "constraint": each.key, "asks": each.asks} for each in weighed.to_ask
        ],
        "known": [_fact(each) for each in weighed.known],
        "leaning": None if leaning is None else asdict(leaning) | {"side": leaning.side},
    }


def _fact(known: Known) -> dict[str, Any]:
    as_of = None if known.as_of is None else known.as_of.isoformat()
    return {"model": known.name, "says": known.says, "source": known.source, "as_of": as_of}


def weighed_blocks(decision: Decision) -> Iterator[Block]:
    weighed = decision.question.weighed
    rows: list[tuple[Cell, ...]] = [
        (each.name, Word(f"out: {each.says}", "bad"), f"you declared {each.key}") for each in weighed.removed
    ]
    rows += [
        (each.name, Word(f"ask {each.asks}", "odd"), f"you declared {each.key}") for each in weighed.to_ask
    ]
    rows += _grouped(weighed.known)
    if rows:
        yield line()
        yield line(Word("Not only money", "title"))
        yield Table((Column("model"), Column("says"), Column("by", leaves=1)), rows)
    if weighed.leaning is not None:
        yield line(Word("You prefer: ", "faint"), weighed.leaning.says)


def _grouped(known: Sequence[Known]) -> list[tuple[Cell, ...]]:
    """One line for all that one source says of a model."""
    lines: dict[tuple[str, str], list[str]] = {}
    for each in known:
        lines.setdefault((each.name, _source(each)), []).append(each.says)
    return [(name, "; ".join(says), source) for (name, source), says in lines.items()]


def _source(known: Known) -> str:
    return known.source if known.as_of is None else f"{known.source}, {known.as_of.isoformat()}"
