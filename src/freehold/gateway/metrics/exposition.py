"""Metrics as text: Prometheus's format 0.0.4 and OpenMetrics 1.0. Does not know what is measured.

https://prometheus.io/docs/instrumenting/exposition_formats and
https://prometheus.io/docs/specs/om/open_metrics_spec. The two differ in the name of a counter's family, in
the unit, and in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Literal

PLAIN = b"text/plain; version=0.0.4; charset=utf-8"
OPEN = b"application/openmetrics-text; version=1.0.0; charset=utf-8"

Number = int | float | Decimal
Labels = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. A label that is `None` is left out."""

    labels: Labels
    value: Number


@dataclass(frozen=True, slots=True)
class Buckets:
    """One histogram: `counts` by boundary and beyond the last, and the sum of what was observed."""

    labels: Labels
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: Number


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. `name` is without `_total`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: tuple[Sample | Buckets, ...]


def write(families: Iterable[Family], *, openmetrics: bool) -> bytes:
    """The text of `families`; those without a sample are left out."""
    lines = [
        line for family in families if family.samples for line in _family(family, openmetrics=openmetrics)
    ]
    return "".join(f"{line}\n" for line in (*lines, *(["# EOF"] if openmetrics else []))).encode()


def wants_openmetrics(accept: str | None) -> bool:
    """Whether a client's `Accept` asks for OpenMetrics, as Prometheus's does."""
    return accept is not None and "application/openmetrics-text" in accept


def _family(family: Family, *, openmetrics: bool) -> Iterator[str]:
    series = f"{family.name}_total" if family.kind == "counter" else family.name
    name = family.name if openmetrics else series
    yield f"# HELP {name} {_escaped(family.help)}"
    yield f"# TYPE {name} {family.kind}"
    for sample in family.samples:
        if isinstance(sample, Buckets):
            yield from _histogram(family.name, sample)
        else:
            yield f"{series}{_labels(sample.labels)} {_number(sample.value)}"


def _histogram(name: str, sample: Buckets) -> Iterator[str]:
    edges = [*(f"{float(bound)}" for bound in sample.bounds), "+Inf"]
    for edge, count in zip(edges, accumulate(sample.counts), strict=True):
        yield f"{name}_bucket{_labels({**sample.labels, 'le': edge})} {count}"
    yield f"{name}_sum{_labels(sample.labels)} {_number(sample.total)}"
    yield f"{name}_count{_labels(sample.labels)} {sum(sample.counts)}"


def _labels(labels: Labels) -> str:
    said = [f'{name}="{_quoted(value)}"' for name, value in labels.items() if value is not None]
    return f"{{{','.join(said)}}}" if said else ""


def _number(value: Number) -> str:
    """Money with every digit; a float as Python writes it, which both formats read."""
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
