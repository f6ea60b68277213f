"""The journal: plain files beside the ledger that take an entry in one write.

What `write` returned from is with the operating system and survives the death of this process; after
`sync` it survives the machine's. Files are numbered, `<ledger>.journal-<n>`; only the newest is written.
Knows bytes, not entries, and no SQLite.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from freehold.ledger.faults import LedgerError

_ROOM = "free some space on the ledger's disk and check that its folder is writable"


class Position(NamedTuple):
    """A place in the journal: the file's number and the bytes before it. Later places compare greater."""

    journal: int
    offset: int


def journal_file(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.journal-{number}")


def journal_numbers(path: Path) -> list[int]:
    """The numbers of the journals beside the ledger at `path`, oldest first."""
    prefix = path.name + ".journal-"
    names = (file.name.removeprefix(prefix) for file in path.parent.iterdir() if file.name.startswith(prefix))
    return sorted(int(name) for name in names if name.isdecimal())


class Journal:
    """The journal's open end. `write` may be called from any thread."""

    def __init__(self, path: Path, number: int, header: bytes, fdatasync: Callable[[int], None]) -> None:
        self._path = path
        self._header = header
        self._fdatasync = fdatasync
        self._writing = threading.Lock()
        self._syncing = threading.Lock()  # held while a file gives way to the next
        self._failure: str | None = None
        self._number = number
        self._descriptor = self._create(number)
        self._size = len(header)

    def write(self, line: bytes) -> None:
        """Hand one line to the operating system, whole or not at all; raises `LedgerError`."""
        with self._writing:
            try:
                written = os.write(self._descriptor, line)
            except OSError as error:
                raise self._unwritable(error.strerror or str(error)) from error
            if written != len(line):
                raise self._take_back()
            self._size += written

    def end(self) -> Position:
        """Where the next line will stand."""
        with self._writing:
            return Position(self._number, self._size)

    def sync(self) -> None:
        """Force everything written before this call to the disk; raises `LedgerError`.

        After one failure it fails for good: what the system could not write it may have forgotten, and
        a later success would not say so.
        """
        with self._syncing:
            self._sync(self._descriptor)

    def turn(self) -> None:
        """Go on in a new file. Lines are written while this runs."""
        descriptor = self._create(self._number + 1)
        with self._syncing:
            with self._writing:
                old, self._descriptor = self._descriptor, descriptor
                self._number += 1
                self._size = len(self._header)
            try:
                self._sync(old)
            finally:
                os.close(old)

    def close(self) -> None:
        with self._syncing, self._writing:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor = -1

    def _create(self, number: int) -> int:
        file = journal_file(self._path, number)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        try:
            descriptor = os.open(file, flags, 0o600)
        except OSError as error:
            raise LedgerError(f"{file}: {error.strerror}", hint=_ROOM) from error
        try:
            _write_whole(descriptor, self._header)
            sync_folder(self._path.parent)
        except OSError as error:
            os.close(descriptor)
            file.unlink()  # or its name would be taken at the next try
            raise LedgerError(f"{file}: {error.strerror}", hint=_ROOM) from error
        return descriptor

    def _sync(self, descriptor: int) -> None:
        if self._failure is None:
            try:
                self._fdatasync(descriptor)
            except OSError as error:
                self._failure = error.strerror or str(error)
        if self._failure is not None:
            raise LedgerError(
                f"{journal_file(self._path, self._number)}: the disk did not confirm ({self._failure})",
                hint="check the disk, then restart",
            )

    def _take_back(self) -> LedgerError:
        """Remove the half line that fitted, so that later lines stand right."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            os.close(self._descriptor)
            self._descriptor = -1  # nothing may follow half a line; a restart drops it
        return self._unwritable("no room for the whole line")

    def _unwritable(self, why: str) -> LedgerError:
        if self._descriptor < 0:
            why = "it is closed"
        return LedgerError(
            f"{journal_file(self._path, self._number)}: nothing was recorded: {why}", hint=_ROOM
        )


def _write_whole(descriptor: int, line: bytes) -> None:
    if os.write(descriptor, line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sync_folder(folder: Path) -> None:
    """Make names created in `folder` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
