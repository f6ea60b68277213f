from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.rolled_up import rolled_up
from tests.ledger.samples import a_record, idles, records

from freehold.ledger import Idle, Ledger, LedgerReader, Record, events, spending
from freehold.ledger.amounts import exact_sum
from freehold.ledger.groups import DAY, HOUR
from freehold.ledger.migrations import MIGRATIONS
from freehold.ledger.pieces import pieces
from freehold.ledger.rows import RECORD_COLUMNS, record_row
from freehold.ledger.schema import APPLICATION_ID, migrate

START = 1_790_000_000 - 1_790_000_000 % DAY

# Within a few days, in any order, and close to the edges of hours: a clock that goes back is among them.
_moments = st.one_of(
    st.floats(min_value=START, max_value=START + 3 * DAY),
    st.integers(0, 72).flatmap(
        lambda hour: st.sampled_from([-1, 0, 1]).map(
            lambda side: math.nextafter(START + hour * HOUR, side * math.inf) if side else START + hour * HOUR
        )
    ),
)
_entries = st.lists(
    st.one_of(
        st.builds(lambda record, at: replaced(record, at=at), records, _moments),
        st.builds(lambda idle, at: replaced(idle, from_=at), idles, _moments),
    ),
    max_size=40,
    unique_by=lambda entry: entry.request_id if isinstance(entry, Record) else id(entry),
)


def replaced(entry: Any, **changes: Any) -> Any:
    fields = {name: getattr(entry, name) for name in entry.__struct_fields__}
    return type(entry)(**{**fields, **changes})


def exact(amounts: Iterable[Decimal | None]) -> Decimal:
    return exact_sum(amount for amount in amounts if amount is not None)


@settings(max_examples=30, deadline=None)
@given(entries=_entries, batches=st.integers(1, 5))
def test_roll_ups_are_what_the_rows_add_up_to_in_whatever_batches_and_order_they_came(
    entries: list[Record | Idle], batches: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with Ledger.open(path, ingest_seconds=60) as ledger:
        for number, entry in enumerate(entries):
            ledger.append(entry)
            if number % batches == 0:
                ledger.flush()
    kept, counted = rolled_up(path)
    assert kept == counted
    assert bool(kept) == bool(entries)


@settings(max_examples=30, deadline=None)
@given(entries=_entries, bounds=st.lists(st.none() | _moments, min_size=2, max_size=2))
def test_the_sums_of_any_range_are_those_of_the_rows_in_it(
    entries: list[Record | Idle], bounds: list[float | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    since, until = bounds
    with Ledger.open(path) as ledger:
        for entry in entries:
            ledger.append(entry)
    with LedgerReader.open(path) as reader:
        stats = reader.stats(since, until)
    low, high = -math.inf if since is None else since, math.inf if until is None else until
    rows = [entry for entry in entries if isinstance(entry, Record) and low <= entry.at < high]
    idle = [entry for entry in entries if isinstance(entry, Idle) and low <= entry.from_ < high]
    assert stats.requests == len(rows)
    assert stats.ok == sum(row.status < 400 for row in rows)
    assert stats.cost_usd == exact(row.cost_usd for row in rows if not row.simulated)
    assert stats.simulated_cost_usd == exact(row.cost_usd for row in rows if row.simulated)
    assert stats.unknown_cost_requests == sum(row.cost_usd is None and not row.simulated for row in rows)
    assert stats.unknown_usage_requests == sum(row.usage is None for row in rows)
    assert stats.output_tokens == sum(row.usage.output_tokens for row in rows if row.usage is not None)
    assert stats.cached_tokens == sum(row.usage.cached_tokens or 0 for row in rows if row.usage is not None)
    assert {(part.model, part.tenure): part.requests for part in stats.by_model} == counted_by(
        (row.model, row.tenure) for row in rows
    )
    assert {part.route: part.requests for part in stats.by_route} == counted_by(row.route for row in rows)
    assert stats.idle_cost_usd == exact(piece.cost_usd for piece in idle)
    assert stats.unknown_idle_cost_rows == sum(piece.cost_usd is None for piece in idle)


def counted_by(names: Iterable[Any]) -> dict[Any, int]:
    counts: dict[Any, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


@settings(max_examples=30, deadline=None)
@given(entries=_entries, since=st.none() | _moments)
def test_what_keys_and_routes_spent_is_the_sum_of_their_records(
    entries: list[Record | Idle], since: float | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with Ledger.open(path) as ledger:
        for entry in entries:
            ledger.append(entry)
    rows = [row for row in entries if isinstance(row, Record) and (since is None or row.at >= since)]
    by_key: dict[str, list[Decimal | None]] = {}
    by_route: dict[str, list[Decimal | None]] = {}
    for row in rows:
        counts = row.held_usd if row.cost_usd is None else row.cost_usd
        if row.key is not None:
            by_key.setdefault(row.key, []).append(counts)
        if row.route is not None:
            by_route.setdefault(row.route, []).append(counts)
    assert spending(path, "key", since).usd == {name: exact(amounts) for name, amounts in by_key.items()}
    assert spending(path, "route", since).usd == {name: exact(amounts) for name, amounts in by_route.items()}


@given(since=_moments, seconds=st.floats(min_value=0, max_value=3 * DAY))
def test_the_pieces_of_a_range_follow_one_another_without_gap_or_overlap(
    since: float, seconds: float
) -> None:
    until = since + seconds
    found = pieces(since, until)
    ends = [(piece.start, piece.end) for piece in found]
    assert [start for start, _ in ends] + [until] == [since] + [end for _, end in ends] or since == until
    for piece in found:
        assert piece.span == 0 or (piece.start % piece.span == 0 and piece.end % piece.span == 0)
        if piece.span == 0:
            assert piece.end - piece.start <= HOUR * 2


def test_a_ledger_of_before_the_roll_ups_is_added_up_when_it_is_first_opened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    rows = [a_record(f"r{n}", at=START + n * 500.0, route=None if n % 3 else "x") for n in range(400)]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection, path, MIGRATIONS[:2])
        for number, row in enumerate(rows, 1):
            columns = RECORD_COLUMNS.removesuffix(", subject, conversation, found, spans")
            then = record_row(number, msgspec.json.encode(row))[:26]
            marks = ", ".join("?" * 26)
            connection.execute(f"INSERT INTO records (id, {columns}) VALUES ({marks})", then)  # noqa: S608  a constant
        connection.execute("INSERT INTO idle VALUES (1, 'llama', ?, ?, ?, 2, 77, '0.25')", (START,) * 3)
    with LedgerReader.open(path) as reader:
        stats = reader.stats()
        assert (stats.requests, stats.cost_usd) == (400, 400 * Decimal("0.0000375"))
        assert reader.stats(START + DAY).requests == sum(row.at >= START + DAY for row in rows)
        assert stats.idle_cost_usd == Decimal("0.25")
    kept, counted = rolled_up(path)
    assert kept == counted


def test_money_that_is_no_number_becomes_unknown_and_spoils_no_sum(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number, cost in enumerate(("NaN", "Infinity", "1E+999999", "0.5")):
            ledger.append(a_record(f"r{number}", cost_usd=Decimal(cost)))
        ledger.append(a_record("r3", cost_usd=Decimal("-Infinity")))
    with LedgerReader.open(path) as reader:
        stats = reader.stats()
    assert (stats.requests, stats.cost_usd, stats.unknown_cost_requests) == (5, Decimal("0.5"), 4)
    assert len(events(path, "ledger.odd_entry")) == 4
    kept, counted = rolled_up(path)
    assert kept == counted


def test_years_of_sums_are_read_by_the_day() -> None:
    """A range of a year reads 365 days, not 8,760 hours: the reason why there are two sizes."""
    found = pieces(START + 1.5, START + 365 * DAY + 7200.0)
    assert [(piece.span, (piece.end - piece.start) / (piece.span or 1)) for piece in found] == [
        (0, HOUR - 1.5),
        (HOUR, 23),
        (DAY, 364),
        (HOUR, 2),
    ]
