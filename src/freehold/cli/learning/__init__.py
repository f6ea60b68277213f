"""What an organisation teaches Freehold: read from its files, kept as fingerprints beside the ledger, loaded.

Does not know how fingerprints are made or found; `freehold.privacy` does.
"""

from freehold.cli.learning.held import Held, held
from freehold.cli.learning.loading import Stamps, Unreadable, learned, stamps
from freehold.cli.learning.store import Store

__all__ = ["Held", "Stamps", "Store", "Unreadable", "held", "learned", "stamps"]
