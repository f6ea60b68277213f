"""What was sent and never recorded: who dies in between leaves a record and its leaves all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.ledger.samples import a_record

from freehold.ledger import Attempt, Ledger, LedgerError, LedgerReader, Sent, Underway, prove, verify
from freehold.ledger.underway import UnderwayFile, left_behind, underway_file

DIGEST = "d" * 64
SENT = Sent("https://api.openai.com:443", "internal", "internal", "home", "eu", DIGEST)


def underway(request_id: str, **changes: Any) -> Underway:
    fields: dict[str, Any] = {
        "request_id": request_id,
        "at": 1_790_000_000.5,
        "endpoint": "chat/completions",
        "route": "support",
        "key": "key_1",
        "stream": True,
        "label": "internal",
        "found": {"EMAIL_ADDRESS": 1},
        "subject": None,
        "conversation": None,
        "simulated": False,
        "attempts": (),
        "model": "gpt",
        "tenure": "rented",
        "provider": "openai",
        "started_seconds": 0.25,
        "sent": SENT,
    }
    return Underway(**(fields | changes))


DIES = """
import os, signal, sys
from pathlib import Path
from tests.ledger.samples import a_record
from tests.ledger.test_underway import underway
from freehold.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
for number in range(3):
    slot = ledger.sending(None, underway(f"r{number}"))
    if number != 1:
        ledger.append(a_record(f"r{number}"))
    if number == 0:
        ledger.recorded(slot)
if sys.argv[2] == "ingested":
    ledger.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def die(path: Path, when: str) -> None:
    """A writer that sends three: one is recorded, one is not, one is but its slot does not say so yet."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{DIES}"
    ended = subprocess.run([sys.executable, "-c", code, str(path), when], check=False)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("when", ["journalled", "ingested"])
@pytest.mark.parametrize("next_is", ["reader", "writer"])
def test_whoever_opens_the_ledger_after_kill_9_finds_a_record_and_leaves_of_what_was_sent(
    tmp_path: Path, when: str, next_is: str
) -> None:
    path = tmp_path / "ledger.db"
    die(path, when)
    if next_is == "writer":
        Ledger.open(path).close()
    with LedgerReader.open(path) as reader:
        found = {record.request_id: record for record in reader.requests(10)}
        stats = reader.stats()
    assert sorted(found) == ["r0", "r1", "r2"]
    lost = found["r1"]
    assert (lost.status, lost.cost_usd, lost.usage, lost.held_usd) == (500, None, None, None)
    assert (lost.label, lost.found, lost.model) == ("internal", {"EMAIL_ADDRESS": 1}, None)
    assert [(attempt.outcome, attempt.sent) for attempt in lost.attempts] == [("cut", SENT)]
    assert "gpt was asked" in lost.reason
    assert (stats.requests, stats.unknown_cost_requests) == (3, 1)
    verdict = verify(path)
    assert (verdict.findings, verdict.records, verdict.sent) == ((), 3, 1)
    proofs = prove(path, "r1", size=verdict.tree_size)
    assert [b'"kind":"sent"' in proof.leaf for proof in proofs] == [False, True]
    assert not underway_file(path).exists()


def test_a_ledger_that_is_closed_leaves_no_request_without_its_record(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.sending(None, underway("cut"))
    with LedgerReader.open(path) as reader:
        assert [record.request_id for record in reader.requests(10)] == ["cut"]


def test_the_next_attempt_takes_the_place_of_the_one_before_and_tells_of_both(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = Attempt("far", "rented", "openai", 0.1, 0.1, "error", error="x" * 300, sent=SENT)
    with Ledger.open(path) as ledger:
        slot = ledger.sending(None, underway("r", attempts=(first,), model="a much longer name than it gets"))
        assert ledger.sending(slot, underway("r", attempts=(first,))) == slot
        assert ledger.sending(None, underway("other")) != slot
    with LedgerReader.open(path) as reader:
        record = reader.request("r")
    assert record is not None
    assert [attempt.model for attempt in record.attempts] == ["far", "gpt"]


def test_of_what_is_recorded_nothing_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        slots = [ledger.sending(None, underway(f"r{number}")) for number in range(3)]
        ledger.sending(slots[1], underway("r1", route="a-longer-name" * 20))
        for number, slot in enumerate(slots):
            ledger.append(a_record(f"r{number}"))
            ledger.recorded(slot)
        assert ledger.sending(None, underway("short", route=None)) == slots[-1]
        ledger.append(a_record("short"))
        ledger.recorded(slots[-1])
        ledger.follow()
        assert set(underway_file(path).read_bytes()) == {0}


def test_what_earlier_attempts_said_at_length_gives_way_to_what_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    said = tuple(Attempt("far", "rented", "openai", 0.1, 0.1, "error", error="x" * 3000) for _ in range(2))
    with Ledger.open(path) as ledger:
        ledger.sending(None, underway("long", attempts=said))
        ledger.sending(None, underway("longer", attempts=said * 200))
        with pytest.raises(LedgerError, match="too long"):
            ledger.sending(None, underway("no", model="m" * 5000))
    with LedgerReader.open(path) as reader:
        long, longer = reader.request("long"), reader.request("longer")
    assert long is not None
    assert [attempt.error for attempt in long.attempts[:2]] == [None, None]
    assert longer is not None
    assert [attempt.sent for attempt in longer.attempts] == [SENT]


def test_where_it_cannot_be_written_down_nothing_may_be_sent(tmp_path: Path) -> None:
    file = UnderwayFile(tmp_path / "ledger.db")
    file.close()
    with pytest.raises(LedgerError, match="could not be written down"):
        file.put(None, underway("r"))
    with pytest.raises(LedgerError, match="could not be written down"):
        UnderwayFile(tmp_path / "nowhere" / "ledger.db")


def test_what_is_no_entry_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    underway_file(path).write_bytes(os.urandom(64) + b"\n" + bytes(5000) + b"[1, 2]\n")
    with LedgerReader.open(path) as reader:
        assert reader.requests(10) == []


def test_a_slot_that_is_written_while_the_process_dies_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    file = UnderwayFile(path)
    left: list[list[str]] = []

    def look(frame: FrameType, event: str, arg: object) -> Any:
        del event, arg
        if frame.f_code.co_name == "_put_new":
            left.append([underway.request_id for underway in left_behind(underway_file(path))])
        return look

    file.drop(file.put(None, underway("before", route="a-long-name" * 30)))
    sys.settrace(look)
    try:
        file.put(None, underway("after"))
    finally:
        sys.settrace(None)
    file.close()
    assert [found for n, found in enumerate(left) if n == 0 or found != left[n - 1]] == [
        ["before"],
        [],
        ["after"],
    ]


def test_more_may_be_under_way_than_there_was_room_for(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        slots = [ledger.sending(None, underway(f"r{number}")) for number in range(100)]
        assert len(set(slots)) == len(slots)
    with LedgerReader.open(path) as reader:
        assert {record.request_id for record in reader.requests(200)} == {f"r{n}" for n in range(100)}
