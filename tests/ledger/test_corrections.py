from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.rolled_up import rolled_up
from tests.ledger.samples import a_record, records

from freehold.ledger import (
    Ledger,
    LedgerReader,
    Record,
    Repriced,
    events,
    original_cost_usd,
    reprice,
    spending,
)
from freehold.ledger.amounts import exact_sum
from freehold.ledger.schema import connect

AT = 1_790_000_000.0
_costs = st.decimals(min_value=0, max_value=10**6, places=9) | st.just(Decimal("1E-30"))


def written(path: Path, *of: Record) -> Path:
    with Ledger.open(path) as ledger:
        for record in of:
            ledger.append(record)
    return path


def corrected(path: Path, **costs: str) -> tuple[int, int]:
    return reprice(
        path, [(id_, Decimal(usd)) for id_, usd in costs.items()], body={"a": 1}, who="ada", why="mended"
    )


def test_a_corrected_record_shows_both_costs_and_the_event_says_who_and_why(tmp_path: Path) -> None:
    path = written(tmp_path / "l.db", a_record("req_1"), a_record("req_2"))
    event, done = corrected(path, req_1="0.25")
    assert done == 1
    with LedgerReader.open(path) as reader:
        first, second = reader.walk()
        assert [r.cost_usd for r in reader.requests(2)] == [Decimal("0.0000375"), Decimal("0.25")]
        assert reader.request("req_1") == first
    assert isinstance(first, Repriced)
    assert (first.cost_usd, first.original_cost_usd, first.corrected_by) == (
        Decimal("0.25"),
        Decimal("0.0000375"),
        event,
    )
    assert original_cost_usd(first) == original_cost_usd(second) == second.cost_usd
    assert not isinstance(second, Repriced)
    (said,) = events(path, "ledger.repriced")
    assert (said.id, said.who, said.why, said.body) == (event, "ada", "mended", said.body)
    assert (said.body["a"], said.body["corrections"], len(said.body["sha256"])) == (1, 1, 64)


def test_totals_count_the_new_cost_and_tell_the_old(tmp_path: Path) -> None:
    path = written(
        tmp_path / "l.db",
        a_record("req_1", at=AT),
        a_record("req_2", at=AT, cost_usd=None, held_usd=Decimal(3)),
        a_record("req_3", at=AT + 90_000, route="triage", key="key_2"),
    )
    corrected(path, req_1="0.5", req_2="1", req_3="2")
    corrected(path, req_1="0.25")
    with LedgerReader.open(path) as reader:
        stats = reader.stats()
        assert (stats.cost_usd, stats.unknown_cost_requests) == (Decimal("3.25"), 0)
        assert (stats.repriced_requests, stats.original_cost_usd) == (3, Decimal("0.000075"))
        assert {part.route: part.cost_usd for part in stats.by_route} == {
            "support": Decimal("1.25"),
            "triage": Decimal(2),
        }
        # a range that begins and ends within an hour is added up from the rows
        part = reader.stats(AT - 1, AT + 1)
        assert (part.cost_usd, part.repriced_requests) == (Decimal("1.25"), 2)
        assert part.original_cost_usd == Decimal("0.0000375")
    assert spending(path, "key", None).usd == {"key_1": Decimal("1.25"), "key_2": Decimal(2)}
    assert spending(path, "route", AT - 1).usd == {"support": Decimal("1.25"), "triage": Decimal(2)}


def test_a_cost_that_is_the_same_or_simulated_or_of_nobody_is_no_correction(tmp_path: Path) -> None:
    path = written(tmp_path / "l.db", a_record("req_1"), a_record("req_2", simulated=True))
    _, done = corrected(path, req_1="0.0000375000", req_2="7", req_9="7")
    assert done == 0
    with LedgerReader.open(path) as reader:
        assert not any(isinstance(record, Repriced) for record in reader.walk())
        assert reader.stats().repriced_requests == 0


def test_nothing_is_edited_and_corrections_cannot_be(tmp_path: Path) -> None:
    path = written(tmp_path / "l.db", a_record("req_1"))
    corrected(path, req_1="0.5")
    with closing(connect(path)) as connection:
        assert connection.execute("SELECT cost_usd FROM records").fetchone() == ("0.0000375",)
        for statement in ("UPDATE corrections SET cost_usd = '0'", "DELETE FROM corrections"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_a_gateway_goes_on_writing_while_another_process_corrects(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with Ledger.open(path) as ledger:
        for n in range(600):
            ledger.append(a_record(f"req_{n}"))
        many = {f"req_{n}": "0.5" for n in range(600)}
        assert corrected(path, **many)[1] == 600
        ledger.append(a_record("req_600"))
        with LedgerReader.open(path) as reader:
            assert reader.stats().cost_usd == 300 + Decimal("0.0000375")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_is_corrected_the_roll_ups_are_those_of_the_rows(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    drawn = data.draw(st.lists(records, max_size=12, unique_by=lambda record: record.request_id))
    path = written(tmp_path_factory.mktemp("l") / "l.db", *drawn)
    ids = st.sampled_from([record.request_id for record in drawn] or ["none"])
    for costs in data.draw(st.lists(st.lists(st.tuples(ids, _costs), max_size=6), max_size=3)):
        reprice(path, costs, body={}, who="ada", why="why")
    kept, counted = rolled_up(path)
    assert kept == counted
    with LedgerReader.open(path) as reader:
        now, stats = list(reader.walk()), reader.stats()
    real = [record for record in now if not record.simulated]
    assert stats.cost_usd == exact_sum(r.cost_usd for r in real if r.cost_usd is not None)
    originals = (original_cost_usd(record) for record in real)
    assert stats.original_cost_usd == exact_sum(usd for usd in originals if usd is not None)
    assert stats.unknown_cost_requests == sum(record.cost_usd is None for record in real)
    assert stats.repriced_requests == sum(isinstance(record, Repriced) for record in now)
    by_key: dict[str, list[Decimal]] = {}
    for record in now:
        usd = record.held_usd if record.cost_usd is None else record.cost_usd
        if record.key is not None:
            by_key.setdefault(record.key, []).append(Decimal(0) if usd is None else usd)
    assert spending(path, "key", None).usd == {key: exact_sum(amounts) for key, amounts in by_key.items()}
