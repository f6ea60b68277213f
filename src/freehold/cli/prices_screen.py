"""How facts are shown that somebody looked up. Does not look them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from freehold.cli.figures import UNKNOWN, exact
from freehold.cli.price_lookup import Found, Row
from freehold.cli.screen import Block, Cell, Column, Screen, Table, Word, line
from freehold.costs import Price


def found_shape(found: Found) -> dict[str, Any]:
    return {
        "api": [_price_shape(name, price) for name, price in found.api],
        "gpus": [_shape(row) for row in found.gpus],
        "gpu_prices": [_shape(row) for row in found.gpu_prices],
        "models": [_shape(row) for row in found.models],
        "unknown": list(found.unknown),
    }


def found_screen(found: Found) -> Screen:
    return list(_blocks(found))


def _price_shape(name: str, price: Price) -> dict[str, Any]:
    standard, batch = price.standard, price.batch
    return {
        "model": name,
        "input_usd_per_million": exact(standard.input_usd_per_million),
        "output_usd_per_million": exact(standard.output_usd_per_million),
        "cached_input_usd_per_million": exact(standard.cached_input_usd_per_million),
        "batch_input_usd_per_million": None if batch is None else exact(batch.input_usd_per_million),
        "batch_output_usd_per_million": None if batch is None else exact(batch.output_usd_per_million),
        "source": price.source,
    }


def _shape(row: Row[Any]) -> dict[str, Any]:
    facts = {name: _plain(value) for name, value in asdict(row.fact).items()}
    return {**facts, "stale": row.stale, "own": row.own}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return exact(value)
    return value.isoformat() if isinstance(value, date) else value


def _blocks(found: Found) -> Iterator[Block]:
    if found.api:
        yield line(Word("Rented models", "title"), ", USD for a million tokens")
        yield _api(found)
        yield line()
    if found.models:
        yield line(Word("Open models", "title"))
        yield _models(found.models)
        yield line()
    if found.gpus:
        yield line(Word("GPUs", "title"), ", peaks without sparsity")
        yield _gpus(found.gpus)
        yield line()
    if found.gpu_prices:
        yield line(Word("GPU hours", "title"), ", USD for one GPU")
        yield _hours(found.gpu_prices)
        yield line()
    for name in found.unknown:
        yield line(Word("unknown: ", "bad"), name)
    if found.unknown:
        yield line(
            Word("`freehold prices gpus` and `… models` list what is known; --facts adds to it.", "faint")
        )


def _api(found: Found) -> Table:
    titles = ("model", "input", "cached", "output", "batch in", "batch out", "source")
    rows: list[Sequence[Cell]] = []
    for name, price in found.api:
        standard, batch = price.standard, price.batch
        rows.append(
            (
                Word(name, "strong"),
                _usd(standard.input_usd_per_million),
                _usd(standard.cached_input_usd_per_million),
                _usd(standard.output_usd_per_million),
                _usd(None if batch is None else batch.input_usd_per_million),
                _usd(None if batch is None else batch.output_usd_per_million),
                Word(price.source, "faint"),
            )
        )
    return Table(_columns(titles), rows, indent=2)


def _models(rows: Sequence[Row[Any]]) -> Table:
    titles = ("model", "parameters", "active", "layers", "KV heads", "context", "licence", "source", "as of")
    shown = [
        (
            Word(row.fact.name, "strong"),
            f"{row.fact.parameters / 1e9:,.1f} B",
            f"{row.fact.active_parameters / 1e9:,.1f} B",
            str(row.fact.layers),
            str(row.fact.kv_heads),
            f"{row.fact.context:,}",
            row.fact.licence,
            *_origin(row),
        )
        for row in rows
    ]
    return Table(_columns(titles), shown, indent=2)


def _gpus(rows: Sequence[Row[Any]]) -> Table:
    titles = ("GPU", "GiB", "GB/s", "fp16 TFLOPS", "fp8", "fp4", "link GB/s", "watts", "source", "as of")
    shown = [
        (
            Word(row.fact.name, "strong"),
            f"{row.fact.memory_gib:g}",
            f"{row.fact.bandwidth_gb_s:,g}",
            *(_figure(row.fact, name) for name in ("fp16_tflops", "fp8_tflops", "fp4_tflops", "link_gb_s")),
            f"{row.fact.watts:g}",
            *_origin(row),
        )
        for row in rows
    ]
    return Table(_columns(titles), shown, indent=2)


def _hours(rows: Sequence[Row[Any]]) -> Table:
    titles = ("GPU", "provider", "GPUs", "region", "on demand", "reserved 1 y", "spot", "source", "as of")
    shown = [
        (
            Word(row.fact.gpu, "strong"),
            row.fact.provider,
            str(row.fact.gpu_count),
            row.fact.region,
            _usd(row.fact.usd_per_hour),
            _usd(row.fact.reserved_1y_usd_per_hour),
            _usd(row.fact.spot_usd_per_hour),
            *_origin(row),
        )
        for row in rows
    ]
    return Table(_columns(titles), shown, indent=2)


def _columns(titles: Sequence[str]) -> tuple[Column, ...]:
    words = {"model", "GPU", "provider", "region", "licence", "source", "as of"}
    leaves = {"source": 1, "licence": 2, "region": 3}
    return tuple(
        Column(title, right=title not in words, whole=True, leaves=leaves.get(title, 0)) for title in titles
    )


def _origin(row: Row[Any]) -> tuple[Cell, Cell]:
    dated = UNKNOWN if row.fact.as_of is None else row.fact.as_of.isoformat()
    marks: tuple[Word, ...] = (Word(" stale", "odd"),) if row.stale else ()
    marks += (Word(" yours", "owned"),) if row.own else ()
    return Word(row.fact.source, "faint"), (dated, *marks)


def _usd(value: Decimal | None) -> str:
    return UNKNOWN if value is None else (exact(value) or UNKNOWN)


def _figure(fact: Any, name: str) -> str:
    value = getattr(fact, name)
    return "—" if value is None else f"{value:,g}"
