"""The house: every part that the path of a request needs, handed over by the composition root.

A reload builds a new house; requests under way keep the one they began in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from freehold.access import Budget, Budgets, Key, KeyRing, Rate, Rates
from freehold.egress import Client
from freehold.errors import Refused
from freehold.gateway.call import Headers
from freehold.gateway.deployment import Deployment
from freehold.gateway.draft import Observer
from freehold.gateway.inspector import Inspector, Seen
from freehold.gateway.trace import Tracing
from freehold.ledger import Ledger
from freehold.privacy import Label
from freehold.routing import Candidate, Choice, Policy, Private, Tenure
from freehold.wire import Ask, model_not_found

# Bytes of JSON per token, high on purpose: the limit on context removes only what surely does not fit.
MOST_BYTES_PER_TOKEN = 8
# Nobody looked, so it counts as secret.
_UNSEEN = Seen(Label.SECRET, known=False)
# By label: what was said of a request that nobody looked at. Making one costs more than looking it up.
_SAID = tuple(Seen(label) for label in sorted(Label))

Alike = tuple[Label, frozenset[str], Tenure | None]
"""All that the limits look at in a short request while every model is up: label, needs, home asked for."""


class Plan(msgspec.Struct, eq=False):
    """A choice, and what is said where its first model answers at once; one plan serves alike requests."""

    choice: Choice
    reason: str | None = None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the config; or one model asked for by its own name (`is_model`), with nothing to choose.

    `plans` remembers steady choices. No request up to `short_bytes` is too long for any candidate.
    `open_to_all` says whether each of its models may receive everything.
    """

    name: str
    is_model: bool
    home: Tenure
    candidates: tuple[Candidate, ...]
    label: Label
    private: Private
    policy_name: str
    rank: Policy
    deadline_seconds: float
    scans: bool = False
    regions: frozenset[str] | None = None
    store: bool = False
    grammar: Callable[[str], str] | None = None
    max_output_tokens: int | None = None
    budget: Budget | None = None
    rate: Rate | None = None
    plans: dict[Alike, Plan] = field(default_factory=dict, init=False, repr=False, compare=False)
    short_bytes: float = field(init=False, repr=False, compare=False)
    open_to_all: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        contexts = [c.context_tokens for c in self.candidates if c.context_tokens is not None]
        object.__setattr__(self, "short_bytes", min(contexts, default=math.inf) * MOST_BYTES_PER_TOKEN)
        open_to_all = all(candidate.clearance is Label.SECRET for candidate in self.candidates)
        object.__setattr__(self, "open_to_all", open_to_all)


@dataclass(frozen=True, slots=True)
class House:
    """`names` maps what a client may put into `model` to a route.

    `made_at` is when they were last written down: the config's own time, in unix seconds.
    """

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
    tracing: Tracing | None = None
    inspector: Inspector | None = None
    own_only: bool = False
    made_at: int = 0

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

    def unlooked(self, route: Route, floor: Label) -> Seen | None:
        """How private a request of the route is where nobody looks at it; `None` where somebody does.

        Where every model of the route may receive everything nobody looks, and the label may be any.
        """
        if route.scans and self.inspector is not None:
            return None
        return _UNSEEN if route.open_to_all and floor < Label.PERSONAL else _SAID[floor]

    async def look(self, route: Route, ask: Ask, floor: Label) -> Seen:
        """How private a request is: its floor, raised by what is found where the route has it scanned."""
        seen = self.unlooked(route, floor)
        if seen is None and self.inspector is not None:
            seen = await self.inspector.look(ask, floor)
        return _UNSEEN if seen is None else seen


def parse_label(header: bytes, floor: Label) -> Label:
    """The request's label: the route's, raised by the header, never lowered. 400 for a word that is none."""
    try:
        return max(floor, Label.parse(header.decode("latin-1")))
    except ValueError as error:
        raise Refused(400, f"Header x-freehold-label: {error}.", code="invalid_label") from error


def parse_home(header: bytes) -> Tenure:
    """`x-freehold-home: rent | own` asks for one home's models alone."""
    text = header.decode("latin-1")
    if text not in ("rent", "own"):
        raise Refused(400, f"Header x-freehold-home: {text!r} is not rent or own.", code="invalid_home")
    return "rented" if text == "rent" else "owned"
