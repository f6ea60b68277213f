"""Tokens a second and time per token of a deployment under a load, with an 80 % interval.

The only place where facts, physics, memory and doubt meet. Does not know prices, arrivals or fleets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import Final

from freehold.costs.capacity.constants import Constants
from freehold.costs.capacity.deployment import GIB, Deployment
from freehold.costs.capacity.facts import Facts
from freehold.costs.capacity.measured import Measured, correction
from freehold.costs.capacity.models import find_model
from freehold.costs.capacity.placement import Wanted, placements
from freehold.costs.capacity.precisions import find_precision, flops
from freehold.costs.capacity.promise import promise_of, within_promise
from freehold.costs.capacity.question import Question, check_shape
from freehold.costs.capacity.spread import Quantiles, around, outside, spread_of
from freehold.costs.capacity.steady import Lengths, Replica, Steady, replica
from freehold.engine.sizing import Gpu, find_gpu
from freehold.errors import ConfigError, FreeholdError

_USUAL_ENGINE: Final = "vllm"
_CROWDED: Final = 1.001
"""From this share of asked over served on, somebody waits."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The answer. `batch` answers are in flight in each of `replicas`; `most_batch` would fit.

    `output_tokens_per_s` is of all GPUs together. `notes` say what was chosen or lies outside what was
    measured; `replica` steps at the fitted speed (`replica.times.seconds(…)`) for who simulates.
    """

    question: Question
    replica: Replica
    replicas: int
    batch: float
    most_batch: float
    output_tokens_per_s: Quantiles
    tpot_ms: Quantiles
    ttft_ms: float
    weights_gib: float
    notes: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def deployment(self) -> Deployment:
        return self.replica.deployment


def predict(
    question: Question, facts: Facts, constants: Constants, measured: tuple[Measured, ...] = ()
) -> Capacity:
    """Answer a question. Raises ConfigError on what nobody knows, DoesNotFit on what does not fit."""
    return _predicted(question, facts, constants, measured, _unstated(question))


def _predicted(
    question: Question,
    facts: Facts,
    constants: Constants,
    measured: tuple[Measured, ...],
    unstated: list[tuple[str, str]],
) -> Capacity:
    """`unstated`: what was left open when the question was asked first."""
    check_shape(question)
    notes: list[str] = []
    unit, steady, replicas = _best(question, facts, constants, notes)
    deployment = unit.deployment
    reasons = list(outside(question, deployment, constants))
    doubt = [*reasons, *unstated]
    spread = spread_of(constants.spread["tokens"], doubt, constants)
    moved = correction(question, deployment, measured, spread)
    if steady.asked > steady.batch * _CROWDED:
        notes.append(f"{steady.batch:,.0f} requests fit each replica at once; the others wait")
    if moved.note is not None:
        notes.append(moved.note)
    tokens = steady.tokens_per_s * _busy(question, replicas)
    tpot_spread = spread_of(constants.spread["tpot"], doubt, constants)
    return Capacity(
        question=question,
        replica=unit,
        replicas=replicas,
        batch=steady.batch,
        most_batch=unit.most(_lengths(question)),
        output_tokens_per_s=around(tokens * moved.tokens, spread * moved.doubt),
        tpot_ms=around(steady.tpot_seconds * 1e3 * moved.tpot, tpot_spread * moved.doubt),
        ttft_ms=steady.ttft_seconds * 1e3,
        weights_gib=deployment.weight_bytes / GIB,
        notes=tuple(notes),
        outside=tuple(sentence for _, sentence in reasons),
    )


def learn(
    question: Question,
    facts: Facts,
    constants: Constants,
    *,
    tokens_per_s: float | None = None,
    tpot_ms: float | None = None,
) -> Measured:
    """A measurement of one's own, beside what is predicted for it. Raises ConfigError without a figure."""
    if tokens_per_s is None and tpot_ms is None:
        raise ConfigError("measured", "is empty", hint="give tokens_per_s=…, tpot_ms=… or both")
    plain = predict(question, facts, constants)
    tpot = None if tpot_ms is None else log(tpot_ms / plain.tpot_ms.p50)
    tokens = -(tpot or 0.0) if tokens_per_s is None else log(tokens_per_s / plain.output_tokens_per_s.p50)
    return Measured(question, plain.deployment, tokens, tpot)


def _busy(question: Question, replicas: int) -> int:
    """Replicas that have something to do."""
    return min(replicas, question.concurrency) if isinstance(question.concurrency, int) else replicas


def _best(
    question: Question, facts: Facts, constants: Constants, notes: list[str]
) -> tuple[Replica, Steady, int]:
    """The layout that gives the most tokens a second, of those that the question leaves open."""
    model = find_model(question.model, facts.models)
    gpu = _gpu(question.gpu, facts)
    precision = find_precision(question.precision)
    length = question.input_len + question.output_len
    if length > model.context:
        notes.append(f"{length:,} tokens are more than the {model.context:,} {model.name} was trained for")
    _, arithmetic = flops(precision, gpu)
    if arithmetic != precision.arithmetic[0]:
        notes.append(f"{gpu.name} has no {precision.arithmetic[0]} arithmetic and computes in {arithmetic}")
    generation = constants.generation(question.framework)
    if question.framework is None:
        generation = _USUAL_ENGINE
        notes.append(f"no framework given: {_USUAL_ENGINE} assumed")
    least = question.input_len + 1.0
    wanted = Wanted(
        model, precision, gpu, generation or "unknown", question.gpu_count, question.tp, question.pp, least
    )
    answers = [
        (unit, _loaded(question, unit, constants), question.gpu_count // unit.deployment.gpus)
        for unit in (replica(each, constants) for each in placements(wanted, constants))
    ]
    best = max(answers, key=lambda answer: answer[1].tokens_per_s * answer[2])
    if question.tp is None or question.pp is None:
        chosen = best[0].deployment
        notes.append(f"chosen: tp {chosen.tp}, pp {chosen.pp}, {best[2]} replicas")
    if question.mode is None:
        notes.append("no mode given: continuous batching in a closed loop assumed")
    if question.concurrency == "slo":
        notes.append(promise_of(question, model.name, constants).sentence)
    return best


def _gpu(name: str, facts: Facts) -> Gpu:
    try:
        return find_gpu(name, facts.gpus)
    except FreeholdError as error:
        raise ConfigError("gpu", error.message, hint=error.hint) from None


def _loaded(question: Question, unit: Replica, constants: Constants) -> Steady:
    lengths = _lengths(question)
    if question.concurrency == "slo":
        promise = promise_of(question, unit.deployment.model.name, constants)
        return within_promise(unit, lengths, promise, constants.values["shared.tail"])
    if question.concurrency == "max":
        asked = max(unit.most(lengths), 1.0)
    else:
        asked = max(question.concurrency * unit.deployment.gpus / question.gpu_count, 1.0)
    if question.mode in {"static_batch", "ttft_only"}:
        return unit.static(lengths, asked)
    return unit.continuous(lengths, asked)


def _lengths(question: Question) -> Lengths:
    return Lengths(question.input_len, question.output_len)


def _unstated(question: Question) -> list[tuple[str, str]]:
    """What the answer had to choose: it widens the interval, and the notes say what was chosen."""
    doubt = []
    if question.framework is None:
        doubt.append(("engine", ""))
    if question.tp is None:
        doubt.append(("layout", ""))
    if question.concurrency == "slo":
        doubt.append(("promise", ""))
    return doubt


def over_concurrency(
    question: Question,
    facts: Facts,
    constants: Constants,
    levels: tuple[int, ...],
    measured: tuple[Measured, ...] = (),
) -> list[Capacity]:
    """The same deployment at other concurrencies, in a layout chosen once. Raises ConfigError.

    A layout that had to be chosen stays as doubtful as it is in the answer to the question itself.
    """
    first = predict(question, facts, constants, measured)
    fixed = replace(question, tp=first.deployment.tp, pp=first.deployment.pp, slo_tpot_ms=None)
    unstated = _unstated(replace(question, concurrency=1, slo_tpot_ms=None))
    return [
        _predicted(replace(fixed, concurrency=level), facts, constants, measured, unstated)
        for level in levels
    ]
