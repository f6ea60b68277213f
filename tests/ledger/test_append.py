from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.ledger.rolled_up import rolled_up
from tests.ledger.samples import a_record, records

from freehold.ledger import Ledger, LedgerError, LedgerReader, Payload, Record, events
from freehold.wire import Usage

ROOT = Path(__file__).parents[2]


@settings(max_examples=25, deadline=None)
@given(record=records)
def test_a_record_is_read_back_as_it_was_appended(
    record: Record, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(record)
    with LedgerReader.open(path) as reader:
        assert reader.request(record.request_id) == record


def test_stored_content_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    prompt, answer = b"\x00\xff\n" * 1_000_000, "größer\n".encode()
    with Ledger.open(path) as ledger:
        ledger.store("req_1", prompt, answer)
        ledger.append(a_record("req_1"))
    with LedgerReader.open(path) as reader:
        assert reader.payload("req_1") == Payload("req_1", prompt, answer)
        assert reader.payload("req_2") is None
        assert reader.request("req_1") == a_record("req_1")


def test_journals_give_way_and_are_removed_once_they_are_ingested(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=60, journal_bytes=5_000) as ledger:
        for number in range(100):
            ledger.append(a_record(f"r{number}"))
            if number % 10 == 9:
                ledger.flush()
        journals = list(tmp_path.glob("ledger.db.journal-*"))
        assert len(journals) == 1
        assert journals[0].name != "ledger.db.journal-1"
        assert journals[0].stat().st_size < 15_000
    assert not list(tmp_path.glob("ledger.db.journal-*"))
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(200)] == [
            f"r{n}" for n in reversed(range(100))
        ]


def test_threads_may_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.001, journal_bytes=20_000) as ledger:

        def work(name: str) -> None:
            for number in range(200):
                ledger.append(a_record(f"{name}{number}"))

        threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with LedgerReader.open(path) as reader:
        assert reader.stats().requests == 600


def test_a_request_id_used_twice_keeps_both_records_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for _ in range(3):
            ledger.append(a_record("twice", cost_usd=Decimal("0.1")))
            ledger.append(a_record("next to it"))
    with LedgerReader.open(path) as reader:
        assert reader.stats().requests == 6
        found = [record.request_id for record in reader.requests(10)]
    assert found[-2:] == ["next to it", "twice"]
    assert len(set(found)) == 6
    assert len(events(path, "ledger.odd_entry")) == 4


def test_token_counts_beyond_reason_become_unknown_and_hold_nothing_up(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    absurd = [Usage(input_tokens=10**30, output_tokens=1), Usage(input_tokens=5, output_tokens=-1)]
    with Ledger.open(path) as ledger:
        for number, usage in enumerate(absurd):
            ledger.append(a_record(f"absurd{number}", usage=usage))
        ledger.append(a_record("sane"))
    with LedgerReader.open(path) as reader:
        odd = reader.request("absurd0")
        assert odd is not None
        assert (odd.usage, odd.cost_usd) == (None, None)
        assert reader.stats().unknown_cost_requests == 2
        assert reader.stats().input_tokens == 120
    assert len(events(path, "ledger.odd_entry")) == 2


def test_an_entry_that_cannot_be_a_row_stands_among_the_events(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("odd", seconds=float("nan")))
        ledger.append(a_record("even"))
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(5)] == ["even"]
    (event,) = events(path, "ledger.odd_entry")
    assert '"odd"' in event.body["entry"]


def test_appending_after_closing_is_an_error_not_a_loss(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        ledger.append(a_record("late"))


DISK_FULL = f"""
import pathlib, resource, sys
sys.path.insert(0, {str(ROOT)!r})
from freehold.ledger import Ledger, LedgerError
from tests.ledger.samples import a_record
ledger = Ledger.open(pathlib.Path(sys.argv[1]), ingest_seconds=60)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
refused = 0
for number in range(1000):
    try:
        ledger.append(a_record(f"r{{number}}"))
    except LedgerError as error:
        assert "nothing was recorded" in str(error) and "space" in error.hint, error
        refused += 1
        if refused == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if refused > 3:
            raise
    else:
        print(f"r{{number}}", flush=True)
        if refused and number > 600:
            break
"""


def test_a_full_disk_refuses_entries_whole_and_the_rest_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    child = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(path)], check=True, capture_output=True, text=True
    )
    acknowledged = child.stdout.split()
    assert len(acknowledged) == 602 - 3, "three were refused while the disk was full"
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(2000)][::-1] == acknowledged
    kept, counted = rolled_up(path)
    assert kept == counted


NO_ROOM_FOR_A_JOURNAL = f"""
import pathlib, resource, sys
sys.path.insert(0, {str(ROOT)!r})
from freehold.ledger import Ledger, LedgerError
from tests.ledger.samples import a_record
with Ledger.open(pathlib.Path(sys.argv[1]), ingest_seconds=60, journal_bytes=100) as ledger:
    ledger.append(a_record("before"))
    for limit in (0, 5):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            ledger.flush()
        except LedgerError as error:
            print(error, flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ledger.append(a_record("after"))
    ledger.flush()
"""


def test_a_disk_without_room_for_the_next_journal_goes_on_in_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    child = subprocess.run(
        [sys.executable, "-c", NO_ROOM_FOR_A_JOURNAL, str(path)], check=True, capture_output=True, text=True
    )
    assert ["journal-2" in line for line in child.stdout.splitlines()] == [True, True]
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(9)] == ["after", "before"]


class Disk:
    """Stands for `os.fdatasync`: counts, and confirms only when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.done = 0
        self.full = False

    def fdatasync(self, descriptor: int) -> None:
        self.begun.release()
        assert self.go.acquire(timeout=60), "nobody let go"
        if self.full:
            raise OSError(errno.EIO, "Input/output error")
        os.fdatasync(descriptor)
        self.done += 1


async def test_sealed_waits_for_a_flush_that_began_after_the_append_and_shares_it(tmp_path: Path) -> None:
    disk = Disk()
    ledger = Ledger.open(tmp_path / "ledger.db", sync="power", fdatasync=disk.fdatasync)
    assert ledger.needs_sealing
    ledger.append(a_record("first"))
    first = asyncio.create_task(ledger.sealed())
    assert await asyncio.to_thread(disk.begun.acquire, timeout=60)
    late = []
    for number in range(20):
        ledger.append(a_record(f"late{number}"))
        late.append(asyncio.create_task(ledger.sealed()))
    late[0].cancel()
    disk.go.release()
    await first
    assert await asyncio.to_thread(disk.begun.acquire, timeout=60)
    assert not any(task.done() for task in late[1:]), "their entries came after the first flush began"
    disk.go.release()
    await asyncio.gather(*late[1:])
    assert disk.done == 2
    disk.go.release()
    ledger.close()


async def test_a_disk_that_does_not_confirm_fails_everyone_who_waits_and_stays_failed(tmp_path: Path) -> None:
    disk = Disk()
    ledger = Ledger.open(tmp_path / "ledger.db", sync="power", fdatasync=disk.fdatasync)
    ledger.append(a_record("r"))
    disk.full = True
    waiting = [asyncio.create_task(ledger.sealed()) for _ in range(3)]
    disk.go.release()
    for outcome in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(outcome, LedgerError)
        assert "did not confirm" in str(outcome)
    disk.full = False
    with pytest.raises(LedgerError):
        await ledger.sealed()
    ledger.close()


async def test_a_journal_is_on_the_disk_before_it_gives_way_to_the_next(tmp_path: Path) -> None:
    synced: list[str] = []

    def fdatasync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    with Ledger.open(
        tmp_path / "ledger.db", sync="power", ingest_seconds=60, journal_bytes=10, fdatasync=fdatasync
    ) as ledger:
        ledger.append(a_record("r"))
        ledger.flush()
        await ledger.sealed()
        assert synced == ["ledger.db.journal-1", "ledger.db.journal-2"]


def test_sealed_gives_no_other_task_a_turn_where_process_safety_is_enough(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.append(a_record("r"))
        assert not ledger.needs_sealing
        with pytest.raises(StopIteration):
            ledger.sealed().send(None)
