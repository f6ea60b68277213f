"""How a predicted capacity is shown: a sentence, a table, a picture over concurrency. Does not predict."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from freehold.cli.bench_screen import bar
from freehold.cli.figures import counted
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, is_terminal, line
from freehold.costs.capacity import Capacity, Facts, Quantiles, is_stale


def capacity_shape(found: Capacity, curve: Sequence[Capacity], source: str) -> dict[str, Any]:
    """The same as JSON. Tokens a second of all GPUs together, milliseconds, GiB."""
    asked, deployment = found.question, found.deployment
    return {
        "model": deployment.model.name,
        "precision": deployment.precision.name,
        "gpu": deployment.gpu.name,
        "gpu_count": asked.gpu_count,
        "tp": deployment.tp,
        "pp": deployment.pp,
        "replicas": found.replicas,
        "input_len": asked.input_len,
        "output_len": asked.output_len,
        "concurrency": asked.concurrency,
        "mode": asked.mode,
        "framework": asked.framework,
        "batch": found.batch,
        "most_batch": found.most_batch,
        "output_tokens_per_s": asdict(found.output_tokens_per_s),
        "tpot_ms": asdict(found.tpot_ms),
        "ttft_ms": found.ttft_ms,
        "weights_gib": found.weights_gib,
        "notes": list(found.notes),
        "outside": list(found.outside),
        "constants": source,
        "curve": [
            {
                "concurrency": each.question.concurrency,
                "output_tokens_per_s": asdict(each.output_tokens_per_s),
                "tpot_ms": asdict(each.tpot_ms),
            }
            for each in curve
        ],
    }


def capacity_screen(found: Capacity, curve: Sequence[Capacity], source: str, facts: Facts) -> Screen:
    return list(_blocks(found, curve, source, facts))


def _blocks(found: Capacity, curve: Sequence[Capacity], source: str, facts: Facts) -> Iterator[Block]:
    deployment, asked = found.deployment, found.question
    yield line(
        Word(deployment.model.name, "strong"),
        f" in {deployment.precision.name} on ",
        Word(f"{asked.gpu_count} × {deployment.gpu.name}", "strong"),
        f"  tp {deployment.tp}, pp {deployment.pp}, {found.replicas} × {counted(deployment.gpus, 'GPU')}; "
        f"{asked.input_len:,} tokens in, {asked.output_len:,} out, concurrency {asked.concurrency}",
    )
    yield line()
    yield _figures(found)
    yield line()
    yield _table(curve)
    if is_terminal(sys.stdout):
        yield line()
        yield from _pictures(curve)
    yield line()
    yield from _remarks(found, source, facts)


def _figures(found: Capacity) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("output tokens/s", *_three(found.output_tokens_per_s), "80 % interval, the middle strong"),
        ("TPOT, ms", *_three(found.tpot_ms), "time for each token after the first"),
        ("TTFT, ms", "", Word(_rough(found.ttft_ms), "strong"), "", "time to the first; no interval"),
        ("requests at once", "", f"{found.batch:,.0f}", "", f"a replica; {found.most_batch:,.0f} would fit"),
        (
            "weights, GiB",
            "",
            f"{found.weights_gib:,.1f}",
            "",
            f"a replica, {counted(found.deployment.gpus, 'GPU')}",
        ),
    ]
    columns = (Column("", whole=True), *(Column("", right=True, whole=True),) * 3, Column("", leaves=1))
    return Table(columns, rows, indent=2)


def _three(value: Quantiles) -> tuple[Cell, Cell, Cell]:
    return _rough(value.p10), Word(_rough(value.p50), "strong"), _rough(value.p90)


def _table(curve: Sequence[Capacity]) -> Table:
    columns = (
        Column("at once", right=True, whole=True),
        Column("tokens/s p10", right=True, whole=True, leaves=2),
        Column("p50", right=True, whole=True),
        Column("p90", right=True, whole=True, leaves=2),
        Column("TPOT p10", right=True, whole=True, leaves=1),
        Column("p50", right=True, whole=True),
        Column("p90", right=True, whole=True, leaves=1),
        Column("TTFT", right=True, whole=True, leaves=3),
    )
    rows = [
        (
            str(each.question.concurrency),
            *_three(each.output_tokens_per_s),
            *_three(each.tpot_ms),
            _rough(each.ttft_ms),
        )
        for each in curve
    ]
    return Table(columns, rows, indent=2)


def _pictures(curve: Sequence[Capacity]) -> Iterator[Block]:
    yield from _picture("Tokens a second", [(each, each.output_tokens_per_s) for each in curve], "owned")
    yield line()
    yield from _picture("TPOT, ms", [(each, each.tpot_ms) for each in curve], "rented")


def _picture(title: str, values: Sequence[tuple[Capacity, Quantiles]], meaning: Any) -> Iterator[Block]:
    most = max(value.p90 for _, value in values)
    rows = [(str(each.question.concurrency), _band(value, most, meaning)) for each, value in values]
    yield line(Word(title, "faint"), indent=2)
    yield Table((Column("", right=True, whole=True), Column("", whole=True)), rows, indent=2)


def _band(value: Quantiles, most: float, meaning: Any) -> Cell:
    """A bar up to the middle; dots go on to where nine in ten end."""
    solid, whole = bar(value.p50, most), bar(value.p90, most)
    return (Word(solid, meaning), Word("·" * (len(whole) - len(solid)), "faint"), f" {_rough(value.p50)}")


def _remarks(found: Capacity, source: str, facts: Facts) -> Iterator[Block]:
    for note in found.notes:
        yield line(Word("note: ", "faint"), note)
    for sentence in found.outside:
        yield line(Word("outside what was measured: ", "odd"), sentence)
    model, gpu = found.deployment.model, found.deployment.gpu
    for table, name in (("models", model.name), ("gpus", gpu.name)):
        if (table, name) in facts.overridden:
            yield line(Word("your own facts: ", "odd"), name)
    today = datetime.now(UTC).date()
    for fact, more in ((model, f", {model.licence}"), (gpu, "")):
        old: tuple[Word, ...] = (Word(" stale", "odd"),) if is_stale(fact.as_of, today) else ()
        yield line(Word(f"{fact.name}: {fact.source} ({fact.as_of}){more}", "faint"), *old)
    yield line(Word(f"constants: {source}", "faint"))


def _rough(value: float) -> str:
    """Three digits: a prediction has no more."""
    return f"{float(f'{value:.3g}'):,.10g}"
