"""The house: every part that the path of a request needs, handed over by the composition root.

A reload builds a new house; requests under way keep the one they began in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from freehold.access import Budget, Budgets, Key, KeyRing, Rate, Rates
from freehold.egress import Client
from freehold.errors import Refused
from freehold.gateway.deployment import Deployment
from freehold.gateway.draft import Observer
from freehold.ledger import Ledger
from freehold.privacy import Label
from freehold.providers import needs_of
from freehold.routing import Candidate, Facts, Policy, Private, Tenure
from freehold.wire import Ask, model_not_found

# Bytes of JSON per token, high on purpose: the limit on context removes only what surely does not fit.
_MOST_BYTES_PER_TOKEN = 8


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the config; or one model asked for by its own name (`is_model`), with nothing to choose."""

    name: str
    is_model: bool
    home: Tenure
    candidates: tuple[Candidate, ...]
    label: Label
    private: Private
    policy_name: str
    rank: Policy
    deadline_seconds: float
    store: bool = False
    grammar: Callable[[str], str] | None = None
    max_output_tokens: int | None = None
    budget: Budget | None = None
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class House:
    """`names` maps what a client may put into `model` to a route."""

    names: Mapping[str, Route]
    deployments: Mapping[str, Deployment]
    keys: KeyRing
    ledger: Ledger
    ledger_path: Path
    client: Client
    max_body_bytes: int
    budgets: Budgets
    rates: Rates
    observers: tuple[Observer, ...] = ()

    def find(self, name: str, key: Key | None) -> Route:
        """The route or model of that name, as far as the key may use it. 404 otherwise, as OpenAI says it."""
        route = self.names.get(name)
        if route is None or not (key is None or key.may_use(name, is_model=route.is_model)):
            raise model_not_found(name)
        return route

    def moderator(self, key: Key | None) -> Route:
        """Who moderates where the client names nobody: the first that can, routes before models.

        Raises `Refused` (404) where the key may use none.
        """
        for route in self.visible(key):
            if any("moderations" in candidate.can for candidate in route.candidates):
                return route
        raise Refused(
            404,
            "No route or model that may be asked here moderates. Whoever runs this Freehold can add one:"
            ' a model with tenure = "owned", provider = "rules" and rules = "moderation.toml".',
            code="model_not_found",
            param="model",
        )

    def visible(self, key: Key | None) -> list[Route]:
        """What `/v1/models` lists for this key."""
        return [r for r in self.names.values() if key is None or key.may_use(r.name, is_model=r.is_model)]

    def facts(
        self, route: Route, ask: Ask, label: Label, only: Tenure | None, sticky: str, now: float
    ) -> Facts:
        """What the decision about this request is made from."""
        down: dict[str, str] = {}
        ttft: dict[str, float] = {}
        for candidate in route.candidates:
            deployment = self.deployments[candidate.model]
            why = deployment.down(now)
            if why is not None:
                down[candidate.model] = why
            first_byte = deployment.ttft_seconds if ask.stream else deployment.answer_seconds
            seen = first_byte.value
            if seen is not None:
                ttft[candidate.model] = seen
        return Facts(
            route=route.name,
            home=route.home,
            candidates=route.candidates,
            label=label,
            private=route.private,
            needs=needs_of(ask),
            input_tokens=ask.size_bytes // _MOST_BYTES_PER_TOKEN,
            only_tenure=only,
            down=down,
            ttft_seconds=ttft,
            cost_usd=ExpectedCosts(self, route, ask),
            sticky=sticky,
        )


class ExpectedCosts(Mapping[str, Decimal]):
    """What each candidate would cost, computed when a policy looks: most policies never do."""

    __slots__ = ("_ask", "_costs", "_house", "_route")

    def __init__(self, house: House, route: Route, ask: Ask) -> None:
        self._house = house
        self._route = route
        self._ask = ask
        self._costs: dict[str, Decimal] | None = None

    def _all(self) -> dict[str, Decimal]:
        if self._costs is None:
            given, bound = self._ask.input_tokens_estimate, self._ask.max_output_tokens
            costs = {
                c.model: self._house.deployments[c.model].expected_cost_usd(given, bound)
                for c in self._route.candidates
            }
            self._costs = {model: usd for model, usd in costs.items() if usd is not None}
        return self._costs

    def __getitem__(self, model: str) -> Decimal:
        return self._all()[model]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def parse_label(text: str | None, floor: Label) -> Label:
    """The request's label: the route's, raised by the header, never lowered. 400 for a word that is none."""
    if text is None:
        return floor
    try:
        return max(floor, Label.parse(text))
    except ValueError as error:
        raise Refused(400, f"Header x-freehold-label: {error}.", code="invalid_label") from error


def parse_home(text: str | None) -> Tenure | None:
    """`x-freehold-home: rent | own` asks for one home's models alone."""
    if text is None:
        return None
    if text not in ("rent", "own"):
        raise Refused(400, f"Header x-freehold-home: {text!r} is not rent or own.", code="invalid_home")
    return "rented" if text == "rent" else "owned"
