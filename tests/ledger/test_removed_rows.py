"""What was removed for its age is missed by nobody, and excuses nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.samples import a_record
from tests.ledger.test_log import AWAY

from freehold.ledger import Ledger, outgoing, prove, remove_older, verify


@pytest.fixture
def aged(tmp_path: Path) -> Path:
    """A ledger whose oldest 20 records and contents were removed for their age, as an event says."""
    path = tmp_path / "aged.db"
    with Ledger.open(path) as ledger:
        for number in range(40):
            at = 1_790_000_000.0 + 86_400 * (number >= 20)
            ledger.append(a_record(f"r{number}", at=at, attempts=AWAY))
            ledger.store(f"r{number}", b"prompt", b"answer")
    removal = remove_older(path, 1_790_040_000, who="ops", pause_seconds=0)
    assert removal is not None
    assert removal.records == 20
    return path


def test_rows_that_were_removed_for_their_age_are_accepted_and_counted(aged: Path) -> None:
    verdict = verify(aged)
    assert verdict.findings == ()
    assert (verdict.removed, verdict.records, verdict.sent, verdict.payloads) == (20, 20, 40, 20)
    assert (outgoing(aged).requests, outgoing(aged).destinations[0].attempts) == (40, 40)  # leaves stay
    proven = prove(aged, "r3")
    assert [proof.tree_size for proof in proven] == [verdict.tree_size] * 2
    with closing(sqlite3.connect(aged)) as raw:
        assert raw.execute("SELECT count(*) FROM keys").fetchone() == (20,)


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM records WHERE request_id = 'r25'",
        "UPDATE removals SET records_to = 30",
        "UPDATE events SET body = replace(body, '\"records_to\":20', '\"records_to\":30')",
        "DELETE FROM events WHERE kind = 'ledger.rows_removed'",
    ],
)
def test_a_removal_excuses_nothing_else(attack: str, aged: Path) -> None:
    with closing(sqlite3.connect(aged)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        assert raw.execute(attack).rowcount > 0
        raw.execute("DELETE FROM records WHERE request_id = 'r22'")
    assert "record r22" in {finding.where for finding in verify(aged).findings} or "records_to" in attack
    assert not verify(aged).intact
