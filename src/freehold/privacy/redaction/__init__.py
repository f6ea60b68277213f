"""What is private leaves as a pseudonym and comes back as itself."""

from freehold.privacy.redaction.book import Book, NoPseudonym, Owner
from freehold.privacy.redaction.echoes import Echoes
from freehold.privacy.redaction.replace import merged, replace_everywhere, replace_spans
from freehold.privacy.redaction.restore import Restorer, restore
from freehold.privacy.redaction.shapes import LONGEST

__all__ = [
    "LONGEST",
    "Book",
    "Echoes",
    "NoPseudonym",
    "Owner",
    "Restorer",
    "merged",
    "replace_everywhere",
    "replace_spans",
    "restore",
]
