"""How unsure a prediction is: what is outside the measurements widens it. Does not predict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, hypot
from typing import Final

from freehold.costs.capacity.constants import Constants
from freehold.costs.capacity.deployment import Deployment
from freehold.costs.capacity.question import Question

_TENTH: Final = 1.2815515655446004
"""The standard normal's 90th percentile: an 80 % interval reaches so many spreads either way."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Ten, fifty and ninety per cent: between the outer two lie 80 % of the outcomes."""

    p10: float
    p50: float
    p90: float


def around(middle: float, spread: float) -> Quantiles:
    """A log-normal's quantiles; `spread` is the standard deviation of its logarithm."""
    factor = exp(_TENTH * spread)
    return Quantiles(middle / factor, middle, middle * factor)


def spread_of(base: float, reasons: list[tuple[str, str]], constants: Constants) -> float:
    """The spread of all reasons together, as if each erred by itself."""
    return hypot(base, *(constants.spread[name] for name, _ in reasons))


def outside(question: Question, deployment: Deployment, constants: Constants) -> Iterator[tuple[str, str]]:
    """What of the question was not measured: the spread's name, and a sentence."""
    measured, model, gpu = constants.measured, deployment.model, deployment.gpu
    if gpu.architecture not in measured["architectures"]:
        yield "architecture", f"no card of {gpu.name}'s generation was measured"
    elif gpu.name not in measured["gpus"]:
        yield "gpu", f"{gpu.name} was not measured, others of its generation were"
    if model.experts and not measured["mixtures"]:
        yield "mixture", "no mixture of experts was measured: active parameters and coverage are textbook"
    least, most = measured["parameters"]
    if not least <= model.parameters <= most and not model.experts:
        yield "size", f"models of {least / 1e9:.0f} to {most / 1e9:.0f} billion parameters were measured"
    if deployment.precision.name not in measured["precisions"]:
        yield "precision", f"{deployment.precision.name} was not measured"
    if deployment.generation == "unknown":
        yield "engine", f"{question.framework} was not measured"
    if deployment.pp > 1:
        yield "stages", "no pipeline parallelism was measured"
    least, most = measured["context"]
    if not least <= question.input_len + question.output_len <= most:
        yield "lengths", f"{least:,} to {most:,} tokens of prompt and answer together were measured"
