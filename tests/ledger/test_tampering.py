"""Somebody with a database tool changes the ledger, on copies; each is found out by an earlier checkpoint."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.ledger.samples import a_record
from tests.ledger.test_log import AWAY

from freehold.audit import Checkpoint, Frontier, SigningKey
from freehold.ledger import Idle, Ledger, append_event, reprice
from freehold.ledger.checkpoints import take_checkpoint
from freehold.ledger.schema import connect
from freehold.ledger.verifying import Verdict, verify

Attack = Callable[[sqlite3.Connection], None]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Checkpoint]:
    """A ledger and a checkpoint that somebody kept; more was written since, and signed by nobody."""
    path = tmp_path_factory.mktemp("written") / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(40):
            ledger.append(a_record(f"r{number}", attempts=AWAY, subject="5" * 40))
        ledger.flush()
        append_event(path, "key.created", {"id": "k1"}, who="ops")
        ledger.store("r7", b"prompt", b"answer")
        start = 1_789_999_200
        ledger.append(Idle("llama", start, start + 0.5, start + 60.0, 4, 240_000_000, Decimal("0.01")))
        reprice(path, [("r5", Decimal("0.25"))], body={}, who="ops", why="a price was mended")
        kept = take_checkpoint(path, SigningKey.create())
        for number in range(40, 45):
            ledger.append(a_record(f"r{number}", attempts=AWAY))
    return path, kept


def tampered(
    written: tuple[Path, Checkpoint], folder: Path, attack: Attack, *, forgets: bool = True
) -> Verdict:
    """What `verify` says of a copy after the attack, which removes the ledger's own checkpoints as well."""
    original, kept = written
    path = folder / "copy.db"
    shutil.copy(original, path)
    shutil.copy(original.with_name(f"{original.name}.secret"), folder / "copy.db.secret")
    with closing(sqlite3.connect(path)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        attack(raw)
        if forgets:
            raw.execute("DELETE FROM checkpoints")
    return verify(path, [kept])


def rebuild(raw: sqlite3.Connection, leaves: list[bytes]) -> None:
    """A log of these leaves as an honest writer would have written them."""
    raw.execute("DELETE FROM log")
    frontier = Frontier()
    for number, leaf in enumerate(leaves):
        raw.execute("INSERT INTO log VALUES (?, ?, ?)", (number, leaf, frontier.append(leaf)))


def leaves(raw: sqlite3.Connection) -> list[bytes]:
    return [row[0] for row in raw.execute("SELECT leaf FROM log ORDER BY id")]


def test_the_untouched_copy_is_intact(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    verdict = tampered(written, tmp_path, lambda _: None, forgets=False)
    assert verdict.findings == ()
    assert (verdict.records, verdict.sent, verdict.payloads, verdict.events) == (45, 45, 1, 3)
    assert (verdict.idle, verdict.corrections) == (1, 1)


def sql(*statements: str) -> Attack:
    def attack(raw: sqlite3.Connection) -> None:
        for statement in statements:
            assert raw.execute(statement).rowcount > 0

    return attack


EDITS = {
    "a cost": ("UPDATE records SET cost_usd = '0' WHERE request_id = 'r3'", "record r3"),
    "a label": ("UPDATE records SET label = 'public' WHERE request_id = 'r3'", "record r3"),
    "a time": ("UPDATE records SET at = at + 86400 WHERE request_id = 'r3'", "record r3"),
    "an error": ("UPDATE records SET error = 'none of ours' WHERE request_id = 'r3'", "record r3"),
    "a subject": ("UPDATE records SET subject = NULL WHERE request_id = 'r3'", "record r3"),
    "a destination": (
        "UPDATE records SET attempts = replace(attempts, 'openai.com', 'x.com') WHERE request_id = 'r3'",
        "attempt 0 of r3",
    ),
    "a digest": (
        "UPDATE records SET attempts = json_set(attempts, '$[0].sent.digest', 'ab') WHERE request_id = 'r3'",
        "attempt 0 of r3",
    ),
    "attempts that are no JSON": ("UPDATE records SET attempts = '[' WHERE request_id = 'r3'", "record r3"),
    "a value of another type": ("UPDATE records SET reason = x'ff' WHERE request_id = 'r3'", "record r3"),
    "a salt": ("UPDATE records SET salt = zeroblob(32) WHERE request_id = 'r3'", "record r3"),
    "half a salt": ("UPDATE records SET salt = substr(salt, 1, 16) WHERE request_id = 'r3'", "record r3"),
    "no salt": ("UPDATE records SET salt = NULL WHERE request_id = 'r3'", "record r3"),
    "a decision": ("UPDATE events SET body = '{}' WHERE kind = 'key.created'", "event 1 (key.created)"),
    "who decided": ("UPDATE events SET who = 'someone' WHERE kind = 'key.created'", "event 1 (key.created)"),
    "content": ("UPDATE payloads SET prompt = zeroblob(length(prompt))", "payload of r7"),
    "a key": ("DELETE FROM keys", "payload of r7"),
    "whose content it is": ("UPDATE payloads SET request_id = 'r8'", "payload of r7"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_found_by_its_name(
    edit: str, written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    statement, where = EDITS[edit]
    verdict = tampered(written, tmp_path, sql(statement))
    assert where in {finding.where for finding in verdict.findings}


DELETIONS = {
    "a record": ("DELETE FROM records WHERE request_id = 'r3'", "record r3"),
    "the newest record": ("DELETE FROM records WHERE request_id = 'r44'", "record r44"),
    "a decision": ("DELETE FROM events WHERE id = 1", "event 1 (key.created)"),
    "content": ("DELETE FROM payloads", "payload of r7"),
    "idle time": ("DELETE FROM idle", "idle row 1"),
    "a correction": ("DELETE FROM corrections", "corrections row 1"),
}


@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_deleted_row_is_found_by_its_name(
    deletion: str, written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    statement, where = DELETIONS[deletion]
    verdict = tampered(written, tmp_path, sql(statement))
    assert where in {finding.where for finding in verdict.findings}


@pytest.mark.parametrize("edited", [False, True])
def test_a_copy_without_the_secret_is_checked_as_well(
    *, edited: bool, written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    """Nobody can read its content there, and nobody can change it unnoticed."""
    path, kept = written
    shutil.copy(path, tmp_path / "alone.db")
    if edited:
        with closing(sqlite3.connect(tmp_path / "alone.db")) as raw, raw:
            raw.execute("UPDATE payloads SET prompt = zeroblob(length(prompt))")
    verdict = verify(tmp_path / "alone.db", [kept])
    assert [finding.where for finding in verdict.findings] == ["payload of r7"] * edited


def test_a_row_that_nobody_wrote_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    columns = "at, endpoint, status, stream, simulated, attempts, reason, seconds, leaf, salt"
    copy = f"INSERT INTO records (request_id, {columns}) SELECT 'forged', {columns} FROM records LIMIT 1"  # noqa: S608  constants
    verdict = tampered(written, tmp_path, sql(copy))
    assert [finding.where for finding in verdict.findings] == ["records: forged"]


def test_rows_that_changed_places_are_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    verdict = tampered(
        written,
        tmp_path,
        sql(
            "UPDATE records SET request_id = 'x' WHERE request_id = 'r3'",
            "UPDATE records SET request_id = 'r3' WHERE request_id = 'r4'",
            "UPDATE records SET request_id = 'r4' WHERE request_id = 'x'",
        ),
    )
    assert {"record r3", "record r4"} <= {finding.where for finding in verdict.findings}


def test_a_deleted_row_put_back_with_another_content_is_found(
    written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    def attack(raw: sqlite3.Connection) -> None:
        row = list(raw.execute("SELECT * FROM records WHERE request_id = 'r3'").fetchone())
        names = [column[0] for column in raw.execute("SELECT * FROM records LIMIT 0").description]
        raw.execute("DELETE FROM records WHERE request_id = 'r3'")
        row[names.index("status")] = 503
        raw.execute(f"INSERT INTO records VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608  only marks

    verdict = tampered(written, tmp_path, attack)
    assert "record r3" in {finding.where for finding in verdict.findings}


def test_an_edited_leaf_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    edit = "UPDATE log SET leaf = CAST(replace(leaf, 'personal', 'internal') AS BLOB) WHERE id = 7"
    verdict = tampered(written, tmp_path, sql(edit))
    places = {finding.where for finding in verdict.findings}
    assert "log: leaf 7" in places
    assert any(place.startswith("checkpoint of ") for place in places)


def test_an_edited_hash_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    verdict = tampered(written, tmp_path, sql("UPDATE log SET hashes = zeroblob(32) WHERE id = 6"))
    assert "log: leaf 6" in {finding.where for finding in verdict.findings}


def test_a_leaf_that_is_no_leaf_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    verdict = tampered(written, tmp_path, sql("UPDATE log SET leaf = x'ff00' WHERE id = 6"))
    assert "log: leaf 6" in {finding.where for finding in verdict.findings}


def test_a_deleted_leaf_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    verdict = tampered(written, tmp_path, sql("DELETE FROM log WHERE id = 5"))
    assert "log: leaf 5" in {finding.where for finding in verdict.findings}


def test_swapped_leaves_are_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    def attack(raw: sqlite3.Connection) -> None:
        mine = leaves(raw)
        mine[2], mine[4] = mine[4], mine[2]
        rebuild(raw, mine)

    verdict = tampered(written, tmp_path, attack)
    assert any("history was rewritten" in finding.what for finding in verdict.findings)


def test_a_log_without_its_end_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    def attack(raw: sqlite3.Connection) -> None:
        size = len(leaves(raw)) - 20
        raw.execute("DELETE FROM log WHERE id >= ?", (size,))
        for table in ("records", "events", "payloads"):
            raw.execute(f"DELETE FROM {table} WHERE leaf >= ?", (size,))  # noqa: S608  names from above

    verdict = tampered(written, tmp_path, attack)
    assert [f.what for f in verdict.findings if "the end of the log is missing" in f.what]


def test_a_history_written_anew_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    """The attacker leaves one request out and rebuilds everything, rows, salts and tree."""

    def attack(raw: sqlite3.Connection) -> None:
        raw.execute("DELETE FROM records WHERE request_id = 'r3'")
        rebuild(raw, [leaf for leaf in leaves(raw) if b'"request":"r3"' not in leaf])
        raw.execute("UPDATE records SET leaf = leaf - 2 WHERE leaf > 7")
        raw.execute("UPDATE events SET leaf = leaf - 2")
        raw.execute("UPDATE payloads SET leaf = leaf - 2")

    verdict = tampered(written, tmp_path, attack)
    assert [f for f in verdict.findings if not f.where.startswith("checkpoint")] == []  # all else fits
    assert [f.what for f in verdict.findings if "history was rewritten" in f.what]


def test_an_older_copy_put_back_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    path, _ = written
    older = tmp_path / "older.db"
    shutil.copy(path, older)
    shutil.copy(path.with_name(f"{path.name}.secret"), tmp_path / "older.db.secret")
    newest = take_checkpoint(path, SigningKey.create())
    verdict = verify(older, [newest])
    assert [f.what for f in verdict.findings if "the end of the log is missing" in f.what]
    assert verify(path, [newest]).intact


def test_another_ledger_in_its_place_is_found(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with Ledger.open(path) as ledger:
        for number in range(60):
            ledger.append(a_record(f"r{number}", attempts=AWAY))
    verdict = verify(path, [written[1]])
    assert {"of another ledger", "history was rewritten"} <= {
        words
        for words in ("of another ledger", "history was rewritten")
        for f in verdict.findings
        if words in f.what
    }


def test_a_changed_checkpoint_is_no_proof_of_anything(
    written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    path, kept = written
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    shutil.copy(path.with_name(f"{path.name}.secret"), tmp_path / "copy.db.secret")
    forged = replace(kept, time="2026-01-01T00:00:00Z")
    assert any("signature" in finding.what for finding in verify(copy, [forged]).findings)
    stranger = SigningKey.create().sign(kept.origin, kept.tree_size, bytes.fromhex(kept.root), kept.time)
    assert any("does not name" in finding.what for finding in verify(copy, [stranger]).findings)


def test_a_checkpoint_in_the_ledger_counts_too(written: tuple[Path, Checkpoint], tmp_path: Path) -> None:
    path, _ = written
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    shutil.copy(path.with_name(f"{path.name}.secret"), tmp_path / "copy.db.secret")
    with closing(sqlite3.connect(copy)) as raw, raw:
        raw.execute("DROP TRIGGER log_update")
        mine = leaves(raw)
        mine[0] = mine[0].replace(b"personal", b"internal").replace(b"r0", b"q0")
        raw.execute("DROP TRIGGER log_delete")
        rebuild(raw, mine)
    assert any("history was rewritten" in finding.what for finding in verify(copy).findings)


TABLES = ["records", "log", "events", "payloads", "checkpoints", "idle", "corrections"]


def altered(value: object, choice: int) -> object:
    """Another value than this one."""
    if value is None:
        return ("x", 1, b"x")[choice % 3]
    if choice % 5 == 0:
        return None
    if isinstance(value, bytes):
        place = choice % max(1, len(value))
        return value[:place] + bytes([value[place] ^ 1 << choice % 8]) + value[place + 1 :] if value else b"x"
    if isinstance(value, str):
        place = choice % max(1, len(value))
        return (value[:place] + value[place + 1 :], value + "x", value.swapcase() + " ")[choice % 3]
    assert isinstance(value, int | float)
    return value + 1 + choice % 7


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.sampled_from(TABLES), data=st.data())
def test_whatever_single_value_is_changed_it_is_found(
    table: str, data: st.DataObject, written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    def attack(raw: sqlite3.Connection) -> None:
        rows = raw.execute(f"SELECT rowid, * FROM {table}")  # noqa: S608  names from above
        names = [column[0] for column in rows.description][2:]  # without the row's number, and its name
        ids, *_ = zip(*rows.fetchall(), strict=True)
        row, name = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(names))
        old = raw.execute(f"SELECT {name} FROM {table} WHERE rowid = ?", (row,)).fetchone()[0]  # noqa: S608  as above
        new = altered(old, data.draw(st.integers(0, 1000)))
        try:
            raw.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (new, row))  # noqa: S608  as above
        except sqlite3.IntegrityError:
            assume(False)  # the table itself refuses it  # noqa: FBT003  hypothesis names no argument
        assume(raw.execute(f"SELECT {name} FROM {table} WHERE rowid = ?", (row,)).fetchone()[0] != old)  # noqa: S608  as above

    assert not tampered(written, tmp_path, attack, forgets=table != "checkpoints").intact


@pytest.mark.parametrize("table", ["records", "events", "payloads"])
def test_the_tables_take_no_row_without_its_leaf(table: str, written: tuple[Path, Checkpoint]) -> None:
    """So that no part of Freehold forgets it."""
    with closing(connect(written[0])) as ours:
        names = [column[0] for column in ours.execute(f"SELECT * FROM {table}").description]  # noqa: S608  from above
        row = dict(zip(names, ours.execute(f"SELECT * FROM {table}").fetchone(), strict=True))  # noqa: S608  from above
        row |= {"id": None, "leaf": None} | ({"request_id": "another"} if "request_id" in row else {})
        marks = ", ".join("?" * len(row))
        with pytest.raises(sqlite3.IntegrityError, match="together with their leaves"):
            ours.execute(f"INSERT INTO {table} VALUES ({marks})", list(row.values()))  # noqa: S608  only marks


def test_idle_time_and_corrections_that_nobody_wrote_are_found(
    written: tuple[Path, Checkpoint], tmp_path: Path
) -> None:
    more = [
        "INSERT INTO idle (model, hour, from_at, to_at, slots, slot_microseconds) VALUES ('', 0, 0, 1, 1, 1)",
        "INSERT INTO corrections (record_id, cost_usd, event_id) VALUES (1, '0', 1)",
    ]
    verdict = tampered(written, tmp_path, sql(*more))
    assert [finding.where for finding in verdict.findings] == ["idle", "corrections"]
