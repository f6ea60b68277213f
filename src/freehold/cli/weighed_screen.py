"""What counted beside the money, as blocks of a screen and as JSON. Does not know how it was weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from freehold.cli.screen import Block, Cell, Column, Meaning, Table, Word, line
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
    rows: list[tuple[Cell, ...]] = [
        (name, Word(says, meaning) if meaning else says, by) for name, says, by, meaning in _rows(decision)
    ]
    if rows:
        yield line()
        yield line(Word("Not only money", "title"))
        yield Table((Column("model"), Column("says"), Column("by", leaves=1)), rows)
    leaning = decision.question.weighed.leaning
    if leaning is not None:
        yield line(Word("You prefer: ", "faint"), leaning.says)


def beside_rows(decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Model, what is said of it, and by whom."""
    yield from ((name, says, by) for name, says, by, _ in _rows(decision))


def _rows(decision: Decision) -> Iterator[tuple[str, str, str, Meaning | None]]:
    weighed = decision.question.weighed
    for out in weighed.removed:
        yield out.name, f"out: {out.says}", f"you declared {out.key}", "bad"
    for ask in weighed.to_ask:
        yield ask.name, f"ask {ask.asks}", f"you declared {ask.key}", "odd"
    for name, says, by in _grouped(weighed.known):
        yield name, says, by, None


def _grouped(known: Sequence[Known]) -> list[tuple[str, str, str]]:
    """One line for all that one source says of a model."""
    lines: dict[tuple[str, str], list[str]] = {}
    for each in known:
        lines.setdefault((each.name, _source(each)), []).append(each.says)
    return [(name, "; ".join(says), source) for (name, source), says in lines.items()]


def _source(known: Known) -> str:
    return known.source if known.as_of is None else f"{known.source}, {known.as_of.isoformat()}"
