"""Journals read past what is damaged in them: every whole line that the tables do not have is stored.

For a repair, which starts at the beginning of each journal, since what was ingested may be lost again. Does
not know how the tables were damaged.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import msgspec

from freehold.ledger.faults import LedgerError
from freehold.ledger.frames import read_frames
from freehold.ledger.ingest import lacking, position, retire, store
from freehold.ledger.journal import Position, journal_file, journal_numbers
from freehold.ledger.rows import HEADER, IDLE, KEY, PAYLOAD, RECORD

Entry = tuple[int, bytes]

# How an entry of a kind is known to be in the tables: by these fields of it, in these columns.
_KNOWN_BY = {
    RECORD[0]: ("records", {"request_id": "request_id"}),
    PAYLOAD[0]: ("payloads", {"request_id": "request_id"}),
    KEY[0]: ("keys", {"name": "name"}),
    IDLE[0]: ("idle", {"model": "model", "from_": "from_at", "to": "to_at", "slots": "slots"}),
}
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Replayed:
    """Entries stored that were missing, lines that are not what was written, journals that are not there."""

    entries: int
    lines_lost: int
    journals_lost: int


def first_bad_line(file: Path) -> int | None:
    """Where in a journal the first line stands that is whole and not what was written."""
    frames = read_frames(file.read_bytes())
    return frames.used if frames.corrupt else None


def replay(connection: sqlite3.Connection, path: Path) -> Replayed:
    """Store what the journals have and the tables have not, then remove the journals."""
    missing, stored, lost = lacking(connection, path), 0, 0
    numbers = journal_numbers(path)
    for number in numbers:
        entries, bad = _all_lines(journal_file(path, number).read_bytes())
        lost += bad
        headers = [body for letter, body in entries if letter == HEADER[0]]
        if headers:
            _adopt(connection, journal_file(path, number), headers[0])
        new = [entry for entry in entries if entry[0] != HEADER[0] and not _is_there(connection, entry)]
        for start in range(0, len(new), _AT_ONCE):
            store(connection, new[start : start + _AT_ONCE], position(connection))
        stored += len(new)
    retire(connection, path, Position(max([*numbers, position(connection).journal]) + 1, 0))
    return Replayed(stored, lost, missing)


def _all_lines(content: bytes) -> tuple[list[Entry], int]:
    """The entries of all whole lines, and how many lines are not what was written."""
    entries: list[Entry] = []
    bad = at = 0
    while True:
        frames = read_frames(content[at:])
        entries += frames.entries
        at += frames.used
        if not frames.corrupt:
            return entries, bad
        bad += 1
        at = content.index(b"\n", at) + 1


def _adopt(connection: sqlite3.Connection, file: Path, header: bytes) -> None:
    """A journal says whose it is; so does a ledger, unless nothing of it could be read."""
    found = msgspec.json.decode(header).get("ledger")
    ours = dict(connection.execute("SELECT name, value FROM meta").fetchall())["ledger_id"]
    if found == ours:
        return
    if connection.execute("SELECT count(*) FROM records").fetchone()[0]:
        raise LedgerError(f"{file} belongs to another ledger", hint="put it back beside the one it came from")
    connection.execute("UPDATE meta SET value = ? WHERE name = 'ledger_id'", (found,))


def _is_there(connection: sqlite3.Connection, entry: Entry) -> bool:
    letter, body = entry
    if letter not in _KNOWN_BY:
        return False
    table, names = _KNOWN_BY[letter]
    try:
        fields = msgspec.json.decode(body)
        values = [fields[name] for name in names]
    except (msgspec.DecodeError, KeyError):
        return False
    where = " AND ".join(f"{column} = ?" for column in names.values())
    sql = f"SELECT 1 FROM {table} WHERE {where} LIMIT 1"  # noqa: S608  names from above
    return connection.execute(sql, values).fetchone() is not None
