"""What an organisation itself knows, as keyed fingerprints: made from values and documents, found in texts.

Fingerprints tell nothing without their key. Knows no files, no networks, no labels.
"""

from freehold.privacy.learned.documents import DocumentShingles
from freehold.privacy.learned.fingerprint import KEY_BYTES, Seal
from freehold.privacy.learned.matcher import Learned
from freehold.privacy.learned.source import Damaged, Facts, Source, Sums, facts_of, pack
from freehold.privacy.learned.values import SHORTEST_ALONE, ValuePrints

__all__ = [
    "KEY_BYTES",
    "SHORTEST_ALONE",
    "Damaged",
    "DocumentShingles",
    "Facts",
    "Learned",
    "Seal",
    "Source",
    "Sums",
    "ValuePrints",
    "facts_of",
    "pack",
]
