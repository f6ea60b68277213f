"""What the log costs: CPU time of the thread that takes 10,000 records into the tables, with it and without.

    python bench/sealing.py

Each record has one attempt that left the process, so two leaves. CPU time of one thread, best of five.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from freehold.ledger import Attempt, Record, Sent, ingest
from freehold.ledger.journal import Position
from freehold.ledger.rows import PAYLOADS, RECORD, RECORDS
from freehold.ledger.schema import connect, create
from freehold.wire import Usage

RECORDS_IN_ALL, AT_ONCE, TIMES = 10_000, 400, 5


def bodies(run: int) -> list[tuple[int, bytes]]:
    """Entries as the journal holds them."""
    sent = Sent("https://api.openai.com:443", "internal", "internal", "home", "eu", "0" * 64)
    attempt = Attempt("gpt", "rented", "openai", 0.0001, 0.51, "ok", status=200, sent=sent)
    usage = Usage(input_tokens=120, output_tokens=45, cached_tokens=100)
    made = []
    for number in range(RECORDS_IN_ALL):
        record = Record(
            request_id=f"req_{run}_{number:012x}",
            at=1_790_000_000.0 + number / 100,
            endpoint="chat/completions",
            route="support",
            key="key_1",
            model="gpt",
            tenure="rented",
            provider="openai",
            upstream_model="gpt-4o-mini-2024-07-18",
            status=200,
            stream=False,
            label="internal",
            usage=usage,
            cost_usd=Decimal("0.0000375"),
            simulated=False,
            attempts=(attempt,),
            reason="gpt (rented) answered because home is rent.",
            seconds=0.512,
        )
        made.append((RECORD[0], msgspec.json.encode(record)))
    return made


def without(end: object, table: object, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """In place of sealing: the same rows with the same number of columns."""
    del end
    return [(*row, 0, None) for row in rows] if table in (RECORDS, PAYLOADS) else rows


@contextmanager
def unsealed() -> Iterator[None]:
    """Ingestion without a log, for the while."""
    sealed = ingest._sealed  # noqa: SLF001  the comparison needs exactly this step out of the way
    ingest._sealed = without  # noqa: SLF001  likewise
    try:
        yield
    finally:
        ingest._sealed = sealed  # noqa: SLF001  likewise


def microseconds(connection: sqlite3.Connection, run: int) -> float:
    """CPU time of this thread for one record."""
    entries = bodies(run)
    began = time.thread_time()
    for start in range(0, len(entries), AT_ONCE):
        ingest.store(connection, entries[start : start + AT_ONCE], Position(1, start))
    return (time.thread_time() - began) / len(entries) * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        create(path)
        connection = connect(path)
        runs = [(run, microseconds(connection, 2 * run)) for run in range(TIMES)]
        sealed = min(cost for _, cost in runs)
        with unsealed():
            bare = min(microseconds(connection, 2 * run + 1) for run in range(TIMES))
        connection.close()
    print(f"with the log {sealed:.1f} us a record, without {bare:.1f}: the log costs {sealed - bare:.1f}")


if __name__ == "__main__":
    main()
