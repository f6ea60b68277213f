"""A new ledger from the readable part of a damaged one. Does not know files or journals."""

from __future__ import annotations

import decimal
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from freehold.audit import Frontier
from freehold.ledger.amounts import is_addable
from freehold.ledger.carrying import carry_over
from freehold.ledger.leaves import PLAIN_TABLES, RowLeaf, read_leaf
from freehold.ledger.log import LogEnd
from freehold.ledger.private_sums import FOUND, SENT, build_private, carry_private
from freehold.ledger.progress import Progress
from freehold.ledger.rollups import build
from freehold.ledger.rows import RECORD_COLUMNS
from freehold.ledger.salvage import Row, Salvage
from freehold.ledger.schema import transaction
from freehold.ledger.sealing import seal_event, seal_payloads, seal_plain, seal_records

_RECORD = ("id", *RECORD_COLUMNS.split(", "), "leaf", "salt")
_EVENT = ("id", "at", "kind", "who", "why", "body", "leaf", "salt")
_PAYLOAD = ("id", "request_id", "prompt", "answer", "key", "leaf")
_ROW_LEAF = b'{"kind":"row"'
_AS_THEY_ARE = {
    "removals": ("id", "at", "before", "records_to", "idle_to", "event_id"),
    "checkpoints": ("id", "tree_size", "root", "time", "public_key", "signature"),
    "keys": ("id", "name", "owner", "wrapped"),
    "corrections": ("id", "record_id", "cost_usd", "event_id"),
    "idle": ("id", "model", "hour", "from_at", "to_at", "slots", "slot_microseconds", "cost_usd"),
}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What did not come over. `newest_id` is the highest id that any record is known to have had."""

    newest_id: int = 0
    lost_cost_usd: Decimal = Decimal(0)
    lost_events: int = 0
    resealed: int = 0


def rebuild(connection: sqlite3.Connection, salvage: Salvage) -> Rebuilt:
    """Fill the empty ledger behind `connection`, in one transaction."""
    with transaction(connection):
        _copy_meta(connection, salvage)
        _copy_log(connection, salvage)
        for table, columns in _AS_THEY_ARE.items():
            _insert(connection, table, columns, salvage.rows(table, columns))
        seals = _Seals(connection)
        records = (row for row in salvage.rows("records", _RECORD) if _is_sound(row))
        _insert(connection, "records", _RECORD, map(seals.record, records))
        _insert(connection, "events", _EVENT, map(seals.event, salvage.rows("events", _EVENT)))
        _insert(connection, "payloads", _PAYLOAD, map(seals.payload, salvage.rows("payloads", _PAYLOAD)))
        seals.plain(connection)
        build(connection, Progress("adding up the ledger by hour"))
        newest, cost = carry_over(
            connection,
            {name: _sums(salvage, name) for name in ("sums", "sum_groups", "idle_sums", "correction_sums")},
        )
        build_private(connection, Progress("adding up what was sent and found"))
        carry_private(
            connection, list(salvage.rows("sent_sums", SENT)), list(salvage.rows("found_sums", FOUND))
        )
        return Rebuilt(newest, cost, _lost_events(connection), seals.anew)


def _copy_meta(connection: sqlite3.Connection, salvage: Salvage) -> None:
    for name, value in salvage.rows("meta", ("name", "value")):
        if name in ("ledger_id", "journal", "offset"):
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _copy_log(connection: sqlite3.Connection, salvage: Salvage) -> None:
    """The leaves up to the first that is missing or altered."""
    end, frontier = LogEnd(connection), Frontier()
    for number, leaf, hashes in salvage.rows("log", ("id", "leaf", "hashes")):
        if number != frontier.size or not isinstance(leaf, bytes) or frontier.append(leaf) != hashes:
            return
        end.append([leaf])


class _Seals:
    """Rows with their leaves; where those are lost with new ones, as for rows of before there was a log."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._end = LogEnd(connection)
        self._kept = self._end.size
        self.anew = 0

    def record(self, row: Row) -> Row:
        return row if self._stands(row[-2]) else seal_records(self._end, [row[:-2]])[0]

    def event(self, row: Row) -> Row:
        return row if self._stands(row[-2]) else seal_event(self._end, row[:-2])

    def payload(self, row: Row) -> Row:
        return row if self._stands(row[-1]) else seal_payloads(self._end, [(*row[:-1], None)])[0]

    def plain(self, connection: sqlite3.Connection) -> None:
        """The rows of `PLAIN_TABLES` that the kept part of the log does not speak of."""
        known: set[tuple[str, int]] = set()
        for (text,) in connection.execute("SELECT leaf FROM log WHERE id < ?", (self._kept,)):
            leaf = read_leaf(text) if text.startswith(_ROW_LEAF) else None
            if isinstance(leaf, RowLeaf):
                known.add((leaf.table, leaf.row))
        for table, columns in PLAIN_TABLES.items():
            rows = connection.execute(f"SELECT {columns} FROM {table} ORDER BY id").fetchall()  # noqa: S608  constants
            unsealed = [row for row in rows if (table, row[0]) not in known]
            seal_plain(self._end, table, unsealed)
            self.anew += len(unsealed)

    def _stands(self, leaf: object) -> bool:
        stands = isinstance(leaf, int) and leaf < self._kept
        self.anew += not stands
        return stands


def _insert(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Iterable[Row]
) -> None:
    """A row that its table refuses was damaged itself."""
    marks = ", ".join("?" for _ in columns)
    sql = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  names from above
    connection.executemany(sql, rows)


def _is_sound(row: Row) -> bool:
    """Whether a record has numbers where they are added up: SQLite keeps any type in any column."""
    at, status, tokens, slots = row[2], row[10], row[13:17], row[23]
    return (
        isinstance(at, int | float)
        and isinstance(status, int)
        and all(count is None or isinstance(count, int) for count in (*tokens, slots))
        and all(_is_money(amount) for amount in (row[17], row[25]))
    )


def _is_money(amount: Any) -> bool:
    try:
        return amount is None or is_addable(Decimal(amount))
    except (decimal.DecimalException, TypeError, ValueError):
        return False


def _sums(salvage: Salvage, table: str) -> list[dict[str, Any]]:
    columns = salvage.tables.get(table, ())
    return [dict(zip(columns, row, strict=True)) for row in salvage.rows(table, columns)]


def _lost_events(connection: sqlite3.Connection) -> int:
    newest, there = connection.execute("SELECT ifnull(max(id), 0), count(*) FROM events").fetchone()
    return int(newest) - int(there)
