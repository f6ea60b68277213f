"""Erasure: keys, salts and whatever a row says of a person are destroyed, in every file of the ledger.

The log keeps its leaves, which say nothing without the salts, and gains one that says what was erased. What
is in copies that somebody made is beyond its reach. Does not know who may ask for it.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Literal

import msgspec

from freehold.audit import SALT_BYTES
from freehold.ledger.content import delete_content
from freehold.ledger.events import write_event
from freehold.ledger.faults import LedgerError
from freehold.ledger.journal import journal_numbers
from freehold.ledger.lock import WriterLock
from freehold.ledger.matching import attempts_digest
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import damage_named, transaction, visit
from freehold.ledger.secret import Secret, secret_file
from freehold.ledger.vault import ERASED, pseudonym

By = Literal["subject", "conversation", "request"]

_LOOK_AGAIN_SECONDS = 0.05


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased: how many `requests` were found, `payloads` and `keys` destroyed; `event` says so."""

    requests: int
    payloads: int
    keys: int
    event: int | None


def erase(path: Path, by: By, name: str, *, who: str, why: str | None, seconds: float = 30.0) -> Erasure:
    """Erase all that was appended so far about a subject, a conversation or one request.

    A gateway that runs is waited for, up to `seconds`, until its journal holds nothing of it any more. Raises
    `LedgerError` where it does not come to that; what is in the tables is erased then all the same.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    connection = visit(path)
    try:
        with damage_named(path):
            connection.execute("PRAGMA synchronous = FULL")
            with transaction(connection):
                done = _erase(connection, path, by, name, who, why)
            if done.event is not None:
                _clear_journals(path, time.monotonic() + seconds)
                _clear_wal(connection, path, time.monotonic() + seconds)
        return done
    finally:
        connection.close()


def _erase(
    connection: sqlite3.Connection, path: Path, by: By, name: str, who: str, why: str | None
) -> Erasure:
    owners, where, values = _meant(connection, path, by, name)
    rows = connection.execute(
        f"SELECT request_id, attempts, salt FROM records WHERE {where}",  # noqa: S608  conditions of this file
        values,
    ).fetchall()
    if not rows:
        return Erasure(requests=0, payloads=0, keys=0, event=None)
    stripped = {request: strip_attempts(attempts) for request, attempts, _ in rows}
    connection.executemany(
        "UPDATE records SET attempts = ?, reason = '', error = NULL, subject = NULL, conversation = NULL,"
        " spans = NULL, salt = ? WHERE request_id = ?",
        [(stripped[request], salts[:SALT_BYTES], request) for request, _, salts in rows],
    )
    payloads, keys = delete_content(connection, stripped)
    for owner in owners:  # one that nothing is encrypted with yet
        keys += connection.execute("DELETE FROM keys WHERE owner = ?", (owner,)).rowcount
    requests = {request: attempts_digest(text) for request, text in stripped.items()}
    event = write_event(connection, ERASED, {"by": by, "requests": requests}, who=who, why=why)
    return Erasure(requests=len(rows), payloads=payloads, keys=keys, event=event)


def _meant(
    connection: sqlite3.Connection, path: Path, by: By, name: str
) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Whose keys go, and which records: a condition and its values."""
    if by == "subject":
        if not secret_file(path).exists():  # no subject was ever written down
            return (), "subject = ?", ("",)
        subject = pseudonym(Secret.beside(path), name)
        return (subject,), "subject = ?", (subject,)
    request = "req_" + name.removeprefix("resp_") if name.startswith("resp_") else name
    if by == "request":
        return (), "request_id = ?", (request,)
    found = connection.execute("SELECT conversation FROM records WHERE request_id = ?", (request,)).fetchone()
    root = request if found is None or found[0] is None else str(found[0])
    return (root,), "request_id = ? OR conversation = ?", (root, root)


def strip_attempts(text: str) -> str:
    """Attempts without what may speak of a person: errors in an upstream's words, and digests."""
    attempts = msgspec.json.decode(text)
    for attempt in attempts:
        attempt["error"] = None
        if attempt.get("sent") is not None:
            attempt["sent"]["digest"] = None
    return msgspec.json.encode(attempts).decode()


def _clear_journals(path: Path, deadline: float) -> None:
    """Until no journal of before this moment is left. A writer that runs turns to a new one by itself."""
    newest = max(journal_numbers(path), default=0)
    while any(number <= newest for number in journal_numbers(path)):
        lock = WriterLock.try_take(path)
        if lock is not None:
            lock.release()
            LedgerReader.open(path).close()
            continue
        if time.monotonic() > deadline:
            raise LedgerError(
                f"the gateway still keeps {path.name}.journal-{newest}, in which what was erased may stand",
                hint="the tables are clean; stop the gateway, or wait, and run this again",
            )
        time.sleep(_LOOK_AGAIN_SECONDS)


def _clear_wal(connection: sqlite3.Connection, path: Path, deadline: float) -> None:
    """Nothing of before is left in the file that SQLite writes ahead."""
    while True:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            return
        if time.monotonic() > deadline:
            raise LedgerError(
                f"somebody reads {path}, so that {path.name}-wal could not be emptied",
                hint="what was erased may stand in it; close other readers and run this again",
            )
        time.sleep(_LOOK_AGAIN_SECONDS)
