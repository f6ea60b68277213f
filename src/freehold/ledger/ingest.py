"""From the journal into the tables, exactly once.

Each transaction stores entries together with the place in the journal that it read up to, so a process
that dies at any moment goes on where the last commit stands. A journal is deleted only after a commit
that reached the disk says it is done with. Does not know who calls it, or when.
"""

from __future__ import annotations

import decimal
import logging
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from freehold.ledger.adding import Adding
from freehold.ledger.amounts import is_addable
from freehold.ledger.content import without_orphans
from freehold.ledger.events import write_event
from freehold.ledger.faults import REPAIR, LedgerDamaged, LedgerError
from freehold.ledger.frames import Frames, frame, read_frames
from freehold.ledger.journal import Position, journal_file, journal_numbers
from freehold.ledger.log import LogEnd
from freehold.ledger.rows import (
    HEADER,
    IDLES,
    KEY,
    PAYLOADS,
    RECORD,
    RECORDS,
    ROWS_AT_ONCE,
    TABLES,
    Draft,
    Table,
    draft_row,
    read_draft,
)
from freehold.ledger.schema import transaction
from freehold.ledger.sealing import seal_payloads, seal_plain, seal_records
from freehold.ledger.underway import underway_file, unrecorded

_log = logging.getLogger("freehold.ledger")

_UPGRADE = "a newer Freehold wrote it: pip install --upgrade freehold"
_PIECE_BYTES = 1 << 20

# What an entry raises that is whole and yet no row that can be stored or added up.
_ODD = (sqlite3.IntegrityError, OverflowError, msgspec.DecodeError, decimal.DecimalException)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What an earlier process left behind: whole entries, and bytes of a last one that it did not finish."""

    entries: int
    torn_bytes: int


def header(connection: sqlite3.Connection) -> bytes:
    """The first line of a journal of this ledger."""
    return frame(HEADER, msgspec.json.encode({"format": 1, "ledger": _meta(connection)["ledger_id"]}))


def position(connection: sqlite3.Connection) -> Position:
    """How far the journal has been ingested."""
    meta = _meta(connection)
    return Position(meta["journal"], meta["offset"])


def lacking(connection: sqlite3.Connection, path: Path) -> int:
    """How many journals are missing between what the tables say and those that are there."""
    at, numbers = position(connection), journal_numbers(path)
    if not numbers:
        return int(at.offset > 0)
    return max(0, numbers[0] - at.journal) + numbers[-1] - numbers[0] + 1 - len(numbers)


def recover(connection: sqlite3.Connection, path: Path) -> Recovery:
    """Ingest and remove all that stands in the journals, then what was sent and never recorded.

    Needs the writer's lock.
    """
    recovery = _recover_journals(connection, path)
    missing = [(RECORD[0], msgspec.json.encode(record)) for record in unrecorded(connection, path)]
    if missing:
        _log.warning("%s: %d requests were under way when their gateway ended", path, len(missing))
        store(connection, missing, position(connection))
    underway_file(path).unlink(missing_ok=True)
    return recovery


def _recover_journals(connection: sqlite3.Connection, path: Path) -> Recovery:
    at = position(connection)
    numbers = journal_numbers(path)
    if not numbers and at.offset == 0:
        return Recovery(entries=0, torn_bytes=0)
    if lacking(connection, path):
        gone = f"{path.name}-wal or {journal_file(path, at.journal).name}"
        raise LedgerDamaged(f"{path} lacks what was written last: {gone} is gone", hint=REPAIR)
    end = Position(max([*numbers, at.journal]) + 1, 0)
    return ingest(connection, path, at, end)


def ingest(connection: sqlite3.Connection, path: Path, at: Position, end: Position) -> Recovery:
    """Store everything from `at` to `end`, and remove the journals before `end`'s."""
    entries = torn_bytes = 0
    while at < end:
        size = _size(journal_file(path, at.journal))
        limit = end.offset if at.journal == end.journal else size
        if at.offset < limit:
            stored, reached = _ingest_piece(connection, path, at, limit)
            entries += stored
            if reached > at.offset:
                at = Position(at.journal, reached)
                continue
            if at.journal == end.journal:
                raise LedgerDamaged(
                    f"{journal_file(path, at.journal)} ends at byte {size}, {end.offset} were written",
                    hint="another program changed it; restart the gateway, the ledger itself is sound",
                )
            torn_bytes += limit - reached
            _log.warning(
                "%s: dropped an unfinished entry of %d bytes", journal_file(path, at.journal), limit - reached
            )
        at = Position(at.journal + 1, 0)
        retire(connection, path, at)
    return Recovery(entries, torn_bytes)


def retire(connection: sqlite3.Connection, path: Path, at: Position) -> None:
    """Say on the disk that everything before `at` is stored, then remove the journals before it."""
    connection.execute("PRAGMA synchronous = FULL")
    try:
        with transaction(connection):
            _set_position(connection, at)
    finally:
        connection.execute("PRAGMA synchronous = NORMAL")
    for number in journal_numbers(path):
        if number < at.journal:
            journal_file(path, number).unlink(missing_ok=True)


def _ingest_piece(connection: sqlite3.Connection, path: Path, at: Position, limit: int) -> tuple[int, int]:
    """Store the entries of one piece of one journal; how many they were and where the piece ended."""
    file = journal_file(path, at.journal)
    frames = _read(file, at.offset, limit)
    entries = frames.entries
    if at.offset == 0 and entries:
        _check_header(connection, file, entries[0])
        entries = entries[1:]
    reached = Position(at.journal, at.offset + frames.used)
    if frames.used:
        store(connection, entries, reached)
    if frames.corrupt:
        raise LedgerDamaged(
            f"{file} is damaged at byte {reached.offset}: the line there is not what was written",
            hint=REPAIR,
        )
    return len(entries), reached.offset


def _read(file: Path, offset: int, limit: int) -> Frames:
    """The lines from `offset` on, at least one if there is one before `limit`."""
    wanted = _PIECE_BYTES
    with file.open("rb", buffering=0) as opened:
        while True:
            piece = os.pread(opened.fileno(), min(wanted, limit - offset), offset)
            frames = read_frames(piece)
            if frames.used or frames.corrupt or len(piece) < wanted:
                return frames
            wanted *= 4  # one entry with a long payload


def store(connection: sqlite3.Connection, entries: list[tuple[int, bytes]], reached: Position) -> None:
    try:
        with transaction(connection):
            additions, end = Adding(), LogEnd(connection)
            for table, bodies in _in_order(_by_letter(entries)):
                _store_many(connection, table, bodies, additions, end)
            additions.write(connection)
            _set_position(connection, reached)
    except _ODD:
        with transaction(connection):
            for letter, body in entries:
                _store_odd(connection, letter, body)
            _set_position(connection, reached)


def _by_letter(entries: list[tuple[int, bytes]]) -> dict[int, list[bytes]]:
    groups: dict[int, list[bytes]] = {}
    for letter, body in entries:
        if letter not in TABLES:
            raise LedgerError(
                f"the journal holds entries of a kind ({chr(letter)}) that is not known", hint=_UPGRADE
            )
        groups.setdefault(letter, []).append(body)
    return groups


def _store_many(
    connection: sqlite3.Connection, table: Table, bodies: list[bytes], additions: Adding, end: LogEnd
) -> None:
    id_ = _next_id(connection, table)
    for start in range(0, len(bodies), ROWS_AT_ONCE):
        rows = [
            table.row(id_ + n, body) for n, body in enumerate(bodies[start : start + ROWS_AT_ONCE], start)
        ]
        if table is PAYLOADS:
            rows = without_orphans(connection, rows)
        rows = _sealed(end, table, rows)
        if len(rows) == ROWS_AT_ONCE:
            connection.execute(table.insert_many, list(chain.from_iterable(rows)))
        else:
            connection.executemany(table.insert, rows)
        _add(additions, table, rows)


def _add(additions: Adding, table: Table, rows: list[tuple[Any, ...]]) -> None:
    if table is RECORDS:
        additions.records(rows)
    elif table is IDLES:
        additions.idle(rows)


def _sealed(end: LogEnd, table: Table, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows as they are inserted."""
    if table is RECORDS:
        return seal_records(end, rows)
    if table is IDLES:
        seal_plain(end, table.name, rows)
    return seal_payloads(end, rows) if table is PAYLOADS else rows


def _in_order(groups: dict[int, list[bytes]]) -> Iterator[tuple[Table, list[bytes]]]:
    """Keys before what they encrypt."""
    for letter in sorted(groups, key=lambda letter: letter != KEY[0]):
        yield TABLES[letter], groups[letter]


def _next_id(connection: sqlite3.Connection, table: Table) -> int:
    return int(connection.execute(table.newest).fetchone()[0]) + 1


def _store_odd(connection: sqlite3.Connection, letter: int, body: bytes) -> None:
    """Store an entry that may not fit its table; what cannot be a row becomes an event, never nothing."""
    table = TABLES[letter]
    id_ = _next_id(connection, table)
    try:
        _store_one(connection, table, table.row(id_, body))
    except _ODD as error:
        _log.warning("an entry did not fit the ledger and stands among its events: %s", error)
        event = {"letter": chr(letter), "entry": body.decode()}
        write_event(connection, "ledger.odd_entry", event, who="freehold", why=str(error))
        if table is RECORDS and not isinstance(error, msgspec.DecodeError):
            _store_one(connection, table, draft_row(id_, _mended(connection, read_draft(body))))


def _store_one(connection: sqlite3.Connection, table: Table, row: tuple[Any, ...]) -> None:
    """One row and what it adds to the sums, or neither."""
    additions = Adding()
    connection.execute("SAVEPOINT one")
    try:
        rows = without_orphans(connection, [row]) if table is PAYLOADS else [row]
        for sealed in _sealed(LogEnd(connection), table, rows):
            connection.execute(table.insert, sealed)
        _add(additions, table, [row])
        additions.write(connection)
    except BaseException:
        connection.execute("ROLLBACK TO one")
        raise
    finally:
        connection.execute("RELEASE one")


def _mended(connection: sqlite3.Connection, draft: Draft) -> Draft:
    """The record with what the table refuses taken out: a second use of an id, counts beyond reason."""
    taken = connection.execute(
        "SELECT count(*) FROM records WHERE request_id = ?", (draft.request_id,)
    ).fetchone()[0]
    if taken:
        copies = "SELECT count(*) FROM events WHERE kind = 'ledger.odd_entry'"
        number = connection.execute(copies).fetchone()[0]
        draft = msgspec.structs.replace(draft, request_id=f"{draft.request_id}~{number}")
        if _is_money(draft.cost_usd) and _is_money(draft.held_usd):
            return draft
    return msgspec.structs.replace(draft, usage=None, cost_usd=None, slot_microseconds=None, held_usd=None)


def _is_money(text: str | None) -> bool:
    try:
        return text is None or is_addable(Decimal(text))
    except decimal.DecimalException:
        return False


def _check_header(connection: sqlite3.Connection, file: Path, entry: tuple[int, bytes]) -> None:
    letter, body = entry
    about = msgspec.json.decode(body) if letter == HEADER[0] else {}
    if about.get("format") != 1:
        raise LedgerError(f"{file}: not a journal that this Freehold can read", hint=_UPGRADE)
    if about.get("ledger") != _meta(connection)["ledger_id"]:
        raise LedgerError(f"{file} belongs to another ledger", hint="put it back beside the one it came from")


def _meta(connection: sqlite3.Connection) -> dict[str, Any]:
    return dict(connection.execute("SELECT name, value FROM meta").fetchall())


def _set_position(connection: sqlite3.Connection, at: Position) -> None:
    connection.executemany(
        "UPDATE meta SET value = ? WHERE name = ?", [(at.journal, "journal"), (at.offset, "offset")]
    )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
