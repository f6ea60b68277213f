from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.ledger.samples import a_record

from freehold.ledger import Ledger, LedgerReader


class Late(threading.Event):
    """Its waiter's time is up, and yet it does not go on: as a thread that another one keeps waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.timed_out = threading.Event()
        self.goes_on = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        signalled = super().wait(timeout)
        if timeout is not None and not signalled:
            self.timed_out.set()
            assert self.goes_on.wait(60)
        return signalled


def test_a_ledger_that_is_closed_in_the_moment_its_thread_goes_to_work_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Late] = []

    def event() -> Late:
        made.append(Late())
        return made[-1]

    with monkeypatch.context() as opening:
        parts = SimpleNamespace(Event=event, Lock=threading.Lock, Thread=threading.Thread)
        opening.setattr("freehold.ledger.pump.threading", parts)
        ledger = Ledger.open(tmp_path / "ledger.db", ingest_seconds=0.01)
    _, stopping = made
    assert stopping.timed_out.wait(60)
    ledger.append(a_record("last"))
    closing = threading.Thread(target=ledger.close, daemon=True)
    closing.start()
    assert stopping.is_set() or threading.Event.wait(stopping, 60)
    time.sleep(0.05)  # and the thread is woken
    stopping.goes_on.set()
    closing.join(60)
    assert not closing.is_alive()
    with LedgerReader.open(tmp_path / "ledger.db") as reader:
        assert [record.request_id for record in reader.requests(9)] == ["last"]
