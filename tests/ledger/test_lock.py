from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from freehold.ledger import Ledger, LedgerError, LedgerLocked, who_holds

HOLD = """
import pathlib, sys
from freehold.ledger import Ledger
ledger = Ledger.open(pathlib.Path(sys.argv[1]), note={"url": "http://127.0.0.1:8400"})
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_second_writer_is_told_who_writes_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(LedgerLocked, match=rf"ledger\.db.*pid {child.pid}") as caught:
        Ledger.open(path)
    assert caught.value.hint is not None
    assert str(child.pid) in caught.value.hint
    assert who_holds(path) == {"pid": child.pid, "note": {"url": "http://127.0.0.1:8400"}}
    child.kill()
    child.communicate()
    assert who_holds(path) is None
    Ledger.open(path).close()


def test_the_note_can_change_while_the_ledger_is_open(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(
        path, note={"url": "http://a-rather-long-name.example:8400", "role": "gateway"}
    ) as ledger:
        ledger.annotate(url="http://b")
        holder = who_holds(path)
        assert holder is not None
        assert holder["note"] == {"url": "http://b", "role": "gateway"}
    assert who_holds(path) is None


def test_nobody_holds_a_ledger_that_does_not_exist(tmp_path: Path) -> None:
    assert who_holds(tmp_path / "ledger.db") is None
    assert not list(tmp_path.iterdir())


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No such file"):
        Ledger.open(tmp_path / "nowhere" / "ledger.db")
