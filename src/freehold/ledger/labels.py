"""Labels as the ledger has them, words alone, and their order."""

from __future__ import annotations

LABELS = ("public", "internal", "personal", "secret")
"""From the least private; the order of `freehold.privacy.Label`, and a test compares them."""


def rank(word: str | None) -> int:
    """A word's place; one that is none of ours, or none at all, counts as the highest."""
    return LABELS.index(word) if word in LABELS else len(LABELS)
