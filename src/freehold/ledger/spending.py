"""What keys and routes have spent: the sum of their records, exact. Does not know budgets or periods."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from freehold.ledger.amounts import EXACT
from freehold.ledger.correction_feed import NEWEST
from freehold.ledger.pieces import pieces
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import snapshot, visit

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spending:
    """USD by the name of a key or route; corrections up to the id `corrected_to` are in it."""

    usd: dict[str, Decimal]
    corrected_to: int

    def of(self, name: str) -> Decimal:
        return self.usd.get(name, _NOTHING)


def spending(path: Path, by: Literal["key", "route"], since: float | None) -> Spending:
    """By key or by route, of all that was recorded before this call and came at or after `since`.

    A record whose cost is unknown counts as what was held for it, and not at all where nothing was held.
    Simulated money counts. Records that were removed for their age count, too.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    spent: dict[str, Decimal] = {}
    connection = visit(path)
    try:
        with snapshot(connection, path):
            corrected_to = int(connection.execute(NEWEST).fetchone()[0])
            for piece in pieces(since, None):
                sql = _OF_SUMS if piece.span else _OF_ROWS
                found = connection.execute(sql.format(by=by), (piece.span, piece.start, piece.end))
                for name, *amounts in found:
                    for text in amounts:
                        spent[name] = EXACT.add(spent.get(name, _NOTHING), Decimal(text))
    finally:
        connection.close()
    return Spending(spent, corrected_to)


_OF_SUMS = """
SELECT {by}, exact_sum(cost_usd), exact_sum(held_usd)
FROM sums JOIN sum_groups ON sum_groups.id = group_id
WHERE {by} IS NOT NULL AND span = ?1 AND start >= ?2 AND start < ?3 GROUP BY 1
"""
_OF_ROWS = """
SELECT {by}, exact_sum(ifnull(cost_usd, held_usd)) FROM corrected
WHERE {by} IS NOT NULL AND ?1 IS NOT NULL AND at >= ?2 AND at < ?3 GROUP BY 1
"""
