"""What somebody measured, and what it says about other loads of the same deployment. Does not measure."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from freehold.costs.capacity.deployment import Deployment
from freehold.costs.capacity.question import Question

_NOISE: Final = 0.05
"""How far two runs of one benchmark lie apart, in the natural logarithm; published ones by about 3 %."""

_REACH: Final = 4.0
"""A measurement loses its hold as loads differ: by a factor e after so much distance in logarithms."""

_OTHER_MODEL: Final = 0.5
"""How much an engine on a card with one model says about it with another."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement beside what was predicted for it: natural logarithms of measured ÷ predicted.

    `log_tpot` is None where time per token was not measured: then the tokens a second speak for it.
    """

    question: Question
    deployment: Deployment
    log_tokens: float
    log_tpot: float | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """Factors on tokens a second and on TPOT, what is left of the spread (1 is all), and why."""

    tokens: float
    tpot: float
    doubt: float
    note: str | None


NONE: Final = Correction(1.0, 1.0, 1.0, None)


def correction(
    question: Question, deployment: Deployment, measured: tuple[Measured, ...], spread: float
) -> Correction:
    """What the nearest measurement says: the conditional mean of a normal error that fades with distance.

    `spread` is the prediction's own, in the natural logarithm.
    """
    near = max(measured, key=lambda each: _nearness(question, deployment, each), default=None)
    if near is None:
        return NONE
    hold = _nearness(question, deployment, near)
    if hold == 0.0:
        return NONE
    trust = spread**2 / (spread**2 + _NOISE**2)
    tokens = hold * trust * near.log_tokens
    tpot = -tokens if near.log_tpot is None else hold * trust * near.log_tpot
    asked = near.question
    note = (
        f"moved by {exp(tokens) - 1:+.0%} after a measurement of {near.deployment.model.name} "
        f"at concurrency {asked.concurrency}, {asked.input_len} + {asked.output_len} tokens"
    )
    return Correction(exp(tokens), exp(tpot), sqrt(1 - hold**2 * trust), note)


def _nearness(question: Question, deployment: Deployment, measured: Measured) -> float:
    """From 0, which says nothing, to 1, the same load."""
    other = measured.deployment
    if (other.gpu.name, other.generation) != (deployment.gpu.name, deployment.generation):
        return 0.0
    alike = 1.0 if other.model.name == deployment.model.name else _OTHER_MODEL
    alike *= 1.0 if other.precision.name == deployment.precision.name else _OTHER_MODEL
    pairs = [
        (question.input_len, measured.question.input_len),
        (question.output_len, measured.question.output_len),
        (deployment.tp, other.tp),
        (_at_once(question), _at_once(measured.question)),
    ]
    return alike * exp(-sum(abs(log(one / two)) for one, two in pairs) / _REACH)


def _at_once(question: Question) -> float:
    """Requests at once for each GPU; what is not a number counts as many."""
    return (question.concurrency if isinstance(question.concurrency, int) else 256) / question.gpu_count
