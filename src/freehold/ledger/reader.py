"""Reading from any process, while a gateway writes or after it was killed.

A reader sees all that was appended before it opened: it waits for the writer to ingest it, and where nobody
writes it does that itself. Rows come in the order in which they were written, whatever the clocks said.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from freehold.ledger.amounts import exact_sum
from freehold.ledger.entries import Idle, Payload, Record
from freehold.ledger.faults import LedgerError
from freehold.ledger.ingest import position, recover
from freehold.ledger.journal import Position, journal_file, journal_numbers
from freehold.ledger.lock import WriterLock, who_holds
from freehold.ledger.privacy_stats import Above, PrivacyStats, above_clearance, privacy_stats
from freehold.ledger.rows import CORRECTED_COLUMNS, money, record_of
from freehold.ledger.schema import damage_named, snapshot, visit
from freehold.ledger.search import Filters, find
from freehold.ledger.stats import Stats, compute
from freehold.ledger.underway import underway_file
from freehold.ledger.vault import unseal

_LOOK_AGAIN_SECONDS = 0.02


class LedgerReader:
    """Made by `open`. One thread at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, wait_seconds: float) -> None:
        self._path = path
        self._connection = connection
        self._wait_seconds = wait_seconds

    @classmethod
    def open(cls, path: Path, *, wait_seconds: float = 2.0) -> Self:
        """Open the ledger at `path`, up to date with this moment.

        Raises `LedgerMissing`, `LedgerDamaged`, or `LedgerError` if the writer did not ingest anything for
        `wait_seconds` although there is something.
        """
        reader = cls(path, visit(path), wait_seconds)
        try:
            reader.catch_up()
        except BaseException:
            reader.close()
            raise
        return reader

    def catch_up(self) -> None:
        """See all that was appended before this call, too."""
        goal = _journal_end(self._path)
        reached, deadline = self._position(), time.monotonic() + self._wait_seconds
        while goal is not None and reached < goal:
            lock = WriterLock.try_take(self._path)
            if lock is not None:
                self._recover(lock)
                return
            time.sleep(_LOOK_AGAIN_SECONDS)
            before, reached = reached, self._position()
            if reached > before:
                deadline = time.monotonic() + self._wait_seconds
            elif time.monotonic() > deadline:
                raise LedgerError(
                    f"{self._path}: its writer has not read the journal for {self._wait_seconds:g} seconds",
                    hint="the gateway's log says why; its entries are safe in the journal meanwhile",
                )
            # a write that did not fit was taken back: do not wait for it
            goal = min(goal, _journal_end(self._path) or goal)
        if underway_file(self._path).exists() and who_holds(self._path) is None:
            lock = WriterLock.try_take(self._path)
            if lock is not None:
                self._recover(lock)

    def requests(
        self,
        limit: int,
        *,
        before: str | None = None,
        route: str | None = None,
        model: str | None = None,
        key: str | None = None,
        label: str | None = None,
        answered: bool | None = None,
        since: float | None = None,
    ) -> list[Record]:
        """The newest `limit` records that pass `Filters`, newest first, or those before a request."""
        filters = Filters(route=route, model=model, key=key, label=label, answered=answered, since=since)
        start = 2**62 if before is None else self._row_id(before)
        with snapshot(self._connection, self._path):
            rows = find(self._connection, filters, start, limit)
        return [record_of(row) for row in rows]

    def walk(
        self, *, since: float | None = None, until: float | None = None, route: str | None = None
    ) -> Iterator[Record]:
        """Every record that began in [`since`, `until`), Unix seconds, in the order of writing.

        One at a time, as they stand at the moment of the first: `stats` of that moment adds up the same ones.
        """
        sql = f"""
            SELECT {CORRECTED_COLUMNS} FROM corrected
            WHERE (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR at < ?2) AND (?3 IS NULL OR route = ?3)
            ORDER BY id
            """  # noqa: S608  the columns are a constant
        with damage_named(self._path):
            for row in self._connection.execute(sql, (since, until, route)):
                yield record_of(row)

    def request(self, request_id: str) -> Record | None:
        """The record of one request."""
        rows = self._select(
            f"SELECT {CORRECTED_COLUMNS} FROM corrected WHERE request_id = ?",  # noqa: S608  a constant
            (request_id,),
        )
        return record_of(rows[0]) if rows else None

    def beginning_with(self, start: str, limit: int) -> list[Record]:
        """Up to `limit` records whose id begins so, in the order of their ids."""
        rows = self._select(
            f"""
            SELECT {CORRECTED_COLUMNS} FROM corrected
            WHERE request_id >= ?1 AND request_id < ?1 || char(0x10FFFF) ORDER BY request_id LIMIT ?2
            """,  # noqa: S608  a constant
            (start, limit),
        )
        return [record_of(row) for row in rows]

    def rows_removed_before(self) -> float | None:
        """From when on there are rows, in Unix seconds, if older ones were removed; `None` if none were."""
        before: float | None = self._select("SELECT max(before) FROM removals", ())[0][0]
        return before

    def payload(self, request_id: str) -> Payload | None:
        """What was asked and answered, where the route stores it; `None` once it was erased."""
        rows = self._select(
            "SELECT request_id, prompt, answer, key FROM payloads"
            " WHERE request_id = ? ORDER BY id DESC LIMIT 1",
            (request_id,),
        )
        if not rows:
            return None
        payload = Payload(*rows[0])
        if payload.key is None:
            return payload
        opened = unseal(self._connection, self._path, payload)
        return None if opened is None else opened[0]

    def stats(self, since: float | None = None, until: float | None = None) -> Stats:
        """Totals of what began in [`since`, `until`), Unix seconds, and breakdowns that add up to them."""
        with snapshot(self._connection, self._path):
            return compute(self._connection, since, until)

    def privacy_stats(self, since: float | None, now: float, route: str | None = None) -> PrivacyStats:
        """Sums about what is private since the hour of `since`, Unix seconds; of one route, or `NONE`."""
        with snapshot(self._connection, self._path):
            return privacy_stats(self._connection, since, now, route)

    def above_clearance(self, since: float | None) -> list[Above]:
        """The newest attempts that were sent above the clearance. Reads rows: ask where there are some."""
        with snapshot(self._connection, self._path):
            return above_clearance(self._connection, since)

    def idle(self, since: float | None = None) -> list[Idle]:
        """Unused slot time by model, hour and number of slots, of hours that began at or after `since`."""
        rows = self._select(
            """
            SELECT model, hour, from_at, to_at, slots, slot_microseconds, cost_usd
            FROM idle WHERE ?1 IS NULL OR hour >= ?1 ORDER BY model, hour, slots, id
            """,
            (since,),
        )
        pieces: dict[tuple[str, int, int], list[Idle]] = {}
        for row in rows:
            piece = Idle(*(*row[:6], money(row[6])))
            pieces.setdefault((piece.model, piece.hour, piece.slots), []).append(piece)
        return [_joined(group) for group in pieces.values()]

    def slot_microseconds(self, model: str, since: float, until: float) -> int:
        """Slot time of an owned model that stands in the rows of a while, used and idle; Unix seconds.

        Used by the requests that ended in it, as far as they began within a day before it.
        """
        ended = """
            SELECT ifnull(sum(slot_microseconds), 0) FROM records
            WHERE at >= ?2 - 86400 AND at < ?3 AND model = ?1 AND at + seconds >= ?2 AND at + seconds < ?3
            """
        idle = """
            SELECT ifnull(sum(slot_microseconds), 0) FROM idle
            WHERE from_at >= ?2 AND from_at < ?3 AND model = ?1
            """
        times = (model, since, until)
        return int(self._select(ended, times)[0][0]) + int(self._select(idle, times)[0][0])

    def last_end(self, model: str, since: float) -> float | None:
        """When the last request that this model answered had ended, of those that began in the day before."""
        sql = "SELECT max(at + seconds) FROM records WHERE at >= ? - 86400 AND model = ?"
        end = self._select(sql, (since, model))[0][0]
        return None if end is None else float(end)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _recover(self, lock: WriterLock) -> None:
        try:
            with damage_named(self._path):
                recover(self._connection, self._path)
        finally:
            lock.release()

    def _position(self) -> Position:
        with damage_named(self._path):
            return position(self._connection)

    def _row_id(self, request_id: str) -> int:
        rows = self._select("SELECT id FROM records WHERE request_id = ?", (request_id,))
        if not rows:
            raise LedgerError(
                f"there is no request {request_id}",
                hint="`freehold requests` lists the newest with their ids",
            )
        return int(rows[0][0])

    def _select(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with damage_named(self._path):
            return self._connection.execute(sql, values).fetchall()


def _journal_end(path: Path) -> Position | None:
    """Where the newest journal ends at this moment; `None` if all were ingested and removed."""
    for number in reversed(journal_numbers(path)):
        try:
            return Position(number, journal_file(path, number).stat().st_size)
        except FileNotFoundError:
            continue  # ingested and removed since it was listed
    return None


def _joined(pieces: list[Idle]) -> Idle:
    costs = [piece.cost_usd for piece in pieces]
    known = [cost for cost in costs if cost is not None]
    return Idle(
        model=pieces[0].model,
        hour=pieces[0].hour,
        from_=min(piece.from_ for piece in pieces),
        to=max(piece.to for piece in pieces),
        slots=pieces[0].slots,
        slot_microseconds=sum(piece.slot_microseconds for piece in pieces),
        cost_usd=exact_sum(known) if len(known) == len(costs) else None,
    )
