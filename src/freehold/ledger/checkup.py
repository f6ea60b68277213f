"""Whether a ledger is sound: it opens, its pages are whole, its tables follow its journal."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from freehold.ledger.faults import LedgerError
from freehold.ledger.journal import journal_file, journal_numbers
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import check_whole, visit

_INSTRUCTIONS_BETWEEN_LOOKS = 20_000


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found.

    `journal_bytes` is all that stands in journals, most of it ingested already; the tables had all of it
    after `catch_up_seconds`. `is_whole` is `None` where there was no time to look at every page.
    """

    size_bytes: int
    journal_bytes: int
    catch_up_seconds: float
    is_whole: bool | None
    newest_at: float | None


def check_up(path: Path, *, seconds: float) -> Checkup:
    """Look at the ledger at `path`, at its pages for `seconds` at most (about a gigabyte each).

    Raises `LedgerMissing`, `LedgerDamaged`, and `LedgerError` where its writer does not follow its journal.
    """
    began = time.monotonic()
    with LedgerReader.open(path) as reader:
        caught_up = time.monotonic() - began
        newest = reader.requests(1)
    return Checkup(
        size_bytes=_size(path) + _size(path.with_name(f"{path.name}-wal")),
        journal_bytes=sum(_size(journal_file(path, number)) for number in journal_numbers(path)),
        catch_up_seconds=caught_up,
        is_whole=_is_whole(path, time.monotonic() + seconds),
        newest_at=newest[0].at if newest else None,
    )


def _is_whole(path: Path, deadline: float) -> bool | None:
    connection = visit(path)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _INSTRUCTIONS_BETWEEN_LOOKS)
    try:
        check_whole(connection, path)
    except LedgerError as error:
        cause = error.__cause__
        if isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return None
        raise
    finally:
        connection.close()
    return True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
