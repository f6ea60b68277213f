"""Leaf against row: whether the tables hold what the log says, and nothing that it does not say.

A row may lack what a logged event took away: an erasure, a deletion by its owner, a removal for its age.
Does not know trees or checkpoints.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from freehold.audit import SALT_BYTES, commit
from freehold.ledger.entries import Attempt, Payload
from freehold.ledger.events import FORGOTTEN, ROWS_REMOVED, events
from freehold.ledger.faults import LedgerError
from freehold.ledger.leaves import (
    BOTH_SALTS_BYTES,
    PLAIN_TABLES,
    SPANS,
    EventLeaf,
    Leaf,
    PayloadLeaf,
    RecordLeaf,
    RowLeaf,
    SentLeaf,
    commit_content,
    commit_facts,
    commit_private,
    event_leaf,
    read_leaf,
    row_leaf,
)
from freehold.ledger.rows import RECORD_COLUMNS
from freehold.ledger.secret import secret_file
from freehold.ledger.vault import ERASED, unseal

Tell = Callable[[str, str], None]
"""Takes a finding: where, and what is wrong."""

_RECORD = f"SELECT id, {RECORD_COLUMNS}, leaf, salt FROM records WHERE request_id = ?"  # noqa: S608  a constant
_WIDTH = RECORD_COLUMNS.count(",") + 2
_attempts = msgspec.json.Decoder(tuple[Attempt, ...])


def attempts_digest(text: str) -> str:
    """By which an erasure's event names what it left of a record's attempts."""
    return sha256(text.encode()).hexdigest()


class Rows:
    """The tables beside the log. `check` takes the leaves in order, `finish` looks for rows without one."""

    def __init__(self, connection: sqlite3.Connection, path: Path, tell: Tell) -> None:
        self._connection = connection
        self._path = path
        self._tell = tell
        self._erased: dict[str, str] = {}
        for event in events(connection, ERASED):
            self._erased.update(event.body.get("requests", {}))
        self._forgotten = {event.body.get("request_id") for event in events(connection, FORGOTTEN)}
        removals = [event.body for event in events(connection, ROWS_REMOVED)]
        self._removed_to = max((int(body.get("records_to", 0)) for body in removals), default=0)
        self._idle_removed_to = max((int(body.get("idle_to", 0)) for body in removals), default=0)
        self._removable = sum(int(body.get("records", 0)) for body in removals)
        self._has_secret = secret_file(path).exists()
        self._latest: tuple[str, tuple[Any, ...] | None] = ("", None)
        self._lacking: list[tuple[int, str]] = []
        self.records = self.sent = self.events = self.payloads = self.removed = 0
        self.plain = dict.fromkeys(PLAIN_TABLES, 0)

    @property
    def erased(self) -> int:
        """How many requests were erased."""
        return len(self._erased)

    def check(self, number: int, leaf: Leaf) -> None:
        match leaf:
            case RecordLeaf():
                self._check_record(number, leaf)
            case SentLeaf():
                self._check_sent(number, leaf)
            case EventLeaf():
                self._check_event(number, leaf)
            case PayloadLeaf():
                self._check_payload(number, leaf)
            case RowLeaf():
                self._check_plain(number, leaf)

    def finish(self) -> None:
        if self.removed > self._removable:
            said = f"{self.removed:,} are gone, and the events of removals name {self._removable:,}"
            self._tell("records", said)
        for number, request in self._lacking:
            if self._connection.execute(_RECORD, (request,)).fetchone() is not None:
                self._tell(f"payload of {request}", f"it is gone, and no event says why (leaf {number})")
        for table, name, matched in (
            ("records", "request_id", self.records),
            ("events", "id", self.events),
            ("payloads", "request_id", self.payloads),
        ):
            counting = f"SELECT count(*) FROM {table}"  # noqa: S608  names from above
            count = self._connection.execute(counting).fetchone()[0]
            if count > matched:
                self._find_strangers(table, name, count - matched)
        for table, matched in self.plain.items():
            counting = f"SELECT count(*) FROM {table}"  # noqa: S608  names of constants
            count = self._connection.execute(counting).fetchone()[0]
            if count > matched:
                said = f"{count - matched:,} rows were not written by Freehold: no leaf speaks of them"
                self._tell(table, said)

    def _check_record(self, number: int, leaf: RecordLeaf) -> None:
        where = f"record {leaf.request}"
        row = self._connection.execute(_RECORD, (leaf.request,)).fetchone()
        self._latest = (leaf.request, row)
        if row is None:
            if leaf.row <= self._removed_to:
                self.removed += 1
            else:
                self._tell(where, f"its row is gone, and no event says why (leaf {number})")
            return
        *values, at_leaf, salts = row
        salts = salts if isinstance(salts, bytes) else b""
        if at_leaf != number:
            self._tell(where, f"its row belongs to leaf {at_leaf}, not to this one (leaf {number})")
            return
        self.records += 1
        facts = (leaf.row, leaf.at, leaf.route, leaf.label, leaf.status)
        if (values[0], values[2], values[4], values[12], values[10]) != facts or not _is(
            leaf.facts, lambda: commit_facts(values, salts)
        ):
            self._tell(where, f"its row is not what was sealed (leaf {number})")
        elif len(salts) == BOTH_SALTS_BYTES:
            if not _is(leaf.private, lambda: commit_private(values, salts[SALT_BYTES:])):
                self._tell(where, f"its row is not what was sealed (leaf {number})")
        elif self._erased.get(leaf.request) != attempts_digest(values[19]) or values[20] or values[SPANS]:
            self._tell(where, f"part of its row is gone or changed, and no erasure says so (leaf {number})")

    def _check_sent(self, number: int, leaf: SentLeaf) -> None:
        self.sent += 1
        request, row = self._latest
        where = f"attempt {leaf.attempt} of {leaf.request}"
        if request != leaf.request:
            self._tell(where, f"it does not follow its record in the log (leaf {number})")
        if row is None or request != leaf.request:
            return
        salts = row[_WIDTH + 1] if isinstance(row[_WIDTH + 1], bytes) else b""
        sent = self._sent(row, leaf.attempt)
        plain = (leaf.destination, leaf.region, leaf.label, leaf.clearance, leaf.policy)
        if sent is None or (sent.destination, sent.region, sent.label, sent.clearance, sent.policy) != plain:
            self._tell(where, f"what its row says was sent is not what was sealed (leaf {number})")
        elif len(salts) == BOTH_SALTS_BYTES and leaf.body != commit(
            salts[SALT_BYTES:], (sent.digest or "").encode()
        ):
            self._tell(where, f"the digest of what was sent is not what was sealed (leaf {number})")

    def _sent(self, row: tuple[Any, ...], number: int) -> Any:
        try:
            attempts = _attempts.decode(row[19])
        except msgspec.DecodeError:
            return None
        return attempts[number].sent if number < len(attempts) else None

    def _check_event(self, number: int, leaf: EventLeaf) -> None:
        where = f"event {leaf.event} ({leaf.name})"
        found = self._connection.execute(
            "SELECT id, at, kind, who, why, body, leaf, salt FROM events WHERE id = ?", (leaf.event,)
        ).fetchone()
        if found is None:
            self._tell(where, f"it is gone (leaf {number})")
            return
        *row, at_leaf, salt = found
        if at_leaf != number:
            self._tell(where, f"its row belongs to leaf {at_leaf}, not to this one (leaf {number})")
            return
        self.events += 1
        if not _is(leaf, lambda: event_leaf(tuple(row), salt)):
            self._tell(where, f"it is not what was sealed (leaf {number})")

    def _check_plain(self, number: int, leaf: RowLeaf) -> None:
        where = f"{leaf.table} row {leaf.row}"
        columns = PLAIN_TABLES.get(leaf.table)
        if columns is None:
            self._tell(where, f"there is no such table (leaf {number})")
            return
        row = self._connection.execute(
            f"SELECT {columns} FROM {leaf.table} WHERE id = ?",  # noqa: S608  constants
            (leaf.row,),
        ).fetchone()
        if row is None:
            if leaf.table != "idle" or leaf.row > self._idle_removed_to:
                self._tell(where, f"it is gone, and no event says why (leaf {number})")
            return
        self.plain[leaf.table] += 1
        if not _is(leaf, lambda: row_leaf(leaf.table, row)):
            self._tell(where, f"it is not what was sealed (leaf {number})")

    def _check_payload(self, number: int, leaf: PayloadLeaf) -> None:
        where = f"payload of {leaf.request}"
        row = self._connection.execute(
            "SELECT request_id, prompt, answer, key FROM payloads WHERE request_id = ? AND leaf = ?",
            (leaf.request, number),
        ).fetchone()
        if row is None:
            if leaf.request not in self._erased and leaf.request not in self._forgotten:
                self._lacking.append((number, leaf.request))
            return
        self.payloads += 1
        if leaf.sealed is not None and not _is(leaf.sealed, lambda: sha256(row[1]).hexdigest()):
            self._tell(where, f"it is not what was sealed (leaf {number})")
            return
        if leaf.content is None:
            return
        if row[2]:
            self._tell(where, f"there is something beside what was encrypted (leaf {number})")
        if not self._has_secret:
            return  # a copy of the ledger alone: what was sealed is there, and nobody can read it
        try:
            opened = unseal(self._connection, self._path, Payload(*row))
        except LedgerError as error:
            self._tell(where, f"{error.message} (leaf {number})")
            return
        if opened is None:
            self._tell(where, f"its key is gone, and no erasure says so (leaf {number})")
            return
        payload, salt = opened
        if leaf.content != commit_content(salt, payload.prompt, payload.answer):
            self._tell(where, f"it is not what was sealed (leaf {number})")

    def _find_strangers(self, table: str, name: str, count: int) -> None:
        """Rows whose leaf does not speak of them."""
        rows = self._connection.execute(f"SELECT {name}, leaf FROM {table} ORDER BY id")  # noqa: S608  from above
        for named, leaf in rows.fetchall():
            if not self._speaks_of(leaf, named):
                self._tell(f"{table}: {named}", "this row was not written by Freehold: no leaf speaks of it")
                count -= 1
                if not count:
                    return

    def _speaks_of(self, number: int | None, named: str | int) -> bool:
        found = self._connection.execute("SELECT leaf FROM log WHERE id = ?", (number,)).fetchone()
        try:
            leaf = None if found is None else read_leaf(found[0])
        except msgspec.DecodeError:
            return False
        return (isinstance(leaf, EventLeaf) and leaf.event == named) or getattr(
            leaf, "request", None
        ) == named


def _is(sealed: object, made: Callable[[], object]) -> bool:
    """Whether what a row makes is what was sealed; a row that makes nothing is not."""
    try:
        return sealed == made()
    except (TypeError, ValueError):  # a value of another type than any that Freehold writes
        return False
