"""From answers to the figures of one level of concurrency. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from freehold.engine.bench.asking import Sample


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds: of `count` values the median and the 95th percentile."""

    p50: float
    p95: float
    count: int


@dataclass(frozen=True, slots=True)
class Level:
    """What `concurrency` requests at a time came to; None where no answer told it.

    `output_tokens_per_second` is over all of them together. `unfinished` were cut off when the time was up.
    `counted` answers reported no usage, so that their events stand for tokens. `served_by` names the models
    that a gateway of ours says have answered.
    """

    concurrency: int
    answers: int
    errors: int
    unfinished: int
    seconds: float
    ttft: Spread | None
    tpot: Spread | None
    e2e: Spread | None
    input_tokens: int | None
    output_tokens: int
    output_tokens_per_second: float | None
    requests_per_second: float | None
    counted: int
    simulated: int
    served_by: tuple[str, ...]
    first_error: str | None


def summarise(concurrency: int, samples: Sequence[Sample], seconds: float, *, unfinished: int = 0) -> Level:
    """The figures of one level whose samples took `seconds` in all."""
    good = [sample for sample in samples if sample.good]
    output = sum(sample.output_tokens for sample in good if sample.output_tokens is not None)
    told = [sample.input_tokens for sample in good if sample.input_tokens is not None]
    return Level(
        concurrency=concurrency,
        answers=len(good),
        errors=len(samples) - len(good),
        unfinished=unfinished,
        seconds=seconds,
        ttft=spread(sample.ttft_seconds for sample in good),
        tpot=spread(sample.tpot_seconds for sample in good),
        e2e=spread(sample.seconds for sample in good),
        input_tokens=sum(told) if told else None,
        output_tokens=output,
        output_tokens_per_second=output / seconds if good and seconds else None,
        requests_per_second=len(good) / seconds if good and seconds else None,
        counted=sum(sample.is_counted for sample in good),
        simulated=sum(sample.is_simulated for sample in good),
        served_by=tuple(sorted({sample.served_by for sample in good if sample.served_by is not None})),
        first_error=next((sample.error for sample in samples if sample.error is not None), None),
    )


def spread(values: Iterable[float | None]) -> Spread | None:
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return Spread(percentile(known, 0.50), percentile(known, 0.95), len(known))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
