"""From routes in the config to routes as the gateway walks them. Does not know connections."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from freehold.access import Budget, Rate
from freehold.config import RouteSettings, Settings
from freehold.gateway import Route
from freehold.privacy import Label
from freehold.providers import load_grammar
from freehold.routing import Candidate, Tenure, load_policy

_HOMES: Mapping[str, Tenure] = {"rent": "rented", "own": "owned"}
# A model asked for by its own name has no route that could lower or raise the label: the config's default.
_MODEL_LABEL = Label.INTERNAL
_MODEL_DEADLINE_SECONDS = RouteSettings.model_fields["deadline_seconds"].default


def routes_of(settings: Settings, candidates: Mapping[str, Candidate]) -> dict[str, Route]:
    """What a client may put into `model`: every route, and every model by its own name."""
    routes = {name: _route(name, route, candidates) for name, route in settings.routes.items()}
    models = {name: _model(candidate) for name, candidate in candidates.items()}
    return routes | models


def _route(name: str, route: RouteSettings, candidates: Mapping[str, Candidate]) -> Route:
    weights = route.split or {}
    asked = tuple(replace(candidates[model], weight=weights.get(model, 0.0)) for model in route.candidates)
    return Route(
        name=name,
        is_model=False,
        home=_HOMES[route.home],
        candidates=asked,
        label=Label.parse(route.label),
        private=route.private,
        policy_name=route.policy,
        rank=load_policy(route.policy),
        deadline_seconds=route.deadline_seconds,
        scans=route.scan == "always" or (route.scan == "auto" and not _may_receive_all(asked)),
        regions=frozenset(route.regions) or None,
        store=route.store,
        grammar=None if route.grammar is None else load_grammar(route.grammar),
        max_output_tokens=route.max_output_tokens,
        budget=None if route.budget_usd is None else Budget(route.budget_usd, route.budget_period),
        rate=_rate(route),
    )


def _may_receive_all(candidates: tuple[Candidate, ...]) -> bool:
    return all(candidate.clearance is Label.SECRET for candidate in candidates)


def _rate(route: RouteSettings) -> Rate | None:
    limits = route.requests_per_minute, route.tokens_per_minute
    return None if limits == (None, None) else Rate(*limits)


def _model(candidate: Candidate) -> Route:
    return Route(
        name=candidate.model,
        is_model=True,
        home=candidate.tenure,
        candidates=(candidate,),
        label=_MODEL_LABEL,
        private="keep",
        policy_name="home",
        rank=load_policy("home"),
        deadline_seconds=_MODEL_DEADLINE_SECONDS,
        scans=not _may_receive_all((candidate,)),
    )
