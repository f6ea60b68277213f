"""Limits filter, then a policy ranks what is left. Pure: facts in, choice out.

A policy cannot bring a removed candidate back: whatever it returns is cut to what the limits left.
"""

from __future__ import annotations

from collections.abc import Callable

from freehold.errors import Refused
from freehold.routing.facts import Candidate, Choice, Facts, Ranking, Removal
from freehold.routing.limits import LIMITS, clearance

Policy = Callable[[Facts, tuple[Candidate, ...]], Ranking]


def decide(facts: Facts, rank: Policy) -> Choice:
    """Who is asked and in which order, or `Refused` where no candidate is left.

    The status tells what would help: 400 another request, 403 another label, 503 another time.
    """
    left, removed = _filter(facts)
    if facts.private == "refuse" and any(removal.limit == "clearance" for removal in removed):
        _refuse_if_first_choice_lacks_clearance(facts, rank, left, removed)
    if not left:
        raise _nobody_left(facts, removed)
    ranking = rank(facts, left)
    order = left if len(left) == 1 else _cut_to(left, ranking.order)
    return Choice(order, removed, ranking.why, ranking.steady)


def _cut_to(left: tuple[Candidate, ...], order: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The policy's order without whom the limits removed; whom it forgot comes last."""
    kept = tuple(candidate for candidate in order if candidate in left)
    return kept + tuple(candidate for candidate in left if candidate not in kept)


def _filter(facts: Facts) -> tuple[tuple[Candidate, ...], tuple[Removal, ...]]:
    left: list[Candidate] = []
    removed: list[Removal] = []
    for candidate in facts.candidates:
        for limit in LIMITS:
            why = limit(candidate, facts)
            if why is not None:
                removed.append(Removal(candidate.model, limit.__name__, why))
                break
        else:
            left.append(candidate)
    return tuple(left), tuple(removed)


def _refuse_if_first_choice_lacks_clearance(
    facts: Facts, rank: Policy, left: tuple[Candidate, ...], removed: tuple[Removal, ...]
) -> None:
    """`private = "refuse"` speaks of the model that would have answered, not of every model on the route."""
    uncleared = {removal.model for removal in removed if removal.limit == "clearance"}
    pool = tuple(c for c in facts.candidates if c in left or c.model in uncleared)
    first = rank(facts, pool).order[0]
    why = clearance(first, facts)
    if why is not None:
        raise _label_refused(f"Route {facts.route} refuses this request: {first.model} {why}.")


def _nobody_left(facts: Facts, removed: tuple[Removal, ...]) -> Refused:
    """The refusal names every candidate; its status is that of the mildest cure."""
    named = "; ".join(f"{removal.model} {removal.why}" for removal in removed)
    message = f"No model of {facts.route} can answer this request: {named}."
    limits = {removal.limit for removal in removed}
    if "health" in limits:
        return Refused(503, message, type_="upstream_error", code="model_unavailable", retry_after=1.0)
    if "clearance" in limits:
        return _label_refused(message)
    if "residency" in limits:
        return Refused(403, message, type_="permission_error", code="region_not_allowed")
    if "context" in limits:
        return Refused(400, message, code="context_length_exceeded", param="messages")
    if "capability" in limits:
        return Refused(400, message, code="unsupported_parameter", param=_first_need(facts))
    return Refused(400, message, code="no_model_at_home", param="model")


def _label_refused(message: str) -> Refused:
    return Refused(403, message, type_="permission_error", code="label_above_clearance")


def _first_need(facts: Facts) -> str | None:
    able: frozenset[str] = frozenset().union(*(candidate.can for candidate in facts.candidates))
    missing = sorted(facts.needs - able) or sorted(facts.needs)
    need = missing[0] if missing else None
    if need in ("chat", "completions", "embeddings", "moderations"):
        return "model"
    return "response_format" if need in ("json_schema", "json_object") else need
