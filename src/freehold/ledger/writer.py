"""The ledger's writer: what `append` returned from is never lost. Does not know HTTP or prices."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from freehold.ledger.entries import ContentKey, Idle, Payload, Record
from freehold.ledger.events import EventFeed
from freehold.ledger.faults import LedgerError
from freehold.ledger.frames import frame
from freehold.ledger.ingest import Recovery, header, position, recover
from freehold.ledger.journal import Journal
from freehold.ledger.lock import WriterLock
from freehold.ledger.pump import Pump
from freehold.ledger.rows import IDLE, KEY, PAYLOAD, RECORD
from freehold.ledger.schema import check_whole, connect, create, damage_named
from freehold.ledger.seal import Seal
from freehold.ledger.underway import Underway, UnderwayFile
from freehold.ledger.vault import TAKES_AWAY, Vault

Entry = Record | Idle | Payload | ContentKey

_LETTERS: dict[type[Entry], bytes] = {Record: RECORD, Idle: IDLE, Payload: PAYLOAD, ContentKey: KEY}
_encode = msgspec.json.Encoder().encode

# A damaged file is found at once while that takes a blink; a larger one when the damage is met.
_CHECKED_BYTES = 64 << 20

# Pages in SQLite's own log before they move to the ledger, 16 MB: a page that many commits touch moves once.
_PAGES_BEFORE_MOVING = 4_000


class Ledger:
    """The one writer of a ledger; made by `open`.

    `needs_sealing` says whether `sealed` has anything to wait for. `recovery` tells what an earlier process
    had left to ingest. `trouble` is a sentence while the tables lag behind the journal, otherwise `None`.
    """

    def __init__(
        self, path: Path, lock: WriterLock, connection: sqlite3.Connection, journal: Journal, pump: Pump
    ) -> None:
        self._path = path
        self._lock = lock
        self._connection = connection
        self._journal = journal
        self._pump = pump
        self._seal = Seal(journal.sync)
        self._vault: Vault | None = None
        self._underway = UnderwayFile(path)
        self._events = EventFeed.from_now(path)
        self._closed = False
        self.needs_sealing = False
        self.recovery = Recovery(entries=0, torn_bytes=0)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        sync: Literal["process", "power"] = "process",
        note: Mapping[str, str] | None = None,
        ingest_seconds: float = 0.1,
        journal_bytes: int = 64 << 20,
        fdatasync: Callable[[int], None] = os.fdatasync,
    ) -> Self:
        """Open the ledger at `path` for writing, or begin one, and ingest what a killed process left.

        Entries reach the tables `ingest_seconds` after they were appended; a journal gives way to a new one
        past `journal_bytes`. Raises `LedgerLocked`, `LedgerDamaged` or `LedgerError`.
        """
        lock = WriterLock.take(path, note or {})
        try:
            if not path.exists():
                create(path)
            connection = connect(path, upgrade=True)
        except BaseException:
            lock.release()
            raise
        try:
            connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_BEFORE_MOVING}")
            if path.stat().st_size <= _CHECKED_BYTES:
                check_whole(connection, path)
            with damage_named(path):
                recovery = recover(connection, path)
            journal = Journal(path, position(connection).journal, header(connection), fdatasync)
        except BaseException:
            connection.close()
            lock.release()
            raise
        pump = Pump(connection, path, journal, seconds=ingest_seconds, journal_bytes=journal_bytes)
        ledger = cls(path, lock, connection, journal, pump)
        ledger.needs_sealing = sync == "power"
        ledger.recovery = recovery
        return ledger

    @property
    def trouble(self) -> str | None:
        return self._pump.trouble

    @property
    def waiting_bytes(self) -> int:
        """What is safe in the journal and not in the tables yet."""
        return self._pump.waiting_bytes

    def append(self, entry: Entry) -> None:
        """Hand an entry to the operating system; on return it survives `kill -9` of this process.

        Raises `LedgerError` if it could not be written, and then nothing of it was.
        """
        self._journal.write(frame(_LETTERS[type(entry)], _encode(entry)))
        self._pump.wake()

    def sending(self, slot: int | None, underway: Underway) -> int:
        """Write down what is about to leave; on return it survives `kill -9`, and will have a record.

        Gives a slot: for the request's next attempt, and for `recorded` after its record was appended. Raises
        `LedgerError` if it could not be written: then nothing may be sent. From one thread.
        """
        return self._underway.put(slot, underway)

    def recorded(self, slot: int) -> None:
        """What was written down by `sending` has its record now."""
        self._underway.drop(slot)

    def store(self, request_id: str, prompt: bytes, answer: bytes, *, owner: str | None = None) -> None:
        """Keep what was asked and answered, encrypted under a key of `owner`; as safe as `append`.

        Without an owner, a pseudonym or a conversation, the request has a key of its own.
        """
        made, payload = self._open_vault().seal(owner or request_id, request_id, prompt, answer)
        if made is not None:
            self.append(made)
        self.append(payload)

    def pseudonym(self, subject: str) -> str:
        """What a record says in place of the name of whom it is about."""
        return self._open_vault().pseudonym(subject)

    async def sealed(self) -> None:
        """Wait until all that was appended before is on the disk, where `sync` is `power`."""
        if self.needs_sealing:
            await self._seal.wait()

    def annotate(self, **note: str) -> None:
        """Add to what `who_holds` tells other processes, `url="http://..."` for instance."""
        self._lock.annotate(note)

    def follow(self) -> None:
        """Do what other processes wait for: leave the journal that what was erased or removed may stand in.

        Cheap; to be called every second or so, from the thread that sends.
        """
        self._underway.clear()
        if any(event.kind in TAKES_AWAY for event in self._events.poll()):
            self._pump.turn()

    def flush(self) -> None:
        """Bring all that was appended into the tables now. Blocks; for tests and for shutting down."""
        self._pump.flush()

    def _open_vault(self) -> Vault:
        if self._vault is None:
            self._vault = Vault(self._path)
        return self._vault

    def close(self) -> None:
        """Ingest everything, remove the journal and let the next writer in."""
        if self._closed:
            return
        self._closed = True
        self._pump.stop()
        self._seal.close()
        self._events.close()
        if self._vault is not None:
            self._vault.close()
        self._journal.close()
        self._underway.close()
        try:
            recover(self._connection, self._path)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(
                f"the ledger was not closed cleanly: {error}",
                hint="the next start reads the rest from the journal",
            ) from error
        finally:
            self._connection.close()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
