"""What was sent where and what was found: sums that equal the rows, whatever happens to those."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import a_record

from freehold.ledger import (
    NONE,
    Attempt,
    Found,
    Ledger,
    LedgerReader,
    PrivacyStats,
    Record,
    Sent,
    remove_older,
    repair,
)
from freehold.ledger.differences import TABLES as CORRECTIONS
from freehold.ledger.migrations import MIGRATIONS
from freehold.ledger.private_sums import TABLES, build_private
from freehold.ledger.schema import connect

NOW = 1_790_003_600.0
LABELS = ("public", "internal", "personal", "secret")


def sent(model: str, label: str, clearance: str = "secret", region: str | None = None) -> Attempt:
    permit = Sent(f"https://{model}.example:443", label, clearance, "home", region, "0" * 64)
    return Attempt(model, "owned", "compatible", 0.0, 0.1, "ok", status=200, sent=permit)


drawn = st.builds(
    lambda number, at, route, label, attempts, found: (
        number,
        {
            "at": at,
            "route": route,
            "label": label,
            "attempts": tuple(attempts),
            "found": found,
        },
    ),
    number=st.integers(0, 10**9),
    at=st.floats(NOW - 5 * 86_400, NOW, allow_nan=False),
    route=st.sampled_from(["support", "letters", None]),
    label=st.sampled_from([*LABELS, None]),
    attempts=st.lists(
        st.builds(
            sent,
            st.sampled_from(["gpt", "llama"]),
            st.sampled_from(LABELS),
            st.sampled_from(LABELS),
            st.sampled_from([None, "eu"]),
        ),
        max_size=3,
    ),
    found=st.none() | st.dictionaries(st.sampled_from(["EMAIL_ADDRESS", "SECRET"]), st.integers(1, 9)),
)


def records_of(rows: list[tuple[int, dict[str, Any]]]) -> list[Record]:
    return [a_record(f"r{n}-{number}", **changes) for n, (number, changes) in enumerate(rows)]


def look(path: Path, since: float | None = None, route: str | None = None) -> PrivacyStats:
    with LedgerReader.open(path) as reader:
        return reader.privacy_stats(since, NOW, route)


@settings(max_examples=25)
@given(
    rows=st.lists(drawn, max_size=25),
    since=st.none() | st.floats(NOW - 6 * 86_400, NOW),
    route=st.sampled_from([None, "support", NONE]),
)
def test_every_sum_is_the_sum_of_its_rows(
    tmp_path_factory: Any, rows: list[tuple[int, dict[str, Any]]], since: float | None, route: str | None
) -> None:
    path = tmp_path_factory.mktemp("sums") / "ledger.db"
    records = records_of(rows)
    with Ledger.open(path) as ledger:
        for record in records:
            ledger.append(record)
    told = look(path, since, route)
    inside = [record for record in records if told.since is None or record.at >= told.since]
    mine = [record for record in inside if route is None or (record.route or NONE) == route]
    flows = {(f.route, f.label, f.model): f.requests for f in told.flows}
    assert flows == Counter((r.route, r.label, r.model) for r in mine)
    permits = Counter(
        (a.model, a.sent.label, a.sent.clearance, a.sent.region)
        for r in mine
        for a in r.attempts
        if a.sent is not None
    )
    assert {(s.model, s.label, s.clearance, s.region): s.attempts for s in told.sent} == permits
    assert told.looked == sum(record.found is not None for record in inside)
    for type_ in ("EMAIL_ADDRESS", "SECRET"):
        with_it = [record for record in inside if record.found is not None and type_ in record.found]
        one = next((found for found in told.found if found.type == type_), None)
        assert (one is None) == (not with_it)
        if one is not None:
            values = sum((record.found or {})[type_] for record in with_it)
            assert one == Found(type_, len(with_it), values, max(record.at for record in with_it))
        ever = [record.at for record in records if record.found is not None and type_ in record.found]
        assert told.last_found.get(type_) == max(ever, default=None)


def a_history(path: Path) -> None:
    with Ledger.open(path) as ledger:
        for number in range(40):
            ledger.append(
                a_record(
                    f"r{number}",
                    at=NOW - number * 3600,
                    attempts=(sent("llama", "personal"), sent("gpt", "internal", "internal")),
                    found={"EMAIL_ADDRESS": 1 + number % 3},
                )
            )


def test_a_ledger_of_before_is_added_up_when_it_is_first_opened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    a_history(path)
    before = look(path)
    with closing(connect(path)) as connection:
        connection.execute("DROP TABLE sent_sums")
        connection.execute("DROP TABLE found_sums")
        connection.execute("DROP VIEW corrected")
        connection.execute("DROP TRIGGER records_spans")
        connection.execute("DROP TRIGGER records_spans_erased")
        connection.execute("ALTER TABLE records DROP COLUMN spans")
        connection.executescript(CORRECTIONS[CORRECTIONS.index("CREATE VIEW") :])
        connection.execute(f"PRAGMA user_version = {MIGRATIONS.index(TABLES)}")
    assert look(path) == before
    assert sum(place.attempts for place in before.sent) == 80


def test_what_is_removed_for_its_age_is_still_counted(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    a_history(path)
    before = look(path)
    remove_older(path, NOW - 20 * 3600, who="test", why="its age")
    assert look(path) == before


def test_a_repair_adds_up_what_it_saves_and_keeps_what_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    a_history(path)
    remove_older(path, NOW - 20 * 3600, who="test", why="its age")
    before = look(path)
    with path.open("r+b") as file:  # the middle of the file
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 512)
    repair(path, who="test")
    after = look(path)
    with closing(connect(path)) as connection:
        kept = connection.execute("SELECT count(*) FROM records").fetchone()[0]
    assert kept <= after.looked <= before.looked
    assert look(path, NOW - 10 * 3600).looked <= kept


def test_a_type_that_was_found_before_and_is_no_more_can_be_noticed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("old", at=NOW - 26 * 3600, found={"IBAN_CODE": 2}))
        ledger.append(a_record("new", at=NOW - 60, found={}))
    told = look(path, NOW - 24 * 3600)
    assert (told.looked, told.found, told.found_before) == (1, (), frozenset({"IBAN_CODE"}))
    assert told.last_found == {"IBAN_CODE": NOW - 26 * 3600}


def test_what_was_sent_above_the_clearance_is_found_by_its_request(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("good", attempts=(sent("gpt", "internal", "internal"),)))
        bad = (sent("gpt", "internal", "internal"), sent("llama", "secret", "personal"))
        ledger.append(a_record("bad", attempts=bad))
        ledger.append(a_record("erased", attempts=(Attempt("x", "owned", "p", 0.0, 0.0, "ok"),)))
    told = look(path)
    assert [place.model for place in told.sent if place.is_above] == ["llama"]
    with LedgerReader.open(path) as reader:
        (above,) = reader.above_clearance(None)
        assert reader.above_clearance(NOW * 2) == []
    assert (above.request_id, above.model, above.label, above.clearance) == (
        "bad",
        "llama",
        "secret",
        "personal",
    )


def test_sums_can_be_built_anew_from_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    a_history(path)
    before = look(path)
    with closing(connect(path)) as connection:
        connection.execute("DELETE FROM sent_sums")
        connection.execute("DELETE FROM found_sums")
        told: list[tuple[int, int]] = []
        build_private(connection, lambda done, of: told.append((done, of)))
    assert told == [(40, 40)]
    assert look(path) == before
