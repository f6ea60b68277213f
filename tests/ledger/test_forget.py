from __future__ import annotations

import base64
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.samples import a_record
from tests.ledger.test_rollups import START

from freehold.ledger import (
    Idle,
    Ledger,
    LedgerReader,
    append_event,
    events,
    forget,
    remove_older,
    spending,
    verify,
)
from freehold.ledger.groups import DAY, HOUR
from freehold.ledger.schema import connect

ROOT = Path(__file__).parents[2]


def removed(path: Path, before: float, **given: Any) -> Any:
    now = given.pop("now", START + 100 * DAY)
    return remove_older(path, before, who="test", clock=lambda: now, pause_seconds=0, **given)


def totals(path: Path, since: float | None = None) -> dict[str, Any]:
    """All that is summed up, without what is said about the rows."""
    with LedgerReader.open(path) as reader:
        stats = reader.stats(since)
    told = {name: getattr(stats, name) for name in stats.__struct_fields__}
    del told["rows_removed_before"]
    told["keys"], told["routes"] = spending(path, "key", None).usd, spending(path, "route", None).usd
    return told


def stored(path: Path, *at: float) -> list[str]:
    """A ledger with a record, its content and an idle row at each of these times; the request ids."""
    with Ledger.open(path) as ledger:
        for number, moment in enumerate(at):
            ledger.store(f"r{number}", b"asked", b"answered")
            ledger.append(a_record(f"r{number}", at=moment))
            ledger.append(Idle("llama", int(moment // HOUR * HOUR), moment, moment + 1, 2, 5, None))
    return [f"r{number}" for number in range(len(at))]


def left(path: Path) -> list[str]:
    with LedgerReader.open(path) as reader:
        return [record.request_id for record in reader.requests(1_000_000)][::-1]


def test_old_rows_go_with_their_content_an_event_tells_of_them_and_totals_stay(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored(path, START, START + DAY, START + 5 * DAY)
    before = totals(path)
    removal = removed(path, START + 2 * DAY, why="keep_days = 3")
    assert (removal.records, removal.idle_rows, removal.payloads) == (2, 2, 2)
    assert left(path) == ["r2"]
    assert totals(path) == before
    with LedgerReader.open(path) as reader:
        assert [reader.payload(name) is not None for name in ("r0", "r1", "r2")] == [False, False, True]
        assert [piece.from_ for piece in reader.idle()] == [START + 5 * DAY]
        assert reader.rows_removed_before() == START + 2 * DAY
        assert reader.stats(START + DAY, START + 2 * DAY).requests == 1, "from the roll-ups"
    (event,) = events(path, "ledger.rows_removed")
    assert (event.who, event.why) == ("test", "keep_days = 3")
    assert event.body["records"] == 2
    assert (event.body["first_at"], event.body["last_at"]) == (START, START + DAY)
    assert event.body["cost_usd"] == "0.0000750"
    assert removed(path, START + 2 * DAY) is None, "there is nothing left to remove"
    verdict = verify(path)
    assert verdict.intact, "what an event tells of is no hole in the log"
    assert verdict.removed == 2


_walks = st.lists(st.floats(-2 * DAY, 3 * DAY), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(steps=_walks, cuts=st.lists(st.floats(-DAY, 20 * DAY), min_size=1, max_size=3))
def test_totals_stay_whatever_is_removed_and_rows_go_in_the_order_of_writing(
    steps: list[float], cuts: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    times = [START + sum(steps[: n + 1]) for n in range(len(steps))]
    names = stored(path, *times)
    before = totals(path)
    for cut in cuts:
        removed(path, START + cut)
        kept = left(path)
        assert kept == names[len(names) - len(kept) :], "what is left is the newest of what was written"
        assert totals(path) == before
    oldest = (START + max(cuts)) // HOUR * HOUR
    young = [name for name, at in zip(names, times, strict=True) if at >= oldest]
    assert set(young) <= set(left(path)), "nothing that is young enough was removed"


def test_a_row_that_a_wrong_clock_dated_back_goes_with_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored(path, START, START + 5 * DAY, 0.0, START + 6 * DAY)
    removed(path, START + DAY)
    assert left(path) == ["r1", "r2", "r3"]
    removed(path, START + 5 * DAY + 2 * HOUR)
    assert left(path) == ["r3"]


def test_a_row_from_the_future_does_not_keep_what_was_written_before_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored(path, START, START + 400 * DAY, START + DAY, START + 9 * DAY)
    removed(path, START + 5 * DAY, now=START + 10 * DAY)
    assert left(path) == ["r3"]


def test_ids_are_not_used_again_after_everything_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored(path, START, START)
    removed(path, START + DAY)
    assert left(path) == []
    with Ledger.open(path) as ledger:
        ledger.append(a_record("next", at=START + 2 * DAY))
    with closing(connect(path)) as connection:
        assert connection.execute("SELECT id FROM records").fetchall() == [(3,)]


def test_a_bound_within_an_hour_whose_rows_are_gone_takes_in_the_hour_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored(path, START + 600.0, START + 1200.0, START + 5 * DAY + 600.0, START + 5 * DAY + 1200.0)
    removed(path, START + DAY)
    with LedgerReader.open(path) as reader:
        coarse = reader.stats(START + 900.0)
        assert (coarse.since, coarse.requests) == (START, 4)
        fine = reader.stats(START + 5 * DAY + 900.0)
        assert (fine.since, fine.requests) == (START + 5 * DAY + 900.0, 1)
        ended = reader.stats(None, START + 900.0)
        assert (ended.until, ended.requests) == (START + HOUR, 2)


def test_a_removal_that_died_after_its_event_is_finished_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    stored(path, *(START + n for n in range(5)), START + 5 * DAY)
    event_id = append_event(path, "ledger.rows_removed", {}, who="dead")
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO removals VALUES (1, 0, ?, 5, 5, ?)", (START + DAY, event_id))
        connection.execute("DELETE FROM records WHERE id < 3")
    assert removed(path, START + DAY) is None
    assert left(path) == ["r5"]
    assert len(events(path, "ledger.rows_removed")) == 1


def holding(folder: Path, what: bytes) -> list[str]:
    """The files that have it; one that goes meanwhile has nothing."""
    found = []
    for file in sorted(folder.iterdir()):
        with suppress(FileNotFoundError):
            if what in file.read_bytes():
                found.append(file.name)
    return found


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


SERVE = f"""
import pathlib, sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from freehold.ledger import Ledger
from tests.ledger.samples import a_record
ledger = Ledger.open(pathlib.Path(sys.argv[1]))
ledger.store("r", b"the plan of the autumn campaign", b"yes")
ledger.append(a_record("r", at=float(sys.argv[2])))
print("stored", flush=True)
waiting = threading.Thread(target=sys.stdin.readline)
waiting.start()
while waiting.is_alive():
    ledger.follow()
    time.sleep(0.05)
ledger.append(a_record("later", at=float(sys.argv[2])))
ledger.close()
"""


def traces(path: Path) -> list[bytes]:
    """What is stored of the only payload and of its key, as the tables and as the journal have it."""
    LedgerReader.open(path).close()
    with closing(connect(path)) as connection:
        (payload,) = connection.execute("SELECT prompt FROM payloads").fetchone()
        (key,) = connection.execute("SELECT wrapped FROM keys").fetchone()
    return [payload, key, base64.b64encode(payload), base64.b64encode(key)]


@pytest.mark.parametrize("how", ["forget", "remove_older"])
def test_content_that_was_removed_is_in_no_file_while_the_writer_runs_on(how: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(path), str(START)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "stored\n"
    found = traces(path)
    assert [bool(holding(tmp_path, trace)) for trace in found] == [True] * 4
    if how == "forget":
        forget(path, "r", who="test")
    else:
        assert removed(path, START + DAY).payloads == 1
    until(lambda: not any(holding(tmp_path, trace) for trace in found))
    assert writer.poll() is None
    writer.communicate("go on\n")
    assert writer.returncode == 0
    assert "later" in left(path)
    assert not any(holding(tmp_path, trace) for trace in found)


DIE = """
import os, pathlib, sys
from freehold.ledger import Ledger
Ledger.open(pathlib.Path(sys.argv[1]), ingest_seconds=60).store("r", b"asked", b"answered")
os.kill(os.getpid(), 9)
"""


def test_content_that_only_the_journal_has_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    assert subprocess.run([sys.executable, "-c", DIE, str(path)], check=False).returncode == -signal.SIGKILL
    assert b'"r"' in (tmp_path / "ledger.db.journal-1").read_bytes()
    forget(path, "r", who="test")
    with LedgerReader.open(path) as reader:
        assert reader.payload("r") is None


def test_a_writer_goes_on_while_rows_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.01) as ledger:
        for number in range(3_000):
            ledger.append(a_record(f"r{number}", at=START + number))
        ledger.flush()
        code = (
            "import pathlib, sys; from freehold.ledger import remove_older\n"
            "remove_older(pathlib.Path(sys.argv[1]), float(sys.argv[2]), who='test')"
        )
        remover = subprocess.Popen([sys.executable, "-c", code, str(path), str(START + DAY)])
        number = 0
        while remover.poll() is None:
            ledger.append(a_record(f"new{number}", at=START + 2 * DAY))
            number += 1
            time.sleep(0.005)
        assert remover.returncode == 0
        assert ledger.trouble is None
    assert left(path)[:1] == ["new0"] or number == 0
    assert totals(path)["requests"] == 3_000 + number
