"""Taking content out of the tables: the rows, and a request's own key where nothing else needs it.

So what was copied of the rows alone is noise from then on. Does not know why it goes, nor writes that it did.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

# The key of a conversation's first request holds the later turns as well: it stays while any of them does.
_UNUSED = """
DELETE FROM keys WHERE owner = ? AND NOT EXISTS (SELECT 1 FROM payloads WHERE payloads.key = keys.name)
"""

INDEX = "CREATE INDEX payloads_key ON payloads (key) WHERE key IS NOT NULL;"


def delete_content(connection: sqlite3.Connection, request_ids: Iterable[str]) -> tuple[int, int]:
    """Delete what these requests asked and were answered, within the caller's transaction.

    How many contents, and how many keys.
    """
    ids = [(request_id,) for request_id in request_ids]
    contents = connection.executemany("DELETE FROM payloads WHERE request_id = ?", ids).rowcount
    keys = connection.executemany(_UNUSED, ids).rowcount
    return max(contents, 0), max(keys, 0)


def without_orphans(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Payload rows, but for those whose key was destroyed while they were on their way: noise already."""
    find = "SELECT 1 FROM keys WHERE name = ?"
    return [
        row for row in rows if row[4] is None or connection.execute(find, (row[4],)).fetchone() is not None
    ]
