"""Finds the constants: Levenberg-Marquardt on logarithms, each constant held to the textbook by its spread.

The loss is robust (Charbonnier: squares near zero, absolute values far out), so that a few odd measurements
do not move everything. Derivatives are differences, taken only over the rows that a constant can touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

import numpy as np
import numpy.typing as npt

from bench.capacity.rows import Row, Said, say
from freehold.costs.capacity import Constants, textbook

Array = npt.NDArray[np.float64]

_SIGMA_TOKENS, _SIGMA_TPOT, _SIGMA_TTFT = 0.1, 0.1, 0.4
_EVIDENCE = 0.5
"""What a row counts against the textbook: rows of one table err together, so less than one each."""
_STEP = 1e-3
_LONGEST_TTFT = 20.0


@dataclass(frozen=True, slots=True)
class Free:
    """A constant that may move."""

    name: str
    centre: float
    spread: float

    def touches(self, row: Row) -> bool:
        group, _, kind = self.name.split(".")[0], *self.name.rpartition(".")[1:]
        if group == "engine":
            return row.deployment.generation == kind
        if group == "architecture":
            return row.deployment.gpu.architecture == kind
        if group == "arithmetic":
            return row.kind == kind
        return True


def free_constants() -> list[Free]:
    return [
        Free(name, log(known.value), known.spread)
        for name, known in textbook().constants.items()
        if known.spread is not None
    ]


def constants_at(base: Constants, free: Sequence[Free], x: Array) -> Constants:
    moved = {each.name: float(value) for each, value in zip(free, np.exp(x), strict=True)}
    return replace(base, values={**base.values, **moved})


def fit(rows: Sequence[Row], base: Constants, start: Array | None = None, rounds: int = 25) -> Array:
    """The constants' logarithms, in the order of `free_constants`."""
    free = free_constants()
    centre, spread = np.array([each.centre for each in free]), np.array([each.spread for each in free])
    mean = sum(row.weight for row in rows) / len(rows)
    used = [replace(row, weight=sqrt(row.weight / mean) * _EVIDENCE) for row in rows]
    x = centre.copy() if start is None else start.copy()
    damping, here = 1e-2, _residuals(used, constants_at(base, free, x))
    cost = _cost(here, x, centre, spread)
    for _ in range(rounds):
        slopes = _slopes(used, base, free, x, here)
        scale = _robust(here)
        left = slopes.T @ (slopes * scale[:, None]) + np.diag(1 / spread**2)
        right = -(slopes.T @ (scale * here) + (x - centre) / spread**2)
        for _ in range(6):
            step = np.linalg.solve(left + damping * np.diag(np.diag(left)), right)
            there = _residuals(used, constants_at(base, free, x + step))
            after = _cost(there, x + step, centre, spread)
            if after < cost:
                break
            damping *= 6
        else:
            return x
        x, here, gain, cost, damping = x + step, there, cost - after, after, damping / 4
        if gain < 1e-4 * cost:
            break
    return x


def _residuals(rows: Sequence[Row], constants: Constants) -> Array:
    return np.concatenate([_errors(row, say(row, constants)) for row in rows])


def _errors(row: Row, said: Said) -> Array:
    """Three a row, 0 where nothing was measured."""
    tokens = tpot = ttft = 0.0
    if row.tokens_per_s is not None:
        tokens = log(said.tokens_per_s / row.tokens_per_s) / _SIGMA_TOKENS
    if row.tpot_seconds is not None and not row.has_tail_times:
        tpot = log(said.tpot_seconds / row.tpot_seconds) / _SIGMA_TPOT
    if row.ttft_seconds is not None and not row.has_tail_times and row.ttft_seconds < _LONGEST_TTFT:
        ttft = log(said.ttft_seconds / row.ttft_seconds) / _SIGMA_TTFT
    return np.array([tokens, tpot, ttft]) * row.weight


def _slopes(rows: Sequence[Row], base: Constants, free: Sequence[Free], x: Array, here: Array) -> Array:
    slopes = np.zeros((len(here), len(free)))
    for column, each in enumerate(free):
        moved = x.copy()
        moved[column] += _STEP
        constants = constants_at(base, free, moved)
        for place, row in enumerate(rows):
            if each.touches(row):
                where = slice(3 * place, 3 * place + 3)
                slopes[where, column] = (_errors(row, say(row, constants)) - here[where]) / _STEP
    return slopes


def _robust(residuals: Array) -> Array:
    return 1 / np.sqrt(1 + residuals**2)


def _cost(residuals: Array, x: Array, centre: Array, spread: Array) -> float:
    loss = 2 * (np.sqrt(1 + residuals**2) - 1)
    return float(loss.sum() + (((x - centre) / spread) ** 2).sum())
