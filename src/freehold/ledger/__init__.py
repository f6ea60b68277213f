"""What happened: append-only records and events in one SQLite file. Does not know HTTP, routes or prices.

The gateway holds a `Ledger` and appends; anyone reads with a `LedgerReader`, from any process; people's
decisions are events. What `Ledger.append` returned from survives `kill -9`.
"""

from freehold.ledger.checkup import Checkup, check_up
from freehold.ledger.entries import Attempt, Idle, Payload, Record, Sent
from freehold.ledger.events import Event, EventFeed, append_event, events, forget
from freehold.ledger.faults import LedgerDamaged, LedgerError, LedgerLocked, LedgerMissing, LedgerOutdated
from freehold.ledger.ingest import Recovery
from freehold.ledger.lock import who_holds
from freehold.ledger.reader import LedgerReader
from freehold.ledger.spending import spending
from freehold.ledger.stats import IdleSums, ModelSums, RouteSums, Stats, Sums
from freehold.ledger.writer import Ledger

__all__ = [
    "Attempt",
    "Checkup",
    "Event",
    "EventFeed",
    "Idle",
    "IdleSums",
    "Ledger",
    "LedgerDamaged",
    "LedgerError",
    "LedgerLocked",
    "LedgerMissing",
    "LedgerOutdated",
    "LedgerReader",
    "ModelSums",
    "Payload",
    "Record",
    "Recovery",
    "RouteSums",
    "Sent",
    "Stats",
    "Sums",
    "append_event",
    "check_up",
    "events",
    "forget",
    "spending",
    "who_holds",
]
