"""How far off the model is on what it was not fitted to: groups, GPUs, models and engines are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import mean, median, quantiles

import numpy as np

from bench.capacity.fit import Fitted, constants_at, fit, free_constants
from bench.capacity.rows import Row, Said, groups, say
from freehold.costs.capacity import Constants


@dataclass(frozen=True, slots=True)
class Held:
    """A row with what was said to it by constants that never saw it."""

    row: Row
    said: Said


def leave_out(rows: Sequence[Row], base: Constants, by: str, best: Fitted) -> list[Held]:
    """Every row, predicted from the rows of other groups, GPUs, models or engines alone.

    Each fit begins at `best`, the one to all rows, and lets go of what is left out.
    """
    free, held = free_constants(), []
    for name in groups(rows, by):
        out = [str(getattr(row, by)) == name for row in rows]
        rest = [row for row, is_out in zip(rows, out, strict=True) if not is_out]
        found = fit(rest, base, best.without(out), rounds=4)
        constants = constants_at(base, free, found.x)
        held += [Held(row, say(row, constants)) for row, is_out in zip(rows, out, strict=True) if is_out]
    return held


def error(measured: float, said: float) -> float:
    return abs(said / measured - 1)


def token_errors(held: Sequence[Held]) -> list[float]:
    return [
        error(each.row.tokens_per_s, each.said.tokens_per_s)
        for each in held
        if each.row.tokens_per_s is not None
    ]


def tpot_errors(held: Sequence[Held]) -> list[float]:
    return [
        error(each.row.tpot_seconds, each.said.tpot_seconds)
        for each in held
        if each.row.tpot_seconds is not None and not each.row.has_tail_times
    ]


@dataclass(frozen=True, slots=True)
class Report:
    """Shares: 0.1 is 10 %. `groups`: how many rows, the median error of tokens a second, that of TPOT."""

    groups: dict[str, tuple[int, float, float | None]]
    in_all: float
    stated: float
    p90: float
    tpot: float
    spread: float
    tpot_spread: float


def report(held: Sequence[Held], by: str) -> Report:
    found: dict[str, tuple[int, float, float | None]] = {}
    stated = []
    for name in groups([each.row for each in held], by):
        here = [each for each in held if str(getattr(each.row, by)) == name]
        tokens, tpot = token_errors(here), tpot_errors(here)
        if tokens:
            found[name] = (len(here), median(tokens), median(tpot) if tpot else None)
        full = token_errors([each for each in here if each.row.tp_stated])
        stated += [median(full)] if full else []
    tokens = token_errors(held)
    return Report(
        groups=found,
        in_all=mean(middle for _, middle, _ in found.values()),
        stated=mean(stated),
        p90=quantiles(tokens, n=10)[-1],
        tpot=median(tpot_errors(held)),
        spread=_spread([(e.said.tokens_per_s, e.row.tokens_per_s) for e in held]),
        tpot_spread=_spread(
            [(e.said.tpot_seconds, None if e.row.has_tail_times else e.row.tpot_seconds) for e in held]
        ),
    )


def _spread(pairs: Sequence[tuple[float, float | None]]) -> float:
    """The standard deviation of a normal error in the logarithm that covers 80 % of these."""
    errors = [abs(log(said / measured)) for said, measured in pairs if measured is not None]
    return float(np.quantile(errors, 0.8)) / 1.2815515655446004
