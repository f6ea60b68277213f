"""Rescue of a damaged ledger: what can be read goes into a new file, the damaged one is kept beside it.

Sums of rows that are lost are kept where they can be read, as of rows that were removed. The log is kept up
to its first hole; what stood behind it is sealed anew. Does not know who asks.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from freehold.ledger.events import append_event
from freehold.ledger.faults import LedgerDamaged, LedgerError, NotALedger
from freehold.ledger.ingest import lacking
from freehold.ledger.journal import journal_file, journal_numbers, sync_folder
from freehold.ledger.leaves import RecordLeaf, read_leaf
from freehold.ledger.lock import WriterLock
from freehold.ledger.rebuilding import Rebuilt, rebuild
from freehold.ledger.replaying import Replayed, first_bad_line, replay
from freehold.ledger.salvage import Salvage
from freehold.ledger.schema import APPLICATION_ID, check_whole, connect, migrate

_MOST_NAMED = 100


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """What a repair found and did.

    `kept` are the damaged files, as they were. `records`, `events`, `payloads` and `idle_rows` are those that
    the ledger has now. `lost_ids` are ranges of record ids (first, last) that are gone, `lost_requests` the
    first 100 of their requests and `lost_first_at`, `lost_last_at` their times, as far as the log knows them.
    `lost_cost_usd` is their money that sums still count. `journal_lines_lost` could not be read,
    `journals_lost` are not there at all. `resealed` rows have new leaves in the log.
    """

    kept: tuple[str, ...]
    records: int
    events: int
    payloads: int
    idle_rows: int
    lost_records: int
    lost_ids: tuple[tuple[int, int], ...]
    lost_requests: tuple[str, ...]
    lost_first_at: float | None
    lost_last_at: float | None
    lost_cost_usd: Decimal
    lost_events: int
    resealed: int
    journal_entries: int
    journal_lines_lost: int
    journals_lost: int
    event: int


def repair(path: Path, *, who: str, why: str | None = None) -> Repair | None:
    """Make the ledger at `path` whole again; `None`, and nothing is touched, where nothing is damaged.

    Raises `LedgerLocked` while a gateway writes it, and `LedgerError` where there is nothing to repair.
    """
    if not path.exists() and not journal_numbers(path):
        raise LedgerError(f"{path}: there is no ledger", hint="check [ledger] path in the config")
    lock = WriterLock.take(path, {"role": "repair"})
    try:
        whole = _is_whole(path)
        if whole and not _journal_is_damaged(path):
            return None
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        kept = _keep(path, stamp, with_tables=not whole)
        rebuilt = Rebuilt() if whole else _rebuild(path, path.with_name(f"{path.name}.damaged-{stamp}"))
        with closing(connect(path)) as connection:
            replayed = replay(connection, path)
            told = _told(connection, kept, rebuilt, replayed)
    finally:
        lock.release()
    body = msgspec.json.decode(msgspec.json.encode(told))
    del body["event"]
    return msgspec.structs.replace(told, event=append_event(path, "ledger.repaired", body, who=who, why=why))


def _is_whole(path: Path) -> bool:
    try:
        with closing(connect(path, upgrade=True)) as connection:
            check_whole(connection, path)
    except NotALedger:
        raise
    except LedgerDamaged:
        return False
    except LedgerError:
        if not path.exists():
            return False
        raise
    return True


def _journal_is_damaged(path: Path) -> bool:
    if any(first_bad_line(journal_file(path, number)) is not None for number in journal_numbers(path)):
        return True
    with closing(connect(path)) as connection:
        return lacking(connection, path) > 0


def _keep(path: Path, stamp: str, *, with_tables: bool) -> list[Path]:
    """The damaged files under other names as well; nothing of them is written to from now on."""
    files = [journal_file(path, number) for number in journal_numbers(path)]
    if with_tables:
        files += [path, path.with_name(f"{path.name}-wal")]
    kept = []
    for file in files:
        if file.exists():
            name = file.name.removeprefix(path.name)
            aside = path.with_name(f"{path.name}.damaged-{stamp}{name}")
            os.link(file, aside)
            kept.append(aside)
    sync_folder(path.parent)
    return kept


def _rebuild(path: Path, damaged: Path) -> Rebuilt:
    """A new file from what can be read, in the place of the damaged one."""
    draft = path.with_name(f"{path.name}.repair-{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            draft.chmod(0o600)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA synchronous = OFF")
            migrate(connection, draft)
            with closing(Salvage(damaged, like=draft)) as salvage:
                rebuilt = rebuild(connection, salvage)
        with draft.open("rb") as opened:
            os.fsync(opened.fileno())
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(
                missing_ok=True
            )  # or it would be taken for the new one's
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return rebuilt


def _told(connection: sqlite3.Connection, kept: list[Path], rebuilt: Rebuilt, replayed: Replayed) -> Repair:
    """What the tables have now, and which ids they should have and have not."""

    def count(table: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  see below

    gaps = _gaps(connection, rebuilt.newest_id)
    leaves = _leaves(connection, gaps)
    return Repair(
        kept=tuple(str(file) for file in kept),
        records=count("records"),
        events=count("events"),
        payloads=count("payloads"),
        idle_rows=count("idle"),
        lost_records=sum(last - first + 1 for first, last in gaps),
        lost_ids=tuple(gaps),
        lost_requests=tuple(leaf.request for leaf in leaves[:_MOST_NAMED]),
        lost_first_at=min((leaf.at for leaf in leaves), default=None),
        lost_last_at=max((leaf.at for leaf in leaves), default=None),
        lost_cost_usd=rebuilt.lost_cost_usd,
        lost_events=rebuilt.lost_events,
        resealed=rebuilt.resealed,
        journal_entries=replayed.entries,
        journal_lines_lost=replayed.lines_lost,
        journals_lost=replayed.journals_lost,
        event=0,
    )


def _gaps(connection: sqlite3.Connection, newest: int) -> list[tuple[int, int]]:
    """Ids without a record, among those that were given and not removed."""
    removed = connection.execute("SELECT ifnull(max(records_to), 0) FROM removals").fetchone()[0]
    rows = connection.execute("SELECT id FROM records WHERE id > ? ORDER BY id", (removed,))
    gaps, expected = [], removed + 1
    for (id_,) in rows:
        if id_ > expected:
            gaps.append((expected, id_ - 1))
        expected = id_ + 1
    if newest >= expected:
        gaps.append((expected, newest))
    return gaps


def _leaves(connection: sqlite3.Connection, gaps: list[tuple[int, int]]) -> list[RecordLeaf]:
    """What the log says of lost records."""
    if not gaps:
        return []
    lost = []
    for (text,) in connection.execute("SELECT leaf FROM log ORDER BY id"):
        leaf = read_leaf(text)
        if isinstance(leaf, RecordLeaf) and any(first <= leaf.row <= last for first, last in gaps):
            lost.append(leaf)
    return lost
