from __future__ import annotations

import decimal
import fcntl
import threading
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.ledger.samples import History, a_record, histories

from freehold.ledger import Idle, Ledger, LedgerError, LedgerMissing, LedgerReader, Record, Sums

SUMMED = Sums.__struct_fields__
EXACT = decimal.Context(prec=100, traps=[decimal.Inexact])


def test_a_reader_beside_a_writer_sees_all_that_was_appended_before_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.05) as ledger:
        for turn in range(4):
            for number in range(100):
                ledger.append(a_record(f"r{turn}-{number}"))
            with LedgerReader.open(path) as reader:
                assert reader.stats().requests == 100 * (turn + 1)


def test_an_open_reader_catches_up(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.05) as ledger, LedgerReader.open(path) as reader:
        ledger.append(a_record("r"))
        reader.catch_up()
        assert reader.request("r") == a_record("r")


def test_a_reader_says_so_when_the_writer_does_not_come_round_to_ingesting(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=60) as ledger:
        ledger.append(a_record("r"))
        with pytest.raises(LedgerError, match=r"has not read the journal for 0\.1 seconds"):
            LedgerReader.open(path, wait_seconds=0.1)


def test_a_reader_of_no_ledger_makes_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerMissing) as caught:
        LedgerReader.open(tmp_path / "ledger.db")
    assert caught.value.hint is not None
    assert not list(tmp_path.iterdir())


def test_requests_come_newest_first_in_the_order_of_writing_though_the_clock_went_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(5):
            ledger.append(a_record(f"r{number}", at=2_000_000_000.0 - number))
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(3)] == ["r4", "r3", "r2"]
        assert [record.request_id for record in reader.requests(3, before="r2")] == ["r1", "r0"]
        with pytest.raises(LedgerError, match="no request nobody"):
            reader.requests(3, before="nobody")
        assert reader.request("nobody") is None


def test_requests_can_be_narrowed_to_a_route_a_model_and_a_key(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("a", route="x", model="m", key="k"))
        ledger.append(a_record("b", route="x", model="n", key=None))
        ledger.append(a_record("c", route=None, model="n", key="k"))
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(9, route="x")] == ["b", "a"]
        assert [record.request_id for record in reader.requests(9, model="n")] == ["c", "b"]
        assert [record.request_id for record in reader.requests(9, key="k", model="n")] == ["c"]


def test_pieces_of_an_idle_hour_are_one_and_unknown_money_stays_unknown(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(Idle("llama", 3600, 3600.0, 4000.0, 2, 700_000_000, Decimal("0.01")))
        ledger.append(Idle("llama", 3600, 4100.0, 7200.0, 2, 1_000_000, Decimal("0.0000001")))
        ledger.append(Idle("llama", 7200, 7200.0, 7300.0, 2, 5, None))
        ledger.append(Idle("llama", 7200, 7300.0, 7400.0, 2, 5, Decimal(1)))
    with LedgerReader.open(path) as reader:
        assert reader.idle() == [
            Idle("llama", 3600, 3600.0, 7200.0, 2, 701_000_000, Decimal("0.0100001")),
            Idle("llama", 7200, 7200.0, 7400.0, 2, 10, None),
        ]
        assert [piece.hour for piece in reader.idle(since=7200)] == [7200]


@settings(max_examples=30, deadline=None)
@given(history=histories)
def test_every_total_is_the_sum_of_the_rows_behind_it(
    history: History, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with Ledger.open(path) as ledger:
        entries: list[Record | Idle] = [*history.records, *history.idles]
        for entry in entries:
            ledger.append(entry)
    with LedgerReader.open(path) as reader:
        stats = reader.stats()
        rows = reader.requests(1_000)
    assert rows[::-1] == history.records
    real = [row for row in rows if not row.simulated]
    simulated = [row for row in rows if row.simulated]
    assert stats.requests == len(rows) == stats.ok + stats.errors == sum(stats.by_status.values())
    assert stats.ok == sum(row.status < 400 for row in rows)
    assert stats.cost_usd == exact(row.cost_usd for row in real)
    assert stats.simulated_cost_usd == exact(row.cost_usd for row in simulated)
    assert stats.simulated_requests == len(simulated)
    assert stats.unknown_cost_requests == sum(row.cost_usd is None for row in real)
    assert stats.simulated_unknown_cost_requests == sum(row.cost_usd is None for row in simulated)
    assert stats.unknown_usage_requests == sum(row.usage is None for row in rows)
    usages = [row.usage for row in rows if row.usage is not None]
    assert stats.input_tokens == sum(usage.input_tokens for usage in usages)
    assert stats.reasoning_tokens == sum(usage.reasoning_tokens or 0 for usage in usages)
    assert stats.idle_cost_usd == exact(idle.cost_usd for idle in history.idles)
    assert stats.unknown_idle_cost_rows == sum(idle.cost_usd is None for idle in history.idles)


def exact(amounts: Iterable[Decimal | None]) -> Decimal:
    """Added as whole multiples of 1E-30, so that nothing here can round either."""
    total = sum(int(amount.scaleb(30, EXACT)) for amount in amounts if amount is not None)
    return Decimal(total).scaleb(-30, EXACT)


@settings(max_examples=30, deadline=None)
@given(history=histories)
def test_breakdowns_by_model_and_by_route_add_up_to_the_totals(
    history: History, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with Ledger.open(path) as ledger:
        for record in history.records:
            ledger.append(record)
    with LedgerReader.open(path) as reader:
        stats = reader.stats()
    for rows in (stats.by_model, stats.by_route):
        for name in SUMMED:
            if name.endswith("_usd"):
                assert exact(getattr(row, name) for row in rows) == getattr(stats, name)
            else:
                assert sum(getattr(row, name) for row in rows) == getattr(stats, name)


@settings(max_examples=20, deadline=None)
@given(history=histories)
def test_a_span_and_the_rest_add_up_to_the_whole(
    history: History, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with Ledger.open(path) as ledger:
        for record in history.records:
            ledger.append(record)
    cut = history.records[0].at if history.records else 0.0
    with LedgerReader.open(path) as reader:
        before, after, whole = reader.stats(until=cut), reader.stats(since=cut), reader.stats()
    assert after.requests == sum(record.at >= cut for record in history.records)
    assert before.requests + after.requests == whole.requests
    assert exact([before.cost_usd, after.cost_usd]) == whole.cost_usd


def test_stats_of_an_empty_ledger_are_zero(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    with LedgerReader.open(path) as reader:
        stats = reader.stats()
    assert (stats.requests, stats.cost_usd, stats.by_model) == (0, Decimal(0), ())


def test_a_glance_at_the_lock_does_not_stop_a_writer_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    with (tmp_path / "ledger.db.lock").open() as glance:
        fcntl.flock(glance, fcntl.LOCK_SH)
        threading.Timer(0.1, glance.close).start()
        Ledger.open(path).close()
