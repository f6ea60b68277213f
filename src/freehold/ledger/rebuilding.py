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
from freehold.ledger.leaves import PayloadLeaf, encode_leaf
from freehold.ledger.log import LogEnd
from freehold.ledger.progress import Progress
from freehold.ledger.rollups import build, carry_over
from freehold.ledger.rows import RECORD_COLUMNS
from freehold.ledger.salvage import Row, Salvage
from freehold.ledger.schema import transaction
from freehold.ledger.sealing import seal_event, seal_records

_RECORD = ("id", *RECORD_COLUMNS.split(", "), "leaf", "salt")
_EVENT = ("id", "at", "kind", "who", "why", "body", "leaf", "salt")
_PAYLOAD = ("id", "request_id", "prompt", "answer", "key", "leaf")
_AS_THEY_ARE = {
    "removals": ("id", "at", "before", "records_to", "idle_to", "event_id"),
    "checkpoints": ("id", "tree_size", "root", "time", "public_key", "signature"),
    "keys": ("id", "name", "owner", "wrapped"),
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
        leaves = _copy_log(connection, salvage)
        for table, columns in _AS_THEY_ARE.items():
            _insert(connection, table, columns, salvage.rows(table, columns))
        records = (row for row in salvage.rows("records", _RECORD) if _is_sound(row))
        _insert(connection, "records", _RECORD, (_with_leaf(row, leaves, 2) for row in records))
        events = salvage.rows("events", _EVENT)
        _insert(connection, "events", _EVENT, (_with_leaf(row, leaves, 2) for row in events))
        payloads = salvage.rows("payloads", _PAYLOAD)
        _insert(connection, "payloads", _PAYLOAD, (_with_leaf(row, leaves, 1) for row in payloads))
        resealed = _seal_again(connection)
        build(connection, Progress("adding up the ledger by hour"))
        newest, cost = carry_over(
            connection, _sums(salvage, "sums"), _sums(salvage, "sum_groups"), _sums(salvage, "idle_sums")
        )
        return Rebuilt(newest, cost, _lost_events(connection), resealed)


def _copy_meta(connection: sqlite3.Connection, salvage: Salvage) -> None:
    for name, value in salvage.rows("meta", ("name", "value")):
        if name in ("ledger_id", "journal", "offset"):
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _copy_log(connection: sqlite3.Connection, salvage: Salvage) -> int:
    """The leaves up to the first that is missing or altered; how many they are."""
    end, frontier = LogEnd(connection), Frontier()
    for number, leaf, hashes in salvage.rows("log", ("id", "leaf", "hashes")):
        if number != frontier.size or not isinstance(leaf, bytes) or frontier.append(leaf) != hashes:
            return end.size
        end.append([leaf])
    return end.size


def _with_leaf(row: Row, leaves: int, width: int) -> Row:
    """The row without what it says of its leaf, where that leaf is lost. The last `width` columns say it."""
    leaf = row[-width]
    return row if isinstance(leaf, int) and leaf < leaves else (*row[:-width], *[None] * width)


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


def _seal_again(connection: sqlite3.Connection) -> int:
    """New leaves for rows that have none any more, as for those of before there was a log."""
    end = LogEnd(connection)
    count = 0
    events = "SELECT id, at, kind, who, why, body FROM events WHERE leaf IS NULL ORDER BY id"
    for row in connection.execute(events).fetchall():
        *_, leaf, salt = seal_event(end, row)
        connection.execute("UPDATE events SET leaf = ?, salt = ? WHERE id = ?", (leaf, salt, row[0]))
        count += 1
    records = f"SELECT id, {RECORD_COLUMNS} FROM records WHERE leaf IS NULL AND id > ? ORDER BY id LIMIT 1000"  # noqa: S608  a constant
    after = 0
    while rows := connection.execute(records, (after,)).fetchall():
        sealed = seal_records(end, rows)
        places = [(*row[-2:], row[0]) for row in sealed]
        connection.executemany("UPDATE records SET leaf = ?, salt = ? WHERE id = ?", places)
        after, count = rows[-1][0], count + len(rows)
    payloads = "SELECT id, request_id FROM payloads WHERE leaf IS NULL ORDER BY id"
    for id_, request_id in connection.execute(payloads).fetchall():
        connection.execute("UPDATE payloads SET leaf = ? WHERE id = ?", (end.size, id_))
        end.append([encode_leaf(PayloadLeaf(request_id, None))])
        count += 1
    return count


def _sums(salvage: Salvage, table: str) -> list[dict[str, Any]]:
    columns = salvage.tables.get(table, ())
    return [dict(zip(columns, row, strict=True)) for row in salvage.rows(table, columns)]


def _lost_events(connection: sqlite3.Connection) -> int:
    newest, there = connection.execute("SELECT ifnull(max(id), 0), count(*) FROM events").fetchone()
    return int(newest) - int(there)
