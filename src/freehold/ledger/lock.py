"""One writer at a time: an advisory lock on `<ledger>.lock`, which also says who holds it.

The operating system drops the lock with its process, however that ends, so no lock is ever stale. The
file itself stays: removing it would let two processes lock two files of one name.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from freehold.ledger.faults import LedgerError, LedgerLocked

# Long enough for another process that only looks who holds the lock, and touches it to find out.
_GLANCE_SECONDS = 0.3
# A process that recovers a journal of some hundred megabytes takes seconds, and then lets go.
_RECOVERY_SECONDS = 15.0


def lock_file(path: Path) -> Path:
    """The lock that stands beside the ledger at `path`."""
    return path.with_name(path.name + ".lock")


class WriterLock:
    """Holds the lock until `release` or the end of the process."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor
        self._note: dict[str, str] = {}
        self._length = os.fstat(descriptor).st_size

    @classmethod
    def take(cls, path: Path, note: Mapping[str, str], *, recovering: bool = False) -> Self:
        """Lock the ledger at `path`; raises `LedgerLocked` while a writer holds it."""
        file = lock_file(path)
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerError(
                f"{file}: {error.strerror}", hint="the ledger's folder must exist and be writable"
            ) from error
        try:
            _wait_for(descriptor, path)
        except BaseException:
            os.close(descriptor)
            raise
        lock = cls(file, descriptor)
        lock._describe(note, recovering=recovering)
        return lock

    @classmethod
    def try_take(cls, path: Path) -> Self | None:
        """Lock the ledger for a recovery if nobody holds it, without waiting."""
        file = lock_file(path)
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LedgerError(
                f"{file}: {error.strerror}", hint="read it as the user who writes it"
            ) from error
        if not _locked(descriptor):
            os.close(descriptor)
            return None
        lock = cls(file, descriptor)
        lock._describe({}, recovering=True)
        return lock

    def annotate(self, note: Mapping[str, str]) -> None:
        """Add to what other processes are told about the writer."""
        self._describe({**self._note, **note}, recovering=False)

    def release(self) -> None:
        os.close(self._descriptor)

    def _describe(self, note: Mapping[str, str], *, recovering: bool) -> None:
        """Say who we are, in one write that covers the old text, so that a reader never sees half of it."""
        self._note = dict(note)
        text = msgspec.json.encode({"pid": os.getpid(), "note": self._note, "recovering": recovering})
        self._length = max(self._length, len(text))
        os.pwrite(self._descriptor, text.ljust(self._length), 0)


def who_holds(path: Path) -> dict[str, Any] | None:
    """`{"pid": ..., "note": {...}}` of the process that writes the ledger at `path`, `None` if none does."""
    try:
        descriptor = os.open(lock_file(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _locked(descriptor, shared=True):
            return None
        holder = _read_holder(descriptor)
    finally:
        os.close(descriptor)
    return None if holder.get("recovering") else {"pid": holder.get("pid"), "note": holder.get("note", {})}


def _wait_for(descriptor: int, path: Path) -> None:
    began = time.monotonic()
    while not _locked(descriptor):
        holder = _read_holder(descriptor)
        patience = _RECOVERY_SECONDS if holder.get("recovering") else _GLANCE_SECONDS
        if time.monotonic() - began > patience:
            pid = holder.get("pid", "unknown")
            raise LedgerLocked(
                f"{path}: another process (pid {pid}) writes this ledger",
                hint=f"stop process {pid}, or give this one another file: [ledger] path",
            )
        time.sleep(0.02)


def _locked(descriptor: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_holder(descriptor: int) -> dict[str, Any]:
    try:
        holder = msgspec.json.decode(os.pread(descriptor, 65_536, 0))
    except msgspec.DecodeError:
        return {}  # taken this very moment, not described yet
    return holder if isinstance(holder, dict) else {}
