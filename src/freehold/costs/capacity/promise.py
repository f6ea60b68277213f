"""How many requests at once keep a promise about latency. Means and one factor for the tail, no queueing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from freehold.costs.capacity.constants import Constants
from freehold.costs.capacity.question import Question
from freehold.costs.capacity.steady import Lengths, Replica, Steady

_HALVINGS: Final = 40


@dataclass(frozen=True, slots=True)
class Promise:
    """p99 of time per output token, in milliseconds, and where it is from."""

    tpot_ms: float
    sentence: str


def promise_of(question: Question, model: str, constants: Constants) -> Promise:
    """The promise behind "slo": the question's own, else the mode's for that model."""
    if question.slo_tpot_ms is not None:
        limit = question.slo_tpot_ms
        return Promise(limit, f"slo: TPOT at most {limit:g} ms, as asked")
    return promise_for(question.mode, model, constants)


def promise_for(mode: str | None, model: str, constants: Constants) -> Promise:
    """What "slo" means in a mode for a model."""
    name = "closed_loop" if mode is None or mode not in constants.promises else mode
    table = constants.promises[name]
    limit = table.get(model, table["default"])["tpot_ms"]
    return Promise(limit, f"slo: TPOT at most {limit:g} ms, as {name} promises")


def within_promise(unit: Replica, lengths: Lengths, promise: Promise, tail: float) -> Steady:
    """The largest load whose TPOT keeps the promise; a single request where none does."""
    limit = promise.tpot_ms / 1e3 / tail
    low, high = 1.0, max(unit.most(lengths), 1.0)
    if unit.continuous(lengths, high).tpot_seconds <= limit:
        return unit.continuous(lengths, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if unit.continuous(lengths, middle).tpot_seconds <= limit:
            low = middle
        else:
            high = middle
    return unit.continuous(lengths, low)
