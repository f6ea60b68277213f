"""Every total is the sum of its rows, on every surface, over made-up histories with corrections in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.conftest import CONFIG, Ended, Freehold
from tests.gateway.test_metrics import counted
from tests.ledger.samples import a_record, histories

from freehold.access import Budget, create_key
from freehold.console.csv_rows import head, rows
from freehold.gateway.metrics.counted import families
from freehold.gateway.metrics.exposition import Sample
from freehold.ledger import Ledger, LedgerReader, reprice

_TOKENS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
_corrections = st.lists(st.tuples(st.integers(0, 39), st.decimals(0, 10**6, places=17)), max_size=8)


@dataclass(frozen=True)
class Totals:
    """What every surface has to say of one history."""

    requests: int
    simulated_requests: int
    cost_usd: Decimal
    simulated_cost_usd: Decimal
    unknown_cost_requests: int
    original_cost_usd: Decimal
    tokens: tuple[int, ...]


def total(amounts: Iterable[str | None]) -> Decimal:
    with localcontext(prec=1_000):
        return sum((Decimal(amount) for amount in amounts if amount), Decimal(0))


def summed(of: Iterable[Mapping[str, Any]]) -> Totals:
    """Of rows with the columns of an export, as text or as JSON has them."""
    found = [dict(row) for row in of]
    real = [row for row in found if row["simulated"] in (False, "false")]
    simulated = [row for row in found if row not in real]
    return Totals(
        requests=len(found),
        simulated_requests=len(simulated),
        cost_usd=total(row["cost_usd"] for row in real),
        simulated_cost_usd=total(row["cost_usd"] for row in simulated),
        unknown_cost_requests=sum(row["cost_usd"] in (None, "") for row in real),
        original_cost_usd=total(row["original_cost_usd"] for row in real),
        tokens=tuple(sum(int(row[name]) for row in found if row[name] not in (None, "")) for name in _TOKENS),
    )


def of_stats(stats: Mapping[str, Any]) -> Totals:
    amounts = {n: Decimal(stats[n]) for n in ("cost_usd", "simulated_cost_usd", "original_cost_usd")}
    return Totals(
        requests=stats["requests"],
        simulated_requests=stats["simulated_requests"],
        unknown_cost_requests=stats["unknown_cost_requests"],
        tokens=tuple(stats[name] for name in _TOKENS),
        **amounts,
    )


def lines(ended: Ended) -> list[Any]:
    """JSON Lines: text may hold other signs that Python takes for the end of a line."""
    return [json.loads(line) for line in ended.out.split("\n") if line]


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A line of `requests --json`, with its usage as columns."""
    return {**row, **(row["usage"] or dict.fromkeys(_TOKENS))}


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example begins in a folder of its own
@given(history=histories, corrections=_corrections)
def test_totals_are_the_sums_of_the_rows_on_every_surface(
    freehold: Freehold,
    tmp_path_factory: pytest.TempPathFactory,
    history: Any,
    corrections: list[tuple[int, Decimal]],
) -> None:
    folder = tmp_path_factory.mktemp("history")
    path, config = folder / "freehold.db", folder / "freehold.toml"
    config.write_text(CONFIG)
    with Ledger.open(path) as ledger:
        for entry in (*history.records, *history.idles):
            ledger.append(entry)
    ids = [record.request_id for record in history.records]
    reprice(path, [(ids[n], usd) for n, usd in corrections if n < len(ids)], body={}, who="a", why="b")

    def shown(*words: str) -> Any:
        return freehold(*words, "--config", str(config))

    requests = lines(shown("requests", "--limit", "1000", "--json"))
    expected = summed(map(flat, requests))
    assert expected.requests == len(history.records)
    stats = shown("stats", "--json").json
    assert of_stats(stats) == expected
    for parts in (stats["by_model"], stats["by_route"]):
        assert total(part["cost_usd"] for part in parts) == expected.cost_usd
        assert sum(part["requests"] for part in parts) == expected.requests
    assert summed(lines(shown("export", "--format", "jsonl"))) == expected
    assert summed(csv.DictReader(io.StringIO(shown("export", "--format", "csv").out, newline=""))) == expected
    with LedgerReader.open(path) as reader:
        page = head() + rows(reader.walk())
    assert summed(csv.DictReader(io.StringIO(page, newline=""))) == expected
    _check_metrics(history.records)


def _check_metrics(history: Any) -> None:
    """Counters are the sums of what was written; corrections come later, in another process."""
    by_name = {family.name: family.samples for family in families(counted(history))}
    costs = [sample.value for sample in by_name["freehold_cost_usd"] if isinstance(sample, Sample)]
    assert total(str(value) for value in costs) == total(
        str(record.cost_usd) for record in history if record.cost_usd is not None
    )


def test_what_a_key_spent_is_the_sum_of_its_rows_after_a_repricing_too(
    freehold: Freehold, folder: Path
) -> None:
    (folder / "freehold.toml").write_text(CONFIG)
    path = folder / "freehold.db"
    keys = [create_key(path, budget=Budget(Decimal(100)), who="test")[0].id for _ in range(2)]
    with Ledger.open(path) as ledger:
        for n in range(20):
            ledger.append(a_record(f"req_{n}", key=keys[n % 2], cost_usd=Decimal(n) / 7))
    reprice(path, [("req_3", Decimal(9)), ("req_4", Decimal("1E-9"))], body={}, who="a", why="b")
    listed = {key["id"]: key["spent_usd"] for key in freehold("keys", "list", "--json").json}
    for key in keys:
        rows_ = freehold("requests", "--limit", "99", "--key", key, "--json").json_lines
        assert Decimal(listed[key]) == total(row["cost_usd"] for row in rows_)
