"""Writes the fitted constants as the data file that the product reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from bench.capacity.evaluate import Report
from bench.capacity.fit import free_constants
from bench.capacity.rows import Row
from freehold.costs.capacity import Constants

_HEAD = """\
# Written by `python -m bench.capacity fit`; do not edit. What the constants mean: engines.toml, which also
# holds the textbook values that these were moved from.
#
# spread: how far off predictions were on what was left out, in natural logarithms; tokens and tpot are those
# of the way of leaving out that erred most, since a new question is new in one of these ways; the others come
# on top, as squares, where a question is outside what was measured.
"""

# How much more a prediction may err outside the measurements, in the natural logarithm. Assumptions: by their
# nature nothing measured says.
_OUTSIDE = {
    "gpu": 0.08,
    "architecture": 0.25,
    "mixture": 0.2,
    "size": 0.1,
    "precision": 0.15,
    "engine": 0.25,
    "stages": 0.2,
    "lengths": 0.15,
    "layout": 0.1,
    "promise": 0.15,
}


def write_constants(constants: Constants, rows: Sequence[Row], reports: Mapping[str, Report]) -> Path:
    path = Path(str(files("freehold.costs").joinpath("data/capacity.toml")))
    path.write_text("\n".join(_lines(constants, rows, reports)) + "\n", "utf-8")
    return path


def _lines(constants: Constants, rows: Sequence[Row], reports: Mapping[str, Report]) -> Iterator[str]:
    yield _HEAD
    yield f'source = "fitted to {len(rows)} published measurements on {datetime.now(UTC).date()}"'
    yield "\n[error]"
    for by, found in reports.items():
        yield (
            f"{by} = {{ in_all = {found.in_all:.3f}, stated = {found.stated:.3f}, p90 = {found.p90:.3f}, "
            f"tpot = {found.tpot:.3f} }}"
        )
    yield "\n[spread]"
    yield f"tokens = {max(found.spread for found in reports.values()):.3f}"
    yield f"tpot = {max(found.tpot_spread for found in reports.values()):.3f}"
    yield from (f"{name} = {value}" for name, value in _OUTSIDE.items())
    yield from _measured(rows)
    yield "\n[constants]"
    for each in free_constants():
        yield f'"{each.name}" = {constants.values[each.name]:.6g}'


def _measured(rows: Sequence[Row]) -> Iterator[str]:
    deployments = [row.deployment for row in rows]
    sizes = [each.model.parameters for each in deployments]
    context = [round(row.lengths.input + row.lengths.output) for row in rows]
    yield "\n[measured]"
    yield f"models = {_list(each.model.name for each in deployments)}"
    yield f"gpus = {_list(each.gpu.name for each in deployments)}"
    yield f"architectures = {_list(each.gpu.architecture for each in deployments)}"
    yield f"precisions = {_list(each.precision.name for each in deployments)}"
    yield f"generations = {_list(each.generation for each in deployments)}"
    yield f"parameters = [{min(sizes)}, {max(sizes)}]"
    yield f"context = [{min(context)}, {max(context)}]"
    yield f"mixtures = {str(any(each.model.experts for each in deployments)).lower()}"


def _list(words: Iterator[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in sorted(set(words))) + "]"
