"""A bill, line by line, whatever format it came in. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BillLine:
    """What the provider counted for one model on one day of UTC; `None` is what this export does not tell.

    `model` is the provider's name for it, `None` where the line is for all models together. `cached_tokens`
    are a part of `input_tokens`. `slack_usd` is by how much the amount may be off by its own rounding,
    `slack_tokens` likewise. `number` is the line of the file, from 1.
    """

    day: date
    model: str | None
    number: int
    requests: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: Decimal | None = None
    slack_usd: Decimal = Decimal(0)
    slack_tokens: int = 0


def repeated(lines: Iterable[BillLine]) -> tuple[int, ...]:
    """The numbers of those that say, word for word, what one before them says: exports that were joined."""
    seen: set[BillLine] = set()
    found = []
    for line in lines:
        said = replace(line, number=0)
        if said in seen:
            found.append(line.number)
        seen.add(said)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Bill:
    """One file. `format` is the format's name, `providers` whose bill it is (empty: anybody's).

    `days` are those that the export covers, the ones without use included. `left_out` counts the lines
    that are about something else.
    """

    name: str
    format: str
    providers: frozenset[str]
    lines: tuple[BillLine, ...]
    days: frozenset[date]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Unused:
    """A day that the export covers without any use."""

    day: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line about something else than tokens of a model."""


Read = BillLine | Unused | LeftOut
