"""How a verdict about a model and a machine is shown. Does not know how it is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from freehold.cli.figures import UNKNOWN
from freehold.cli.model_to_fit import Meant
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, line
from freehold.engine.sizing import Range, Verdict

ESTIMATE = Word("estimate", "odd")


def verdict_shape(verdict: Verdict, meant: Meant) -> dict[str, Any]:
    """The same as JSON. Bytes and tokens a second; null is unknown."""
    shape, machine, need = verdict.shape, verdict.machine, verdict.need
    return {
        "fits": verdict.fits,
        "model": {
            "name": shape.name,
            "architecture": shape.architecture,
            "quantisation": shape.quantisation,
            "parameters": shape.parameters,
            "active_parameters": shape.active_parameters,
            "trained_context_tokens": shape.context_tokens,
        },
        "machine": asdict(machine),
        "context_tokens": verdict.context_tokens,
        "slots": verdict.slots,
        "weight_bytes": need.weight_bytes,
        "cache_bytes": need.cache_bytes,
        "overhead_bytes": need.overhead_bytes,
        "total_bytes": need.total_bytes,
        "most_context_tokens": verdict.most_context_tokens,
        "most_slots": verdict.most_slots,
        "estimate": asdict(verdict.speed),
        "alternatives": [asdict(other) for other in verdict.alternatives],
        "offered": [
            {"quantisation": title, "bytes": size, "fits": fits}
            for title, size, fits in _offered(verdict, meant)
        ],
    }


def verdict_screen(verdict: Verdict, meant: Meant) -> Screen:
    shape = verdict.shape
    about = [shape.architecture, shape.quantisation, _parameters(verdict)]
    return [
        line(Word(shape.name, "strong"), f"  {', '.join(about)}"),
        line(Word("on ", "faint"), Word(verdict.machine.name, "strong"), f"  {verdict.machine.source}"),
        line(),
        _memory(verdict),
        line(),
        *_decision(verdict),
        line(),
        line("Tokens a second, an ", ESTIMATE, indent=2),
        _speed(verdict),
        *_others(verdict, meant),
    ]


def _parameters(verdict: Verdict) -> str:
    count, active = verdict.shape.parameters, verdict.shape.active_parameters
    if count is None or active is None:
        return f"parameters {UNKNOWN}"
    return f"{_large(count)} parameters" + (f", {_large(active)} of them active" if active < count else "")


def _memory(verdict: Verdict) -> Table:
    need, per_token = verdict.need, verdict.shape.cache_bytes_per_token
    each = UNKNOWN if per_token is None else f"{per_token / 1024:,.4g} KiB"
    how = f"{verdict.slots} slots × {verdict.context_tokens:,} tokens × {each}"
    rows: list[tuple[Cell, ...]] = [
        ("weights", _gib(need.weight_bytes), ""),
        ("cache", _gib(need.cache_bytes), how),
        ("overhead", _gib(need.overhead_bytes), ESTIMATE),
        (Word("needs", "strong"), _gib(need.total_bytes), f"of {_gib(verdict.machine.memory_bytes)}"),
    ]
    columns = (Column("", whole=True), Column("", right=True, whole=True), Column(""))
    return Table(columns, rows, totals=1, indent=2)


def _decision(verdict: Verdict) -> Iterator[Block]:
    if verdict.fits is None:
        what = (
            "this machine's memory is" if verdict.machine.memory_bytes is None else "the size of its cache is"
        )
        yield line(Word("? ", "odd"), f"Whether it fits is {UNKNOWN}: {what} {UNKNOWN}.")
    elif verdict.fits:
        yield line(Word("✓ ", "good"), Word("It fits", "good"), f": {_room(verdict)}.")
    else:
        yield line(Word("✗ ", "bad"), Word("It does not fit", "bad"), f": {_instead(verdict)}.")


def _room(verdict: Verdict) -> str:
    return (
        f"up to {_count(verdict.most_context_tokens)} tokens in each of {verdict.slots} slots, "
        f"or {_count(verdict.most_slots)} slots of {verdict.context_tokens:,} tokens"
    )


def _instead(verdict: Verdict) -> str:
    if verdict.most_slots:
        return _room(verdict)
    if verdict.most_context_tokens:
        return f"at most {verdict.most_context_tokens:,} tokens in each of {verdict.slots} slots"
    best = verdict.best_alternative
    if best is None:
        return "nor would any usual quantisation of it, with these slots and this context"
    return f"in {best.quantisation}, about {_gib(best.weight_bytes)}, it would"


def _speed(verdict: Verdict) -> Table:
    speed = verdict.speed
    why = "" if verdict.machine.bandwidth is not None else "bandwidth unknown"
    rows: list[tuple[Cell, ...]] = [
        ("one answer alone", _range(speed.decode), why or "bandwidth ÷ bytes read for a token"),
        (
            f"{verdict.slots} answers together",
            _range(speed.decode_all),
            why or "weights are read once for all",
        ),
        ("reading prompts", _range(speed.prefill), "" if speed.prefill else "arithmetic speed unknown"),
    ]
    columns = (Column("", whole=True), Column("", right=True, whole=True), Column("", leaves=1))
    return Table(columns, rows, indent=4)


def _others(verdict: Verdict, meant: Meant) -> Iterator[Block]:
    offered = list(_offered(verdict, meant))
    if offered:
        yield line()
        yield line("Quantisations there", indent=2)
        yield _list((title, size, fits) for title, size, fits in offered)
    elif verdict.alternatives:
        yield line()
        yield line("Other quantisations, an ", ESTIMATE, indent=2)
        yield _list((other.quantisation, other.weight_bytes, other.fits) for other in verdict.alternatives)


def _list(rows: Iterator[tuple[str, int, bool | None]]) -> Table:
    columns = (Column("", whole=True), Column("", right=True, whole=True), Column(""))
    return Table(columns, [(title, _gib(size), _sign(fits)) for title, size, fits in rows], indent=4)


def _offered(verdict: Verdict, meant: Meant) -> Iterator[tuple[str, int, bool | None]]:
    memory, need = verdict.machine.memory_bytes, verdict.need
    for title, size in meant.offered:
        known = memory is not None and need.cache_bytes is not None
        whole = size + (need.cache_bytes or 0) + need.overhead_bytes if known else None
        yield title, size, None if whole is None or memory is None else whole <= memory


def _sign(fits: bool | None) -> Cell:  # noqa: FBT001 - the value that is shown
    if fits is None:
        return UNKNOWN
    return Word("✓ fits", "good") if fits else Word("✗", "bad")


def _gib(count: int | None) -> str:
    if count is None:
        return UNKNOWN
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 / 10 else f"{count / 2**20:.1f} MiB"


def _range(speed: Range | None) -> str:
    return UNKNOWN if speed is None else f"{_rough(speed.low)} – {_rough(speed.high)}"


def _rough(value: float) -> str:
    """Two digits: an estimate has no more."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _large(count: int) -> str:
    return f"{count / 1e9:.2f} B" if count >= 1e8 else f"{count / 1e6:.2f} M"


def _count(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"
