"""Lets a running process notice what requests cost since another process gave them another cost.

Reads only. Does not know budgets.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from freehold.ledger.amounts import EXACT
from freehold.ledger.schema import damage_named, visit

_AT_ONCE: Final = 5_000


class Correction(msgspec.Struct, frozen=True):
    """One request counts `difference_usd` more than it did (or less). `at` is when it came, Unix seconds."""

    id: int
    at: float
    key: str | None
    route: str | None
    difference_usd: Decimal


class CorrectionFeed:
    """Begins after the corrections that stand when it is made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = visit(path)
        self._seen: int | None = None
        with damage_named(path):
            self._after = int(self._connection.execute(NEWEST).fetchone()[0])

    def poll(self) -> list[Correction]:
        """The corrections since the last poll in the order of writing, some thousands of them at most."""
        with damage_named(self._path):
            # counts the commits of other connections: https://www.sqlite.org/pragma.html#pragma_data_version
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version == self._seen:
                return []
            rows = self._connection.execute(_SINCE, (self._after, _AT_ONCE)).fetchall()
        if len(rows) < _AT_ONCE:
            self._seen = version
        if rows:
            self._after = rows[-1][0]
        return [
            Correction(id_, at, key, route, EXACT.subtract(Decimal(new), Decimal(old)))
            for id_, at, key, route, new, old in rows
        ]

    def close(self) -> None:
        self._connection.close()


NEWEST: Final = "SELECT ifnull(max(id), 0) FROM corrections"
# What counted before: the correction before it, else the record's own cost, else what was held for it.
_SINCE: Final = """
SELECT new.id, records.at, records.key, records.route, new.cost_usd, ifnull(
    (SELECT old.cost_usd FROM corrections AS old WHERE old.record_id = new.record_id AND old.id < new.id
     ORDER BY old.id DESC LIMIT 1),
    ifnull(records.cost_usd, ifnull(records.held_usd, '0')))
FROM corrections AS new JOIN records ON records.id = new.record_id WHERE new.id > ? ORDER BY new.id LIMIT ?
"""
