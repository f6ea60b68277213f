"""Rows that are old enough leave the ledger, hourly, off the event loop. Knows when, not how."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from freehold.cli.figures import moment
from freehold.ledger import LedgerError, Removal, remove_older

log = logging.getLogger("freehold")

_DAY_SECONDS = 86_400
_EVERY_SECONDS = 3600.0


async def keep_days(ledger: Path, days: int, every_seconds: float = _EVERY_SECONDS) -> None:
    """Remove what is older than `days`, now and every so often, until cancelled."""
    while True:
        try:
            removal = await asyncio.to_thread(
                remove_older,
                ledger,
                time.time() - days * _DAY_SECONDS,
                who="freehold",
                why=f"[ledger] keep_days = {days}",
            )
        except LedgerError as error:
            log.warning("old rows were not removed: %s", error)
        else:
            if removal is not None:
                log.warning("%s", _told(removal))
        await asyncio.sleep(every_seconds)


def _told(removal: Removal) -> str:
    return (
        f"rows from before {moment(removal.before)} UTC were removed: {removal.records:,} records,"
        f" {removal.idle_rows:,} idle rows, the content of {removal.payloads:,}; their sums stay"
    )
