from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import a_record
from tests.ledger.test_forget import removed
from tests.ledger.test_rollups import START, replaced

from freehold.ledger import NONE, Ledger, LedgerReader, Record
from freehold.ledger.groups import DAY
from freehold.ledger.schema import connect
from freehold.ledger.search import Filters, find

_names = st.sampled_from([None, "a", "b"])
_histories = st.lists(
    st.builds(
        lambda at, route, model, key, label, status: a_record(
            "r", at=at, route=route, model=model, key=key, label=label, status=status
        ),
        st.floats(START, START + 3 * DAY),
        *[_names] * 4,
        st.sampled_from([200, 404, 503]),
    ),
    max_size=40,
)
_wanted = st.sampled_from([None, "a", "b", "nobody", NONE])
_filters = st.builds(
    Filters,
    route=_wanted,
    model=_wanted,
    key=_wanted,
    label=_wanted,
    answered=st.none() | st.booleans(),
    since=st.none() | st.floats(START - 10, START + 3 * DAY),
)


def passes(record: Record, wanted: Filters) -> bool:
    names = [(wanted.route, record.route), (wanted.model, record.model)]
    names += [(wanted.key, record.key), (wanted.label, record.label)]
    return (
        all(name is None or name == (found or NONE) for name, found in names)
        and wanted.answered in (None, record.status < 400)
        and (wanted.since is None or record.at >= wanted.since)
    )


@settings(max_examples=50, deadline=None)
@given(history=_histories, wanted=_filters, limit=st.integers(1, 5), cut=st.none() | st.floats(0, 4 * DAY))
def test_the_newest_that_pass_are_found_page_by_page(
    history: list[Record],
    wanted: Filters,
    limit: int,
    cut: float | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    history = [replaced(record, request_id=f"r{number}") for number, record in enumerate(history)]
    with Ledger.open(path) as ledger:
        for record in history:
            ledger.append(record)
    if cut is not None:
        removed(path, START + cut)
    asked = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    found: list[Record] = []
    with LedgerReader.open(path) as reader:
        there = [record for record in history if reader.request(record.request_id) is not None]
        before: str | None = None
        while page := reader.requests(limit, before=before, **asked):
            found += page
            before = page[-1].request_id
    assert found == [record for record in there if passes(record, wanted)][::-1]


def test_a_rare_name_is_found_without_reading_the_others(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(5_000):
            rare = number in (10, 11)
            ledger.append(
                a_record(f"r{number}", at=START + 60.0 * number, route="rare" if rare else "common")
            )
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(connect(path)) as connection:
        connection.set_progress_handler(count, 100)
        found = find(connection, Filters(route="rare"), 2**62, 20)
    assert [row[0] for row in found] == ["r11", "r10"]
    assert steps < 100, "a look at every row takes many thousand instructions of SQLite"


def test_an_id_may_be_shortened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for name in ("req_ab", "req_abc", "req_b", "req_"):
            ledger.append(a_record(name))
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.beginning_with("req_a", 5)] == ["req_ab", "req_abc"]
        assert len(reader.beginning_with("req_", 3)) == 3
        assert reader.beginning_with("req_c", 3) == []
