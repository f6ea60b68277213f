"""The only place that opens the SQLite file, and brings it up to date. Does not know what rows mean."""

from __future__ import annotations

import decimal
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from freehold.ledger.amounts import teach_adding
from freehold.ledger.faults import (
    REPAIR,
    LedgerDamaged,
    LedgerError,
    LedgerMissing,
    LedgerOutdated,
    NotALedger,
)
from freehold.ledger.journal import journal_numbers, sync_folder
from freehold.ledger.lock import WriterLock
from freehold.ledger.migrations import MIGRATIONS, Step

# Marks a SQLite file as ours (https://www.sqlite.org/fileformat2.html, application id): "FHLD".
APPLICATION_ID = 0x46484C44


def create(path: Path) -> None:
    """Make an empty ledger at `path`, whole or not at all. Leaves one that is already there alone."""
    _refuse_to_forget(path)
    draft = path.with_name(f"{path.name}.new-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            draft.chmod(0o600)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA synchronous = OFF")  # one flush below does for all of it
            migrate(connection, path)
        finally:
            connection.close()
        _sync(draft)
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # somebody else was first
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _refuse_to_forget(path: Path) -> None:
    """A journal without its ledger: something happened, and an empty one must not hide it."""
    if path.parent.is_dir() and journal_numbers(path):
        raise LedgerMissing(
            f"{path} is gone, but its journal is still there",
            hint="put the ledger back; or let `freehold ledger repair` make one of what the journal has",
        )


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def connect(path: Path, *, upgrade: bool = False) -> sqlite3.Connection:
    """Open the ledger at `path`, which must be there and ours.

    The connection commits by itself (`transaction` groups). With `upgrade` an older version is migrated,
    otherwise it is refused. Raises `LedgerMissing`, `LedgerDamaged` or `LedgerError`.
    """
    if not path.exists():
        _refuse_to_forget(path)
        raise LedgerMissing(
            f"{path}: there is no ledger",
            hint="start `freehold up` once, or check [ledger] path in the config",
        )
    with damage_named(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=5,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _pass_as_they_are()
            teach_adding(connection)
            _check_ours(connection, path)
            if upgrade:
                migrate(connection, path)
            _check_version(connection, path)
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")  # what is removed is overwritten
            connection.execute("PRAGMA recursive_triggers = ON")  # or INSERT OR REPLACE would slip past
        except BaseException:
            connection.close()
            raise
    return connection


def _pass_as_they_are() -> None:
    """Have `None` and bytes bound at once, by this process's sqlite3.

    It asks every value that is no number and no text whether it knows how to adapt itself, and makes and
    drops an error for each that does not: a microsecond for each NULL of a row. What has an adapter is not
    asked.
    """
    itself = cast("Callable[[None], None]", {}.get)  # None for None, without a line of Python
    sqlite3.register_adapter(type(None), itself)
    sqlite3.register_adapter(bytes, bytes)


def visit(path: Path) -> sqlite3.Connection:
    """Open the ledger at `path` from beside its writer; without one, migrate it if it needs that."""
    try:
        return connect(path)
    except LedgerOutdated:
        lock = WriterLock.try_take(path)
        if lock is None:
            raise
        try:
            return connect(path, upgrade=True)
        finally:
            lock.release()


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[Step] = MIGRATIONS) -> None:
    """Bring the file to the version of `steps`, one transaction a step. Needs the writer's lock."""
    teach_adding(connection)
    for number in range(_version(connection), len(steps)):
        try:
            _take(connection, steps[number], number + 1)
        except (sqlite3.Error, decimal.DecimalException) as error:
            if connection.in_transaction:
                connection.rollback()
            raise LedgerError(
                f"{path}: the step from version {number} to {number + 1} failed: {error}",
                hint="nothing was changed; go back to the version that wrote this ledger and report this",
            ) from error


def _take(connection: sqlite3.Connection, step: Step, version: int) -> None:
    end = f"PRAGMA user_version = {version}; COMMIT;"
    if isinstance(step, str):
        connection.executescript(f"BEGIN IMMEDIATE; {step} {end}")
        return
    connection.execute("BEGIN IMMEDIATE")
    step(connection)
    for statement in end.split("; "):
        connection.execute(statement)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
    connection.execute("COMMIT")


@contextmanager
def snapshot(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Several queries, one moment. SQLite's complaints come as ours."""
    with damage_named(path):
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.rollback()


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints about the file into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LedgerError(f"{path}: {error}", hint="check the file's permissions and its disk") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from error


def check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `LedgerDamaged` if pages are missing or malformed. Takes about a second per gigabyte."""
    with damage_named(path):
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        raise _damaged(path, finding)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size == 0:
        raise _damaged(path, "the file is empty")
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        raise NotALedger(
            f"{path} is a database, but not a ledger",
            hint="check [ledger] path in the config; it was left as it is",
        )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version, ours = _version(connection), len(MIGRATIONS)
    if version > ours:
        raise LedgerError(
            f"{path} was written by a newer Freehold (its version is {version}, this one reads up to {ours})",
            hint="upgrade Freehold: pip install --upgrade freehold",
        )
    if version < ours:
        raise LedgerOutdated(
            f"{path} is of version {version}, this Freehold needs {ours}",
            hint="restart the gateway: it brings the ledger up to date",
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _damaged(path: Path, finding: str) -> LedgerDamaged:
    return LedgerDamaged(
        f"{path} is damaged: {finding}",
        hint=REPAIR,
    )
