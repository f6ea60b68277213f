"""Policy `split`: by weight, sticky. The same user lands on the same model while the weights stand.

Weighted rendezvous hashing (Schindelhauer and Schomaker, 2005): each candidate's score is
-weight / ln(hash), the highest wins; a changed weight moves only the share that it must.
"""

from __future__ import annotations

import hashlib
import math

from freehold.routing.facts import Candidate, Facts, Ranking


def rank(facts: Facts, candidates: tuple[Candidate, ...]) -> Ranking:
    """By weighted hash of `facts.sticky`; a weight of 0 comes last and serves as fallback only."""
    order = tuple(sorted(candidates, key=lambda c: _score(facts.sticky, c), reverse=True))
    total = sum(candidate.weight for candidate in candidates)
    first = order[0]
    share = f"{first.weight / total:.0%}" if total else "none"
    return Ranking(
        order, f"the split of {facts.route} gives it {share} of the traffic, and this request is in it"
    )


def _score(sticky: str, candidate: Candidate) -> float:
    if candidate.weight <= 0:
        return 0.0
    digest = hashlib.blake2b(f"{sticky}\0{candidate.model}".encode(), digest_size=8).digest()
    # In (0, 1), both ends excluded, so that the logarithm is finite and not zero.
    uniform = (int.from_bytes(digest, "big") + 1) / (2**64 + 2)
    return -candidate.weight / math.log(uniform)
