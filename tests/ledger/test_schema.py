from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.samples import a_record

from freehold.ledger import (
    Ledger,
    LedgerDamaged,
    LedgerError,
    LedgerOutdated,
    LedgerReader,
    append_event,
    events,
)
from freehold.ledger.migrations import MIGRATIONS
from freehold.ledger.schema import APPLICATION_ID, connect, migrate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with some history."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(300):
            ledger.append(a_record(f"r{number}"))
    append_event(path, "key.created", {}, who="ops")
    return path


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.mark.parametrize("table", ["records", "idle", "events"])
def test_history_cannot_be_changed_or_removed(table: str, path: Path, raw: sqlite3.Connection) -> None:
    raw.execute("INSERT INTO idle VALUES (1, 'llama', 0, 0, 1, 1, 1, '0.1')")
    for statement in (f"UPDATE {table} SET id = id + 1", f"DELETE FROM {table}"):  # noqa: S608  names from above
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(statement)
    with closing(connect(path)) as ours, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ours.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608  names from above


def test_an_empty_file_of_version_0_becomes_a_ledger_of_the_present_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as connection:
        migrate(connection, tmp_path / "new.db")
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"records", "idle", "events", "payloads", "meta"} <= tables


def test_a_later_step_runs_once_and_keeps_the_history(path: Path, raw: sqlite3.Connection) -> None:
    steps = (*MIGRATIONS, "ALTER TABLE records ADD COLUMN region TEXT;")
    for _ in range(2):
        migrate(raw, path, steps)
    assert raw.execute("PRAGMA user_version").fetchone() == (len(steps),)
    assert raw.execute("SELECT count(*), count(region) FROM records").fetchone() == (300, 0)


def test_a_step_that_fails_changes_nothing(path: Path, raw: sqlite3.Connection) -> None:
    steps = (*MIGRATIONS, "ALTER TABLE records ADD COLUMN region TEXT; INSERT INTO nowhere VALUES (1);")
    with pytest.raises(LedgerError, match=r"from version \d+ to \d+ failed: no such table: nowhere"):
        migrate(raw, path, steps)
    assert raw.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert "region" not in {row[1] for row in raw.execute("PRAGMA table_info(records)")}


def test_a_ledger_of_a_newer_version_is_left_alone(path: Path, raw: sqlite3.Connection) -> None:
    raw.execute("PRAGMA user_version = 99")
    for opening in (Ledger.open, LedgerReader.open, events):
        with pytest.raises(LedgerError, match="newer Freehold") as caught:
            opening(path)
        assert caught.value.hint is not None
        assert "upgrade" in caught.value.hint


def test_an_older_ledger_is_brought_up_by_whoever_comes_first_unless_somebody_writes_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    with pytest.raises(LedgerOutdated):
        connect(path)
    assert events(path) == []
    connect(path).close()


@pytest.mark.parametrize("content", [b"", b"not a database at all\n" * 500])
def test_a_file_that_is_no_ledger_is_never_overwritten(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    for opening in (Ledger.open, LedgerReader.open, events):
        with pytest.raises(LedgerDamaged, match=r"ledger\.db is damaged") as caught:
            opening(path)
        assert caught.value.hint is not None
    assert path.read_bytes() == content


def test_a_database_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    with pytest.raises(LedgerDamaged, match="is a database, but not a ledger"):
        Ledger.open(path)


def test_a_ledger_cut_short_is_damaged(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(LedgerDamaged):
        Ledger.open(path)
    with pytest.raises(LedgerDamaged), LedgerReader.open(path) as reader:
        reader.requests(300)


def test_a_ledger_with_pages_overwritten_is_damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 10)
        file.write(b"\xff" * 4096 * 8)
    with pytest.raises(LedgerDamaged):
        Ledger.open(path)


def test_nobody_else_may_read_the_files(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.append(a_record("r"))
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file
