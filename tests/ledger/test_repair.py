from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger.rolled_up import rolled_up
from tests.ledger.samples import a_record
from tests.ledger.test_crash import left_behind
from tests.ledger.test_forget import left, removed
from tests.ledger.test_rollups import START

from freehold.ledger import (
    Idle,
    Ledger,
    LedgerDamaged,
    LedgerError,
    LedgerLocked,
    LedgerReader,
    Repair,
    append_event,
    events,
    repair,
    spending,
    verify,
)
from freehold.ledger.groups import DAY
from freehold.ledger.schema import connect

PAGE = 4096
COUNT = 1_500


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of some size that was closed cleanly, all of it in one file."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(COUNT):
            ledger.append(a_record(f"r{number}", at=START + 60.0 * number, cost_usd=Decimal("0.25")))
            if number % 100 == 0:
                ledger.store(f"r{number}", b"asked", b"answered")
                ledger.append(Idle("llama", START, START + number, START + 1.0, 2, 5, Decimal("0.5")))
    append_event(path, "key.created", {"id": "key_1"}, who="ops")
    return path


def pages_of(path: Path, table: str) -> list[int]:
    """The pages that hold rows of a table, beyond its root, in the order of its rows."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (table,)
        )
        return [row[0] for row in found]


def overwrite(path: Path, *pages: int) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek(PAGE * (page - 1))
            file.write(b"\xa5" * PAGE)


def repaired(path: Path) -> Repair:
    """The ledger does not open, is repaired, and is whole and in use again."""
    with pytest.raises(LedgerError) as caught:
        Ledger.open(path)
    assert caught.value.hint is not None
    assert "freehold ledger repair" in caught.value.hint
    told = repair(path, who="test")
    assert told is not None
    with Ledger.open(path) as ledger:
        ledger.append(a_record("after", at=START + 100 * DAY, cost_usd=Decimal(1)))
    assert left(path)[-1] == "after"
    assert events(path, "ledger.repaired")[0].body["lost_records"] == told.lost_records
    assert repair(path, who="test") is None, "there is nothing more to do"
    return told


def test_rows_on_a_damaged_page_are_lost_and_named_the_others_are_not(path: Path) -> None:
    before = path.read_bytes()
    hurt = pages_of(path, "records")[3:5]
    overwrite(path, *hurt)
    damaged = path.read_bytes()
    assert damaged != before
    told = repaired(path)
    assert 0 < told.lost_records < 60
    ((first, last),) = told.lost_ids
    names = [f"r{number}" for number in range(first - 1, last)]
    assert list(told.lost_requests) == names
    assert (told.lost_first_at, told.lost_last_at) == (START + 60.0 * (first - 1), START + 60.0 * (last - 1))
    assert told.lost_cost_usd == Decimal("0.25") * told.lost_records
    assert told.lost_events == 0
    kept = left(path)
    assert kept == [f"r{number}" for number in range(COUNT) if f"r{number}" not in names] + ["after"]
    with LedgerReader.open(path) as reader:
        assert reader.stats().requests == COUNT + 1, "sums still count what is lost"
        payload = reader.payload("r0")
    assert spending(path, "key", None).usd == {"key_1": Decimal("0.25") * COUNT + 1}
    assert payload is not None
    assert payload.answer == b"answered"
    assert [Path(name).read_bytes() for name in told.kept if name.endswith("-wal") is False] == [damaged]
    verdict = verify(path)
    assert {finding.where for finding in verdict.findings} == {f"record {name}" for name in names}


def test_a_file_cut_short_gives_back_what_is_before_the_cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // PAGE * PAGE)
    told = repaired(path)
    assert told.records > 100
    assert set(left(path)[:-1]) <= {f"r{number}" for number in range(COUNT)}


def test_a_file_without_its_first_page_is_read_by_that_of_a_new_ledger(path: Path) -> None:
    overwrite(path, 1)
    told = repaired(path)
    assert (told.records, told.lost_records, told.lost_events) == (COUNT, 0, 0)
    assert verify(path).intact


def test_sums_that_are_damaged_are_added_up_again_from_the_rows(path: Path) -> None:
    overwrite(path, *pages_of(path, "sums"))
    told = repaired(path)
    assert told.lost_records == 0
    kept, counted = rolled_up(path)
    assert kept == counted


def test_a_hole_in_the_log_is_closed_by_sealing_the_rows_behind_it_anew(path: Path) -> None:
    overwrite(path, pages_of(path, "log")[4])
    told = repaired(path)
    assert told.lost_records == 0
    assert told.resealed > 100
    assert verify(path).intact


def test_an_empty_file_is_not_begun_anew_and_its_journal_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    left_behind(path, 3)
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    os.truncate(path, 0)
    told = repaired(path)
    assert (told.records, told.journal_entries) == (3, 3)
    assert left(path) == ["r0", "r1", "r2", "after"]


def test_a_ledger_that_vanished_is_made_again_of_what_its_journal_has(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    left_behind(path, 2)
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    assert repaired(path).records == 2


def test_a_damaged_line_of_the_journal_is_lost_alone_and_the_journal_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = left_behind(path, 4)
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"gpt", b"gpu")
    journal.write_bytes(b"".join(lines))
    told = repaired(path)
    assert (told.journal_lines_lost, told.journal_entries) == (1, 2), "the first was taken in before"
    assert left(path) == ["r0", "r2", "r3", "after"]
    (kept,) = told.kept
    assert Path(kept).read_bytes() == b"".join(lines)


def test_rows_that_only_a_lost_log_of_sqlite_had_are_told_or_come_back(tmp_path: Path) -> None:
    """What is ingested stands in SQLite's write-ahead log for a while; the journal goes once it is there."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=60, journal_bytes=2_000) as ledger:
        for number in range(12):
            ledger.append(a_record(f"r{number}"))
            if number % 4 == 3:
                ledger.flush()  # past a journal's size: the next one begins, the old one goes
        folder = tmp_path / "crash"
        folder.mkdir()
        for file in tmp_path.glob("ledger.db*"):
            if not file.name.endswith(("-wal", "-shm")):
                shutil.copy(file, folder)
    crashed = folder / "ledger.db"
    told = repaired(crashed)
    assert told.journals_lost > 0
    assert left(crashed)[-1] == "after"


def test_removed_rows_are_not_taken_for_lost_and_stay_in_the_sums(path: Path) -> None:
    removed(path, START + DAY // 2)
    gone = COUNT - len(left(path))
    overwrite(path, pages_of(path, "records")[-2])
    told = repaired(path)
    assert 0 < told.lost_records < 60
    with LedgerReader.open(path) as reader:
        assert reader.stats().requests == COUNT + 1
        assert reader.rows_removed_before() == START + DAY // 2
    assert len(left(path)) == COUNT + 1 - gone - told.lost_records


def test_nothing_is_done_where_nothing_is_damaged(path: Path) -> None:
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert repair(path, who="test") is None
    assert {f.name: f.read_bytes() for f in path.parent.iterdir() if f.name in before} | before == before
    assert set(before) >= {file.name for file in path.parent.iterdir() if "damaged" in file.name}


def test_a_ledger_that_somebody_writes_is_not_repaired(path: Path) -> None:
    with Ledger.open(path):
        with pytest.raises(LedgerLocked, match=str(os.getpid())):
            repair(path, who="test")


def test_a_database_of_somebody_else_is_not_repaired(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    with pytest.raises(LedgerDamaged, match="is a database, but not a ledger"):
        repair(path, who="test")
    assert path.read_bytes() == before


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_lock_of_another_program_delays_the_tables_and_loses_nothing(lock: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.01) as ledger:
        with closing(connect(path)) as other:
            other.execute("PRAGMA busy_timeout = 10000")
            other.execute(lock)
            for number in range(20):
                ledger.append(a_record(f"r{number}"))
            wait_until(lambda: ledger.trouble is not None)
            other.execute("ROLLBACK")
        wait_until(lambda: ledger.trouble is None)
    assert left(path) == [f"r{number}" for number in range(20)]
    kept, counted = rolled_up(path)
    assert kept == counted


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
