"""From the files beside the ledger to a detector; one that fails at every text where they cannot be read."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

from freehold.cli.learning.held import Held, held
from freehold.cli.learning.store import Store, StoreError
from freehold.errors import FreeholdError
from freehold.ledger import LedgerError
from freehold.privacy import Damaged, Detector, Learned, Reading, Seal, Source, Span

Stamps = tuple[tuple[str, int, int, int], ...]


class Unreadable(FreeholdError):
    """Something that was learned cannot be looked for."""


class _Fails:
    """Stands where a detector should: with it a text counts as secret."""

    def __init__(self, types: Iterable[str], why: str) -> None:
        self.types = frozenset(types) | {"SECRET"}
        self._why = why

    def find(self, reading: Reading) -> Iterable[Span]:
        del reading
        raise Unreadable(
            self._why, hint="`freehold privacy list` tells which source; learn it again, or forget it"
        )


def learned(ledger: Path) -> tuple[Detector | None, tuple[str, ...]]:
    """A detector for everything that was learned, `None` where nothing was; and what is wrong with it.

    Where something is wrong, the detector fails at every text. Reads all of the files once.
    """
    try:
        sources = held(ledger)
    except LedgerError as error:  # what was learned stands in it, and cannot be told
        return _Fails((), error.message), (error.message,)
    if not sources:
        return None, ()
    problems = [f"{source.name}: {source.problem}" for source in sources if source.problem is not None]
    opened: list[Source] = []
    try:
        key = Store(ledger).key()
    except StoreError as error:
        problems.append(error.message)
    else:
        for source in sources:
            if source.problem is None:
                try:
                    opened.append(_opened(source, key))
                except (OSError, ValueError, Damaged) as error:
                    problems.append(f"{source.name}: {error}")
    if problems:
        why = f"what was learned cannot be looked for: {'; '.join(problems)}"
        return _Fails((source.type for source in sources if source.type), why), tuple(problems)
    return Learned(opened, Seal(key)), ()


def _opened(source: Held, key: bytes) -> Source:
    """The file, mapped: processes that serve the same ledger share its memory."""
    with source.file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    return Source(memoryview(mapped), key)


def stamps(ledger: Path, named: Iterable[Path] = ()) -> Stamps:
    """What changes when something is learned or forgotten, or a file of it or a `named` one is touched."""
    store = Store(ledger)
    found = []
    for file in (store.folder, store.key_file, *store.files(), *named):
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((str(file), stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
