"""One published measurement, and what the model says to it. Does not know how constants are found."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from freehold.costs.capacity import (
    Constants,
    Deployment,
    Facts,
    Lengths,
    Steady,
    find_model,
    find_precision,
    replica,
)
from freehold.costs.capacity.precisions import flops
from freehold.costs.capacity.promise import promise_for, within_promise
from freehold.engine.sizing import find_gpu

_TAIL = "shared.tail"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file. None: not measured. Seconds; tokens a second of all GPUs together."""

    group: str
    model: str
    gpu: str
    framework: str
    mode: str
    concurrency: str
    deployment: Deployment
    kind: str
    replicas: int
    lengths: Lengths
    tokens_per_s: float | None
    ttft_seconds: float | None
    tpot_seconds: float | None
    tp_stated: bool
    weight: float

    @property
    def has_tail_times(self) -> bool:
        """Whether its times are p99 and not means."""
        return self.mode in {"mlperf_server", "mlperf_interactive"}


@dataclass(frozen=True, slots=True)
class Said:
    """What the model says: tokens a second of all GPUs, seconds."""

    tokens_per_s: float
    ttft_seconds: float
    tpot_seconds: float


def read_rows(path: Path, facts: Facts, constants: Constants) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    sizes: dict[str, int] = {}
    for line in lines:
        sizes[line["group"]] = sizes.get(line["group"], 0) + 1
    return [_row(line, facts, constants, sizes[line["group"]] ** -0.5) for line in lines]


def _row(line: dict[str, str], facts: Facts, constants: Constants, weight: float) -> Row:
    gpu, precision = find_gpu(line["gpu"], facts.gpus), find_precision(line["precision"])
    tp, pp = int(line["tp"] or 1), int(line["pp"] or 1)
    generation = constants.generation(line["framework"]) or "unknown"
    deployment = Deployment(find_model(line["model"], facts.models), precision, gpu, tp, pp, generation)
    return Row(
        group=line["group"],
        model=deployment.model.name,
        gpu=gpu.name,
        framework=line["framework"],
        mode=line["mode"],
        concurrency=line["concurrency"],
        deployment=deployment,
        kind=flops(precision, gpu)[1],
        replicas=int(line["gpu_count"]) // (tp * pp),
        lengths=Lengths(float(line["input_len"]), float(line["output_len"])),
        tokens_per_s=_figure(line["output_tokens_per_s"], 1.0),
        ttft_seconds=_figure(line["ttft_ms"], 1e-3),
        tpot_seconds=_figure(line["tpot_ms"], 1e-3),
        tp_stated=bool(line["tp"]),
        weight=weight,
    )


def say(row: Row, constants: Constants) -> Said:
    """The model's answer, by the same functions that the product asks."""
    steady = _steady(row, constants)
    return Said(steady.tokens_per_s * row.replicas, steady.ttft_seconds, steady.tpot_seconds)


def _steady(row: Row, constants: Constants) -> Steady:
    unit = replica(row.deployment, constants)
    if row.concurrency == "slo":
        limit = promise_for(row.mode, row.model, constants)
        return within_promise(unit, row.lengths, limit, constants.values[_TAIL])
    most = unit.most(row.lengths)
    asked = max(most, 1.0) if row.concurrency == "max" else float(row.concurrency) / row.replicas
    if row.mode in {"static_batch", "ttft_only"}:
        return unit.static(row.lengths, asked)
    return unit.continuous(row.lengths, asked)


def _figure(text: str, unit: float) -> float | None:
    return float(text) * unit if text else None


def groups(rows: Sequence[Row], by: str) -> list[str]:
    """The names that rows are told apart by, each once."""
    return sorted({str(getattr(row, by)) for row in rows})
