"""A replica under a steady load: tokens a second, time per token and to the first. No arrivals, no tails."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.costs.capacity.constants import Constants
from freehold.costs.capacity.deployment import Deployment, step_times
from freehold.costs.capacity.steps import StepTimes


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens of each prompt and of each answer."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class Steady:
    """One replica. `batch` answers are in flight at once, of `asked`; the rest waits."""

    tokens_per_s: float
    tpot_seconds: float
    ttft_seconds: float
    batch: float
    asked: float


@dataclass(frozen=True, slots=True)
class Replica:
    """A deployment with its times, so that many loads can be asked about."""

    deployment: Deployment
    times: StepTimes
    cache_tokens: float
    reserve: float
    most_sequences: float
    prompt_seconds: float
    queue: float

    def most(self, lengths: Lengths) -> float:
        """Answers that fit at once: an engine keeps room for a share of the answer ahead. Below 1: none."""
        seen = self.deployment.model.tokens_seen(lengths.input + self.reserve * lengths.output)
        return min(self.cache_tokens / seen, self.most_sequences)

    def continuous(self, lengths: Lengths, asked: float) -> Steady:
        """Continuous batching with `asked` requests in flight, each followed by the next."""
        batch = min(asked, max(self.most(lengths), 1.0))
        step = self._step(lengths, batch)
        cycle = lengths.output * step
        ttft = min(self._first(lengths, batch), 0.9 * cycle) if lengths.output > 1 else cycle
        tpot = (cycle - ttft) / max(lengths.output - 1, 1)
        waiting = (asked - batch) / batch * cycle
        return Steady(batch / step, max(tpot, self._decode(lengths, batch)), ttft + waiting, batch, asked)

    def static(self, lengths: Lengths, asked: float) -> Steady:
        """All prompts first, then all answers to their end; nobody joins in between."""
        batch = min(asked, max(self.most(lengths), 1.0))
        first = self.times.seconds(lengths.input * batch, 0, 0, prefill_context=lengths.input / 2)
        decode = self._decode(lengths, batch)
        whole = first + (lengths.output - 1) * decode
        waiting = (asked / batch - 1) / 2 * whole
        return Steady(batch * lengths.output / whole, decode, first + waiting, batch, asked)

    def _step(self, lengths: Lengths, batch: float) -> float:
        """A step of the mean: of an answer's steps, one for each prompt of the others also computes that."""
        cached = batch * self._cached(lengths)
        share = min(batch / lengths.output, 1.0)
        prompts = batch * lengths.input / lengths.output / share
        mixed = self.times.seconds(prompts, batch, cached, prefill_context=lengths.input / 2)
        return mixed if share == 1.0 else share * mixed + (1 - share) * self.times.seconds(0, batch, cached)

    def _decode(self, lengths: Lengths, batch: float) -> float:
        return self.times.seconds(0, batch, batch * self._cached(lengths))

    def _cached(self, lengths: Lengths) -> float:
        return self.deployment.model.tokens_seen(lengths.input + lengths.output / 2)

    def _first(self, lengths: Lengths, batch: float) -> float:
        alone = self.times.seconds(lengths.input, 0, 0, prefill_context=lengths.input / 2)
        others = self.queue * (batch - 1) * self.times.prefill_seconds(lengths.input)
        return max(alone + self.prompt_seconds + others, alone)


def replica(deployment: Deployment, constants: Constants) -> Replica:
    engine = deployment.generation
    return Replica(
        deployment=deployment,
        times=step_times(deployment, constants),
        cache_tokens=deployment.cache_tokens(constants),
        reserve=constants.values["shared.reserve"],
        most_sequences=constants.value("engine", "most_sequences", engine),
        prompt_seconds=constants.value("engine", "prompt_seconds", engine),
        queue=constants.value("engine", "queue", engine),
    )
