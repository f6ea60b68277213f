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
_PER_ROW = 3
_ENOUGH = 1e-4
"""A round that gains less, as a share, is the last."""
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


@dataclass(frozen=True, slots=True)
class Fitted:
    """The constants' logarithms, ordered as `free_constants`; there, each row's errors and their slopes."""

    x: Array
    errors: Array
    slopes: Array

    def without(self, left_out: Sequence[bool]) -> Fitted:
        """The same point, the errors and slopes of the other rows."""
        kept = np.repeat(~np.array(left_out), _PER_ROW)
        return Fitted(self.x, self.errors[kept], self.slopes[kept])


def fit(rows: Sequence[Row], base: Constants, start: Fitted | None = None, rounds: int = 24) -> Fitted:
    """The constants that serve the rows best. Slopes are renewed in every third round, and at the end."""
    free = free_constants()
    centre, spread = np.array([each.centre for each in free]), np.array([each.spread for each in free])
    weights = _weights(rows)
    here = start or _at(rows, base, free, centre)
    x, errors, slopes, damping = here.x, here.errors, here.slopes, 1e-3
    cost = _cost(errors * weights, x, centre, spread)
    for number in range(rounds):
        weighted, steep = errors * weights, slopes * weights[:, None]
        scale = _robust(weighted)
        left = steep.T @ (steep * scale[:, None]) + np.diag(1 / spread**2)
        right = -(steep.T @ (scale * weighted) + (x - centre) / spread**2)
        step = np.linalg.solve(left + damping * np.diag(np.diag(left)), right)
        there = _errors_of(rows, constants_at(base, free, x + step))
        after = _cost(there * weights, x + step, centre, spread)
        gain = cost - after
        if gain > 0:
            x, errors, cost, damping = x + step, there, after, damping / 4
        else:
            damping *= 8
        if number % 3 == 2 or gain <= 0:
            slopes = _slopes(rows, base, free, x, errors)
        if 0 < gain < _ENOUGH * cost and number % 3 == 0:
            break
    return Fitted(x, errors, slopes)


def _at(rows: Sequence[Row], base: Constants, free: Sequence[Free], x: Array) -> Fitted:
    errors = _errors_of(rows, constants_at(base, free, x))
    return Fitted(x, errors, _slopes(rows, base, free, x, errors))


def _weights(rows: Sequence[Row]) -> Array:
    """Of each error: a group counts as the root of its size, so that large ones do not drown the others."""
    mean = sum(row.weight for row in rows) / len(rows)
    return np.repeat([sqrt(row.weight / mean) * _EVIDENCE for row in rows], _PER_ROW)


def _errors_of(rows: Sequence[Row], constants: Constants) -> Array:
    return np.array([error for row in rows for error in _errors(row, say(row, constants))])


def _errors(row: Row, said: Said) -> tuple[float, float, float]:
    """Of tokens a second, TPOT and TTFT, in what is usual for each; 0 where nothing was measured."""
    tokens = tpot = ttft = 0.0
    if row.tokens_per_s is not None:
        tokens = log(said.tokens_per_s / row.tokens_per_s) / _SIGMA_TOKENS
    if row.tpot_seconds is not None and not row.has_tail_times:
        tpot = log(said.tpot_seconds / row.tpot_seconds) / _SIGMA_TPOT
    if row.ttft_seconds is not None and not row.has_tail_times and row.ttft_seconds < _LONGEST_TTFT:
        ttft = log(said.ttft_seconds / row.ttft_seconds) / _SIGMA_TTFT
    return tokens, tpot, ttft


def _slopes(rows: Sequence[Row], base: Constants, free: Sequence[Free], x: Array, here: Array) -> Array:
    slopes = np.zeros((len(here), len(free)))
    for column, each in enumerate(free):
        moved = x.copy()
        moved[column] += _STEP
        constants = constants_at(base, free, moved)
        for place, row in enumerate(rows):
            if each.touches(row):
                where = slice(_PER_ROW * place, _PER_ROW * (place + 1))
                slopes[where, column] = (np.array(_errors(row, say(row, constants))) - here[where]) / _STEP
    return slopes


def _robust(residuals: Array) -> Array:
    return 1 / np.sqrt(1 + residuals**2)


def _cost(residuals: Array, x: Array, centre: Array, spread: Array) -> float:
    loss = 2 * (np.sqrt(1 + residuals**2) - 1)
    return float(loss.sum() + (((x - centre) / spread) ** 2).sum())
