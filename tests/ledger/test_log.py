"""Every record, event, payload and byte that left is a leaf, written in the same commit as its row."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
from hypothesis import given, settings
from tests.ledger.samples import History, a_record, histories

from freehold.audit import SigningKey, inclusion_path, leaf_hash, verify_inclusion
from freehold.ledger import Attempt, Ledger, LedgerReader, Sent, append_event, forget
from freehold.ledger.checkpoints import take_checkpoint
from freehold.ledger.log import StoredTree
from freehold.ledger.migrations import MIGRATIONS
from freehold.ledger.rows import RECORD_COLUMNS, record_row
from freehold.ledger.schema import APPLICATION_ID, connect, migrate
from freehold.ledger.verifying import verify

DIGEST = sha256(b"what was sent").hexdigest()
SENT = Sent("https://api.openai.com:443", "personal", "secret", "home", "eu", DIGEST)
AWAY = (
    Attempt("gpt", "rented", "openai", 0.25, 0.5, "error", status=500, error="it broke", sent=SENT),
    Attempt("llama", "owned", "rules", 1.0, 0.5, "ok"),
)


def leaves_of(path: Path) -> list[dict[str, object]]:
    with closing(sqlite3.connect(path)) as raw:
        return [msgspec.json.decode(row[0]) for row in raw.execute("SELECT leaf FROM log ORDER BY id")]


def test_a_record_is_a_leaf_and_so_is_each_attempt_that_left(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("r1", at=100.0, label="personal", attempts=AWAY))
    record, sent = leaves_of(path)
    assert {**record, "facts": 0, "private": 0} == {
        "kind": "record",
        "request": "r1",
        "row": 1,
        "at": 100.0,
        "route": "support",
        "label": "personal",
        "status": 200,
        "facts": 0,
        "private": 0,
    }
    assert {**sent, "body": 0} == {
        "kind": "sent",
        "request": "r1",
        "attempt": 0,
        "at": 100.25,
        "model": "gpt",
        "destination": "https://api.openai.com:443",
        "region": "eu",
        "label": "personal",
        "clearance": "secret",
        "policy": "home",
        "body": 0,
    }
    assert DIGEST not in str(sent)  # a digest of few possible texts would tell which it was


def test_decisions_and_stored_content_are_leaves_too(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        append_event(path, "key.created", {"id": "k"}, who="ops")
        ledger.store("r1", b"prompt", b"answer")
        ledger.flush()
        forget(path, "r1", who="the client")
    assert [(leaf["kind"], leaf.get("name")) for leaf in leaves_of(path)] == [
        ("event", "key.created"),
        ("payload", None),
        ("event", "payload.forgotten"),
    ]
    assert verify(path).intact


def test_the_same_row_has_another_commitment_each_time(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for _ in range(2):
            append_event(path, "k", {"same": 1}, who="ops")
        del ledger
    facts = [leaf["facts"] for leaf in leaves_of(path)]
    assert len(set(facts)) == 2


@settings(max_examples=25, deadline=None)
@given(histories)
def test_whatever_was_appended_verifies(history: History) -> None:
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"log-{os.getpid()}-{os.urandom(4).hex()}"  # noqa: S108  removed below
    folder.mkdir()
    path = folder / "ledger.db"
    try:
        with Ledger.open(path) as ledger:
            for record in history.records:
                ledger.append(record)
            for idle in history.idles:
                ledger.append(idle)
        verdict = verify(path)
        assert verdict.findings == ()
        assert verdict.records == len(history.records)
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_entries_that_fit_no_table_are_sealed_as_well(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.append(a_record("r1"))
        ledger.append(a_record("r1", attempts=AWAY))
        ledger.append(a_record("r2", slot_microseconds=2**70, attempts=AWAY))
    verdict = verify(path)
    assert verdict.findings == ()
    assert verdict.records == 3


def test_every_leaf_can_be_proven_from_the_stored_hashes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(75):
            ledger.append(a_record(f"r{number}", attempts=AWAY))
            if number % 20 == 0:
                ledger.flush()
                append_event(path, "k", {}, who="ops")
    with closing(connect(path)) as connection:
        tree = StoredTree(connection)
        size, root = tree.size(), tree.frontier().root()
        assert size == 75 * 2 + 4
        for number, leaf in connection.execute("SELECT id, leaf FROM log").fetchall():
            path_ = inclusion_path(number, size, tree.node)
            assert verify_inclusion(leaf_hash(leaf), number, size, path_, root)


def test_two_processes_that_write_grow_one_log(tmp_path: Path) -> None:
    """The gateway's thread and a command's event take turns, each in a commit of its own."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path, ingest_seconds=0.001) as ledger:
        for number in range(60):
            ledger.append(a_record(f"r{number}"))
            append_event(path, "key.created", {"n": number}, who="ops")
    verdict = verify(path)
    assert verdict.findings == ()
    assert (verdict.records, verdict.events, verdict.tree_size) == (60, 60, 120)


def test_a_ledger_of_before_the_log_is_sealed_when_it_is_first_opened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection, path, MIGRATIONS[:2])
        columns = RECORD_COLUMNS.partition(", subject")[0]
        for number in range(1, 31):
            then = record_row(number, msgspec.json.encode(a_record(f"r{number}", attempts=AWAY)))[:26]
            marks = ", ".join("?" * 26)
            connection.execute(f"INSERT INTO records (id, {columns}) VALUES ({marks})", then)  # noqa: S608  a constant
        connection.execute("INSERT INTO events (at, kind, who, body) VALUES (1, 'key.created', 'ops', '{}')")
    LedgerReader.open(path).close()
    verdict = verify(path)
    assert verdict.findings == ()
    assert (verdict.records, verdict.sent, verdict.events) == (30, 30, 1)


def test_a_checkpoint_names_its_key_in_the_log_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    key = SigningKey.create()
    with Ledger.open(path) as ledger:
        ledger.append(a_record("r1"))
        first = take_checkpoint(path, key)  # waits for what was appended
        ledger.append(a_record("r2"))
        second = take_checkpoint(path, key)
    assert (first.tree_size, second.tree_size) == (2, 3)
    assert first.is_genuine()
    assert second.is_genuine()
    verdict = verify(path, [first, second])
    assert verdict.findings == ()
    assert verdict.checkpoints == 2
