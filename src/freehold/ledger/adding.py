"""All that the rows of one commit add to sums of any kind. Knows which kinds there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from freehold.ledger.private_sums import PrivateAdditions
from freehold.ledger.rollups import Additions


class Adding:
    """First `records` and `idle`, then `write` within the caller's transaction."""

    def __init__(self) -> None:
        self._amounts = Additions()
        self._private = PrivateAdditions()

    def records(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows of `id` and `RECORD_COLUMNS`."""
        self._amounts.records(rows)
        self._private.records(rows)

    def idle(self, rows: Sequence[Sequence[Any]]) -> None:
        self._amounts.idle(rows)

    def write(self, connection: sqlite3.Connection) -> None:
        self._amounts.write(connection)
        self._private.write(connection)
