"""Policy `home`: the route's home first, the other home as fallback where the limits allow it."""

from __future__ import annotations

from freehold.routing.facts import Candidate, Facts, Ranking

_HOMES = {"rented": "rent", "owned": "own"}


def rank(facts: Facts, candidates: tuple[Candidate, ...]) -> Ranking:
    """The home's candidates in the order of the config, then the other side's."""
    order = candidates
    if len(order) > 1:
        order = tuple(sorted(candidates, key=lambda candidate: candidate.tenure != facts.home))
    if facts.only_tenure is not None:
        asked = f"the request asked for the {_HOMES[facts.only_tenure]} home of {facts.route}"
        return Ranking(order, asked, steady=True)
    why = f"the home of {facts.route} is {_HOMES[facts.home]}"
    if order[0].tenure != facts.home:
        why += ", which could not answer"
    return Ranking(order, why, steady=True)
