"""What happened: append-only records and events in one SQLite file. Does not know HTTP, routes or prices.

The gateway holds a `Ledger` and appends; anyone reads with a `LedgerReader`, from any process; people's
decisions are events. What `Ledger.append` returned from survives `kill -9`.
"""

from freehold.ledger.checkpoints import Standing, log_size, standing, take_checkpoint
from freehold.ledger.checkup import Checkup, check_up
from freehold.ledger.correction_feed import Correction, CorrectionFeed
from freehold.ledger.corrections import REPRICED, reprice
from freehold.ledger.entries import Attempt, Idle, Payload, Record, Repriced, Sent, Spotted, original_cost_usd
from freehold.ledger.erasing import Erasure, erase
from freehold.ledger.events import Event, EventFeed, append_event, events
from freehold.ledger.faults import LedgerDamaged, LedgerError, LedgerLocked, LedgerMissing, LedgerOutdated
from freehold.ledger.forget import Removal, forget, remove_older
from freehold.ledger.ingest import Recovery
from freehold.ledger.lock import who_holds
from freehold.ledger.outgoing import ERRAND, Destination, Outgoing, RouteCount, outgoing
from freehold.ledger.privacy_stats import Above, Flow, Found, PrivacyStats, SentTo
from freehold.ledger.proving import Proof, prove
from freehold.ledger.reader import LedgerReader
from freehold.ledger.repair import Repair, repair
from freehold.ledger.search import NONE
from freehold.ledger.secret import secret_file
from freehold.ledger.spending import Spending, spending
from freehold.ledger.stats import IdleSums, ModelSums, RouteSums, Stats, Sums
from freehold.ledger.underway import Underway
from freehold.ledger.verifying import Finding, Verdict, verify
from freehold.ledger.writer import Ledger

__all__ = [
    "ERRAND",
    "NONE",
    "REPRICED",
    "Above",
    "Attempt",
    "Checkup",
    "Correction",
    "CorrectionFeed",
    "Destination",
    "Erasure",
    "Event",
    "EventFeed",
    "Finding",
    "Flow",
    "Found",
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
    "Outgoing",
    "Payload",
    "PrivacyStats",
    "Proof",
    "Record",
    "Recovery",
    "Removal",
    "Repair",
    "Repriced",
    "RouteCount",
    "RouteSums",
    "Sent",
    "SentTo",
    "Spending",
    "Spotted",
    "Standing",
    "Stats",
    "Sums",
    "Underway",
    "Verdict",
    "append_event",
    "check_up",
    "erase",
    "events",
    "forget",
    "log_size",
    "original_cost_usd",
    "outgoing",
    "prove",
    "remove_older",
    "repair",
    "reprice",
    "secret_file",
    "spending",
    "standing",
    "take_checkpoint",
    "verify",
    "who_holds",
]
