"""Reading what can be read of a damaged SQLite file: rows by ranges of ids, narrowed down to what fails.

Only SQL: pages that SQLite cannot follow are lost, their neighbours are not. A file that was cut short is
read as if zeros followed, one without its first page with that of a new ledger, which is the same where the
file was made by this version. Knows tables, not their meaning. https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]

_HEAD_BYTES = 100
_PAGE_BYTES = 4096
_MOST_BYTES = 1 << 43
_LEAST_ROW_BYTES = 40  # no table of ours has smaller rows, so a file of so many bytes has at most so many


class Salvage:
    """The readable part of the file at `path`; without one, or without anything readable, it is empty.

    `like` is a new, empty ledger. The file itself is not written to.
    """

    def __init__(self, path: Path, like: Path) -> None:
        self._path = path
        self._copy = path.with_name(f"{path.name}.reading")
        self._connection = self._open(like)
        self.tables = {name: self._columns(name) for name in self._names()}

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
        """The rows that can be read, by their ids; a column that the file does not have is `None`."""
        there = self.tables.get(table, ())
        if not there or self._connection is None:
            return
        wanted = ", ".join(name if name in there else "NULL" for name in columns)
        by_id = "id" in there
        sql = f"SELECT {wanted} FROM {table}"  # noqa: S608  names of the schema
        if not by_id:
            yield from self._as_far_as_it_goes(sql)
            return
        ranged = f"{sql} WHERE id BETWEEN ? AND ? ORDER BY id"
        waiting = [(0, self._highest(table))]
        while waiting:
            low, high = waiting.pop()
            found = self._try(ranged, (low, high))
            if found is not None:
                yield from found
            elif low < high:
                middle = (low + high) // 2
                waiting += [(middle + 1, high), (low, middle)]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        for suffix in ("", "-wal", "-shm"):
            self._copy.with_name(self._copy.name + suffix).unlink(missing_ok=True)

    def _open(self, like: Path) -> sqlite3.Connection | None:
        if not self._path.exists() or not self._path.stat().st_size:
            return None
        for ready in (self._as_it_is, self._made_longer, lambda: self._with_first_page_of(like)):
            connection = sqlite3.connect(f"{ready().absolute().as_uri()}?mode=ro", uri=True)
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            try:
                connection.execute("SELECT max(id) FROM log").fetchone()
                connection.execute("SELECT name FROM sqlite_master").fetchall()
            except sqlite3.DatabaseError:
                self._connection = connection
                if self._names():
                    return connection
                connection.close()
            else:
                return connection
        return None

    def _as_it_is(self) -> Path:
        return self._path

    def _made_longer(self) -> Path:
        for suffix in ("", "-wal"):
            file = self._path.with_name(self._path.name + suffix)
            if file.exists():
                shutil.copyfile(file, self._copy.with_name(self._copy.name + suffix))
        with self._copy.open("r+b") as copy:
            head = copy.read(_HEAD_BYTES)
            size = int.from_bytes(head[16:18], "big") * int.from_bytes(head[28:32], "big")
            if self._copy.stat().st_size < size < _MOST_BYTES:
                copy.truncate(size)
        return self._copy

    def _with_first_page_of(self, like: Path) -> Path:
        with like.open("rb") as model:
            page = bytearray(model.read(_PAGE_BYTES))
        page[28:32] = (self._copy.stat().st_size // _PAGE_BYTES).to_bytes(4, "big")
        with self._copy.open("r+b") as file:
            file.write(page)
        return self._copy

    def _names(self) -> list[str]:
        found = self._try("SELECT name FROM sqlite_master WHERE type = 'table'", ())
        return [row[0] for row in found or []]

    def _columns(self, table: str) -> tuple[str, ...]:
        return tuple(row[1] for row in self._try(f"PRAGMA table_info({table})", ()) or [])

    def _highest(self, table: str) -> int:
        """No id is above it."""
        found = self._try(f"SELECT max(id) FROM {table}", ())  # noqa: S608  a name of the schema
        if found:
            return int(found[0][0] or 0)
        return self._path.stat().st_size // _LEAST_ROW_BYTES

    def _try(self, sql: str, values: tuple[int, ...]) -> list[Row] | None:
        if self._connection is None:
            return None
        try:
            return self._connection.execute(sql, values).fetchall()
        except (sqlite3.DatabaseError, OverflowError):
            return None

    def _as_far_as_it_goes(self, sql: str) -> Iterator[Row]:
        if self._connection is None:
            return
        with closing(self._connection.cursor()) as cursor:
            try:
                cursor.execute(sql)
                yield from cursor
            except sqlite3.DatabaseError:
                return  # what comes after the first page that fails cannot be reached
