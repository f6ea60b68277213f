"""Limits: each looks at one candidate and says in words why it is out. Only these remove candidates.

No I/O, no clock. Health is a limit like the others: what is down was put into the facts by the caller.
"""

from __future__ import annotations

from freehold.routing.facts import Candidate, Facts


def tenure(candidate: Candidate, facts: Facts) -> str | None:
    """The client asked for one home alone (`x-freehold-home`)."""
    if facts.only_tenure is None or candidate.tenure == facts.only_tenure:
        return None
    return f"is {candidate.tenure}, and the request asked for {facts.only_tenure} models only"


def own_only(candidate: Candidate, facts: Facts) -> str | None:
    """Nothing is rented here at all (`[server] own_only`)."""
    if candidate.tenure == "owned" or not facts.own_only:
        return None
    return "is rented, and this server asks owned models only"


def stand_in(candidate: Candidate, facts: Facts) -> str | None:
    """A simulated model answers at its own home or when asked for, never as a fallback for a real one."""
    if not candidate.simulated or candidate.tenure in (facts.home, facts.only_tenure):
        return None
    return "is simulated and does not stand in for a real model"


def capability(candidate: Candidate, facts: Facts) -> str | None:
    """What a model cannot do is refused before sending, never silently degraded."""
    if facts.needs <= candidate.can:
        return None
    return f"does not support {', '.join(sorted(facts.needs - candidate.can))}"


def context(candidate: Candidate, facts: Facts) -> str | None:
    """The estimate is low on purpose: a request that may fit is sent, and the model has the last word."""
    if candidate.context_tokens is None or facts.input_tokens <= candidate.context_tokens:
        return None
    return f"takes {candidate.context_tokens} tokens, and the request has about {facts.input_tokens}"


def clearance(candidate: Candidate, facts: Facts) -> str | None:
    """The highest label that a model may receive. The door checks the same again."""
    if facts.label <= candidate.clearance:
        return None
    if facts.redacted is not None and facts.redacted <= candidate.clearance:
        return None
    held = f" ({', '.join(facts.found)})" if facts.found else ""
    return f"is cleared for {candidate.clearance.word} only, and the request is {facts.label.word}{held}"


def residency(candidate: Candidate, facts: Facts) -> str | None:
    """Where the route's requests may go. A model whose region nobody stated stands nowhere known."""
    if facts.regions is None or candidate.region in facts.regions:
        return None
    where = (
        "in a region that the config does not state" if candidate.region is None else f"in {candidate.region}"
    )
    return f"stands {where}, and this route's requests may go to {', '.join(sorted(facts.regions))} only"


def health(candidate: Candidate, facts: Facts) -> str | None:
    """Down, restarting, or behind an open circuit."""
    return facts.down.get(candidate.model)


# The order decides which reason is named when several hold: what the client can mend comes first.
LIMITS = (own_only, tenure, stand_in, capability, context, clearance, residency, health)
