"""Policy `cheapest`: by true cost. An owned token is never free; an unknown cost comes last."""

from __future__ import annotations

from freehold.routing.facts import Candidate, Facts, Ranking


def rank(facts: Facts, candidates: tuple[Candidate, ...]) -> Ranking:
    """By the expected cost of this request in `facts.cost_usd`, ties in the order of the config."""
    costs = facts.cost_usd
    known = sorted((c for c in candidates if c.model in costs), key=lambda c: costs[c.model])
    unknown = tuple(c for c in candidates if c.model not in costs)
    order = (*known, *unknown)
    if not known:
        return Ranking(order, "no candidate's cost is known, so the order of the config holds")
    why = f"it is the cheapest at about {costs[known[0].model]:.8f} USD"
    if unknown:
        why += f" (cost unknown: {', '.join(c.model for c in unknown)})"
    return Ranking(order, why)
