from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.rolled_up import rolled_up
from tests.ledger.samples import a_record

from freehold.ledger import Ledger, LedgerDamaged, LedgerError, LedgerReader, verify

ROOT = Path(__file__).parents[2]


def start(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    code = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); runpy.run_module({script!r})"
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE)


def kill_while_it_appends(path: Path, name: str, after: int) -> list[str]:
    """The ids that a child said were acknowledged before it was killed, about `after` of them."""
    child = start("tests.ledger.appender", str(path), name)
    assert child.stdout is not None
    said = b"".join(child.stdout.readline() for _ in range(after))
    child.send_signal(signal.SIGKILL)
    said += child.stdout.read()
    child.stdout.close()
    child.wait()
    return [line for line in said.decode().split("\n") if line]


def ids(path: Path) -> list[str]:
    """All request ids, oldest first."""
    with LedgerReader.open(path) as reader:
        return [record.request_id for record in reader.requests(1_000_000)][::-1]


def test_everything_acknowledged_before_kill_9_is_readable_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    acknowledged: list[str] = []
    for turn, after in enumerate((1, 40, 700)):
        acknowledged += kill_while_it_appends(path, f"life{turn}", after)
    found = ids(path)
    assert len(found) == len(set(found))
    unsaid = set(found) - set(acknowledged)
    assert len(unsaid) <= 3, "at most the one entry of each life that was killed between append and print"
    assert [name for name in found if name not in unsaid] == acknowledged
    verdict = verify(path)  # each death left rows and leaves alike
    assert (verdict.findings, verdict.records) == ((), len(found))


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: the dead leave the same there, and hundreds die quickly."""
    shared = Path("/dev/shm")  # noqa: S108  the folder within is ours alone
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.mark.parametrize(("ledger", "stride"), [("old", 4), ("new", 29)])
def test_a_ledger_may_die_at_any_line_and_loses_and_doubles_nothing(
    ledger: str, stride: int, memory: Path
) -> None:
    child = start("tests.ledger.dying", str(memory), str(stride), ledger)
    output, _ = child.communicate()
    deaths, last_status = map(int, output.split())
    assert deaths > 20
    assert last_status == 0
    for life in range(deaths + 1):
        path = memory / str(life) / "ledger.db"
        said = path.with_name("acknowledged")
        acknowledged = said.read_text().split() if said.exists() else []
        if path.exists():
            found = ids(path)
            assert found[: len(acknowledged)] == acknowledged
            assert found == [f"r{number}" for number in range(len(found))]
            assert len(found) - len(acknowledged) in {0, 1}
        with Ledger.open(path) as reopened:
            reopened.append(a_record("after"))
        assert ids(path)[len(acknowledged) :][-1] == "after"
        kept, counted = rolled_up(path)
        assert kept == counted, "rows and their sums are written in one commit"
        assert not list(path.parent.glob("ledger.db.journal-*"))
        assert verify(path).intact


def left_behind(path: Path, count: int) -> Path:
    """The journal of a writer that appended r0, r1 ... and was killed before it could ingest them."""
    code = (
        f"import os, pathlib, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from freehold.ledger import Ledger\n"
        "from tests.ledger.samples import a_record\n"
        "ledger = Ledger.open(pathlib.Path(sys.argv[1]), ingest_seconds=60)\n"
        "for number in range(int(sys.argv[2])): ledger.append(a_record(f'r{number}'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    child = subprocess.run([sys.executable, "-c", code, str(path), str(count)], check=False)
    assert child.returncode == -signal.SIGKILL
    (journal,) = path.parent.glob("ledger.db.journal-*")
    return journal


def test_the_first_reader_after_a_kill_ingests_what_was_left(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = left_behind(path, 3)
    assert ids(path) == ["r0", "r1", "r2"]
    assert not journal.exists()


def test_a_torn_last_line_is_dropped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = left_behind(path, 3)
    os.truncate(journal, journal.stat().st_size - 10)
    with Ledger.open(path) as ledger:
        assert ledger.recovery.entries == 2
        assert ledger.recovery.torn_bytes > 500
        ledger.append(a_record("later"))
    assert ids(path) == ["r0", "r1", "later"]


def test_zeros_after_the_last_line_as_a_power_cut_leaves_them_are_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = left_behind(path, 3)
    os.truncate(journal, journal.stat().st_size + 4096)
    with Ledger.open(path) as ledger:
        assert (ledger.recovery.entries, ledger.recovery.torn_bytes) == (3, 4096)


def test_a_line_altered_in_the_middle_is_an_error_that_names_file_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = left_behind(path, 3)
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"gpt", b"gpu")
    journal.write_bytes(b"".join(lines))
    for opening in (Ledger.open, LedgerReader.open):
        with pytest.raises(
            LedgerDamaged, match=rf"journal-1 is damaged at byte {len(lines[0]) + len(lines[1])}"
        ) as e:
            opening(path)
        assert e.value.hint is not None
        assert "freehold ledger repair" in e.value.hint


def test_a_journal_of_another_ledger_is_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    journal = left_behind(tmp_path / "a" / "ledger.db", 1)
    Ledger.open(tmp_path / "b" / "ledger.db").close()
    journal.rename(tmp_path / "b" / "ledger.db.journal-2")
    with pytest.raises(LedgerError, match="belongs to another ledger"):
        Ledger.open(tmp_path / "b" / "ledger.db")


def test_a_ledger_that_vanished_while_its_journal_stayed_is_not_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    left_behind(path, 1)
    for file in (path, tmp_path / "ledger.db-wal", tmp_path / "ledger.db-shm"):
        file.unlink(missing_ok=True)
    with pytest.raises(LedgerError, match="is gone, but its journal is still there"):
        Ledger.open(path)
    assert not path.exists()


def test_a_corrupt_line_under_a_live_writer_is_told_and_stops_no_append(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger.open(path, ingest_seconds=2)
    ledger.append(a_record("hurt"))
    journal = tmp_path / "ledger.db.journal-1"
    with journal.open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        file.write(b"?")
    deadline = time.monotonic() + 60
    while ledger.trouble is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ledger.trouble is not None
    assert "damaged" in ledger.trouble
    ledger.append(a_record("later"))
    with pytest.raises(LedgerDamaged):
        ledger.close()
    assert b"later" in journal.read_bytes()
