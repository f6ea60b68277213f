"""What has left for a model before its request has a record: written down first, gone with the record.

A gateway that is killed in between leaves it behind, and whoever opens the ledger next makes the record that
is missing: what was sent and by which permit, with a cost that nobody knows. One file beside the ledger,
`<ledger>.underway`, of slots that are used again; what was in one is overwritten within a second or so.
The file is mapped into memory: what stands in a mapping of a file is with the operating system, and costs no
call of it. Survives the death of the process, as the journal does; not the machine's. Knows no HTTP and no
prices.
"""

from __future__ import annotations

import mmap
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import msgspec

from freehold.ledger.entries import Attempt, Record, Sent
from freehold.ledger.faults import LedgerError

_SLOT_BYTES = 4096  # a page, so that a write is there whole or not at all when the process is killed
_FEWEST_SLOTS = 16
_END = b"\n"
_BEGIN = b"["[0]  # of every line: what lacks it is not read
_KILLED = "the gateway ended before it could record the answer"
_KILLED_STATUS = 500


class Underway(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A request whose attempt at `model` is about to leave, as far as its record is known by then.

    `attempts` are those before it. New fields go to the end and have defaults.
    """

    request_id: str
    at: float
    endpoint: str
    route: str | None
    key: str | None
    stream: bool
    label: str | None
    found: dict[str, int] | None
    subject: str | None
    conversation: str | None
    simulated: bool
    attempts: tuple[Attempt, ...]
    model: str
    tenure: str
    provider: str
    started_seconds: float
    sent: Sent

    def record(self) -> Record:
        """The record that nobody wrote: no answer is known, and no cost. What budgets held is free again."""
        last = Attempt(
            model=self.model,
            tenure=self.tenure,
            provider=self.provider,
            started_seconds=self.started_seconds,
            seconds=0.0,
            outcome="cut",
            error=_KILLED,
            sent=self.sent,
        )
        return Record(
            request_id=self.request_id,
            at=self.at,
            endpoint=self.endpoint,
            route=self.route,
            key=self.key,
            model=None,
            tenure=None,
            provider=None,
            upstream_model=None,
            status=_KILLED_STATUS,
            stream=self.stream,
            label=self.label,
            usage=None,
            cost_usd=None,
            simulated=self.simulated,
            attempts=(*self.attempts, last),
            reason=f"{self.model} was asked, and {_KILLED}.",
            seconds=self.started_seconds,
            error=_KILLED,
            held_usd=None,
            subject=self.subject,
            conversation=self.conversation,
            found=self.found,
        )


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Underway).decode


def underway_file(path: Path) -> Path:
    """It stands beside the ledger at `path`."""
    return path.with_name(path.name + ".underway")


class UnderwayFile:
    """The writer's end: one thread, which holds the writer's lock. Begins empty.

    Its room is written before it is mapped, so that a full disk is an error and no signal.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        self._file = underway_file(path)
        try:
            self._descriptor = os.open(self._file, flags, 0o600)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        self._map: mmap.mmap | None = None
        self._free: list[int] = []
        self._used: list[int] = []  # bytes that stand in each slot

    def put(self, slot: int | None, underway: Underway) -> int:
        """Hand it to the operating system; its slot, which the next attempt of the same request takes again.

        Raises `LedgerError` where it cannot be written: then nothing may be sent.
        """
        line = _encode(underway) + _END
        if len(line) > _SLOT_BYTES:
            line = self._shortened(underway)
        if slot is None:
            return self._put_new(line)
        before = self._used[slot]
        if before > len(line):
            line = line.ljust(before, b"\0")  # nothing is left of what stood there
        try:
            # In one call: what stands there has left already, and must not be lost half-way.
            written = os.pwrite(self._descriptor, line, slot * _SLOT_BYTES)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        if written != len(line):
            raise self._unwritable("no room for all of it")
        self._used[slot] = written
        return slot

    def _put_new(self, line: bytes) -> int:
        """Into a slot whose content nobody needs. Its first byte comes last, so that no half line is read."""
        if not self._free:
            self._grow()
        slot, mapped = self._free.pop(), cast("mmap.mmap", self._map)
        before, size, begin = self._used[slot], len(line), slot * _SLOT_BYTES
        mapped[begin] = 0
        if before > size:
            mapped[begin + size : begin + before] = bytes(before - size)
        mapped[begin + 1 : begin + size] = line[1:]
        mapped[begin] = _BEGIN
        self._used[slot] = size
        return slot

    def drop(self, slot: int) -> None:
        """Its record is written: the slot may be used again, and is empty after the next `clear`."""
        self._free.append(slot)

    def clear(self) -> None:
        """Overwrite what is recorded by now. Cheap where there is nothing."""
        for slot in self._free:
            used = self._used[slot]
            if used:
                with suppress(OSError):  # the next second again
                    os.pwrite(self._descriptor, bytes(used), slot * _SLOT_BYTES)
                    self._used[slot] = 0

    def close(self) -> None:
        """What is still in it stays for `unrecorded`."""
        self._free.clear()
        if self._map is not None:
            self._map.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _grow(self) -> None:
        """As many slots again."""
        slots = len(self._used)
        more = slots or _FEWEST_SLOTS
        size = more * _SLOT_BYTES
        try:
            if os.pwrite(self._descriptor, bytes(size), slots * _SLOT_BYTES) != size:
                raise self._unwritable("no room for more")
            wider = mmap.mmap(self._descriptor, slots * _SLOT_BYTES + size)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        if self._map is not None:
            self._map.close()
        self._map = wider
        self._used += [0] * more
        self._free += range(slots + more - 1, slots - 1, -1)

    def _shortened(self, underway: Underway) -> bytes:
        """Without what earlier attempts said, which an upstream may have made long."""
        attempts = tuple(msgspec.structs.replace(attempt, error=None) for attempt in underway.attempts)
        line = _encode(msgspec.structs.replace(underway, attempts=attempts)) + _END
        if len(line) > _SLOT_BYTES:
            line = _encode(msgspec.structs.replace(underway, attempts=(), found=None)) + _END
        if len(line) > _SLOT_BYTES:
            raise self._unwritable("the names of its route and model are too long")
        return line

    def _unwritable(self, why: str) -> LedgerError:
        return LedgerError(
            f"{self._file}: what is to be sent could not be written down: {why}",
            hint="free some space on the ledger's disk and check that its folder is writable",
        )


def unrecorded(connection: sqlite3.Connection, path: Path) -> list[Record]:
    """The records that are missing, once the journal is in the tables. Wants the writer's lock."""
    return [
        underway.record()
        for underway in left_behind(underway_file(path))
        if connection.execute("SELECT 1 FROM records WHERE request_id = ?", (underway.request_id,)).fetchone()
        is None
    ]


def left_behind(file: Path) -> Iterator[Underway]:
    """What stands in the slots; of a later version, whose journal would not be read either, nothing."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return
    for start in range(0, len(content), _SLOT_BYTES):
        line, end, _ = content[start : start + _SLOT_BYTES].partition(_END)
        if end:
            with suppress(msgspec.DecodeError):
                yield _decode(line)
