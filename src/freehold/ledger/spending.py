"""What keys and routes have spent: the sum of their records, exact. Does not know budgets or periods."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import Literal

from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import damage_named, visit
from freehold.ledger.stats import prepare


def spending(path: Path, by: Literal["key", "route"], since: float | None) -> dict[str, Decimal]:
    """USD by key or by route, of all that was recorded before this call and came at or after `since`.

    A record whose cost is unknown counts as what was held for it, and not at all where nothing was held.
    Simulated money counts.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    connection = visit(path)
    try:
        prepare(connection)
        with damage_named(path):
            rows = connection.execute(
                f"""
                SELECT {by}, exact_sum(ifnull(cost_usd, held_usd)) FROM records
                WHERE {by} IS NOT NULL AND at >= ? GROUP BY 1
                """,  # noqa: S608  one of two column names
                (-math.inf if since is None else since,),
            ).fetchall()
    finally:
        connection.close()
    return {name: Decimal(text) for name, text in rows}
