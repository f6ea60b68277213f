"""Policy `fastest`: by observed time to first token. One not yet observed comes first, to observe it."""

from __future__ import annotations

from freehold.routing.facts import Candidate, Facts, Ranking


def rank(facts: Facts, candidates: tuple[Candidate, ...]) -> Ranking:
    """By `facts.ttft_seconds`; what was never observed comes first, in the order of the config."""
    seen = facts.ttft_seconds
    unseen = tuple(c for c in candidates if c.model not in seen)
    order = (*unseen, *sorted((c for c in candidates if c.model in seen), key=lambda c: seen[c.model]))
    if unseen:
        return Ranking(order, "its time to the first byte has not been observed yet")
    first = order[0].model
    return Ranking(order, f"it is the fastest, with {seen[first]:.3f} s to the first byte lately")
