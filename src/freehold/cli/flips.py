"""The same questions asked in two markets: whose verdict flips. Does not know where a market comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from freehold.cli.asked import Asked
from freehold.cli.deciding import Decided, ask
from freehold.cli.market import Market
from freehold.cli.screen import Cell, Column, Screen, Table, Word, line
from freehold.costs.decide import sentence, use_cases


@dataclass(frozen=True, slots=True)
class Flip:
    """One question in both markets."""

    name: str
    old: Decided
    new: Decided

    @property
    def flips(self) -> bool:
        return self.old.decision.ruling.verdict != self.new.decision.ruling.verdict


def compared(asked: Asked, old: Market, new: Market, at: datetime) -> list[Flip]:
    """For the use case that was asked, or for each that the product knows. Raises `ConfigError`."""
    names = use_cases() if asked.use_case is None and asked.input_tokens is None else [asked.use_case]
    return [
        Flip(name or "as typed", *(_answered(replace(asked, use_case=name), each, at) for each in (old, new)))
        for name in names
    ]


def _answered(asked: Asked, market: Market, at: datetime) -> Decided:
    left = tuple(name for name in asked.rent if not market.is_gone(name, at.date()))
    return ask(replace(asked, rent=left), at, market)


def flips_screen(flips: list[Flip]) -> Screen:
    flipped = [each for each in flips if each.flips]
    if not flipped:
        head = Word(f"No verdict flips ({len(flips)} compared).", "good")
    else:
        head = Word(f"{len(flipped)} of {len(flips)} verdicts flip.", "bad")
    rows: list[tuple[Cell, ...]] = [
        (each.name, each.old.decision.ruling.verdict, each.new.decision.ruling.verdict, _now(each))
        for each in flips
    ]
    return [line(head), line(), Table((Column("use"), Column("was"), Column("is"), Column("now")), rows)]


def _now(flip: Flip) -> str:
    return sentence(flip.new.decision)


def flips_shape(flips: list[Flip]) -> list[dict[str, object]]:
    return [
        {
            "name": each.name,
            "old": each.old.decision.ruling.verdict,
            "new": each.new.decision.ruling.verdict,
            "flips": each.flips,
            "old_reason": sentence(each.old.decision),
            "new_reason": sentence(each.new.decision),
        }
        for each in flips
    ]
