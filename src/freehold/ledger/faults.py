"""What can be wrong with a ledger. Every message names the file, and the hint says how to mend it."""

from __future__ import annotations

from freehold.errors import FreeholdError

# The hint wherever something is damaged.
REPAIR = "`freehold ledger repair` rescues what can be read and keeps the damaged files beside it"


class LedgerError(FreeholdError):
    """The ledger cannot be written or read."""


class LedgerLocked(LedgerError):
    """Another process writes this ledger; there is one writer at a time."""


class LedgerMissing(LedgerError):
    """There is no ledger at this path."""


class LedgerOutdated(LedgerError):
    """An older Freehold wrote this ledger, and it has not been migrated yet."""


class LedgerDamaged(LedgerError):
    """A file of the ledger does not hold what was written into it."""


class NotALedger(LedgerDamaged):
    """A database of somebody else stands where the ledger should be."""
