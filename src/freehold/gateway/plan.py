"""Who is to answer a request, from the facts about it; remembered where requests are alike.

Knows no HTTP and asks nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

from freehold.errors import Refused
from freehold.gateway.deployment import Deployment
from freehold.gateway.draft import Draft
from freehold.gateway.house import MOST_BYTES_PER_TOKEN, House, Plan, Route
from freehold.gateway.inspector import Redacted, Seen
from freehold.providers import needs_of
from freehold.routing import Facts, Tenure, decide
from freehold.wire import Ask

PATIENCE_SECONDS = 2.0
"""How long a request waits for an engine that is being started again, if its deadline is not sooner."""

_GLANCE_SECONDS = 0.02


class Question(msgspec.Struct, eq=False):
    """What is asked of the models, the same over all attempts.

    `only` is the home that the client asked for, `sticky` whose request it is, for a split that keeps them on
    one model; `deadline` is by the monotonic clock. `redacted` is what a model without clearance may receive.
    """

    house: House
    route: Route
    ask: Ask
    seen: Seen
    only: Tenure | None
    sticky: str
    deadline: float
    draft: Draft
    redacted: Redacted | None = None

    def for_whom(self, deployment: Deployment) -> Redacted | None:
        """The redacted form, for a model that may not receive the request as it is."""
        return None if self.seen.label <= deployment.clearance else self.redacted

    def __repr__(self) -> str:
        """Without what is asked."""
        return f"Question({self.draft.request_id} to {self.route.name})"

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()


def make_plan(question: Question) -> Plan:
    """The choice for this question. Raises `Refused` where nobody may answer it.

    While every model is up, nothing was found and the request is short enough for all, the limits look at
    nothing but the label, the needs and the home that was asked for: a steady choice is made once for all.
    """
    house, route, ask = question.house, question.route, question.ask
    now = time.monotonic()
    down = {}
    for candidate in route.candidates:
        why = house.deployments[candidate.model].down(now)
        if why is not None:
            down[candidate.model] = why
    needs = needs_of(ask)
    if down or question.seen.found or question.redacted or ask.size_bytes > route.short_bytes:
        return Plan(decide(_facts(question, needs, down), route.rank))
    alike = (question.seen.label, needs, question.only)
    known = route.plans.get(alike)
    if known is None:
        known = Plan(decide(_facts(question, needs, down), route.rank))
        if known.choice.steady:
            route.plans[alike] = known
    return known


async def plan_in_patience(question: Question, refusal: Refused) -> Plan:
    """`make_plan` once more after its refusal, where one that could answer is being started again.

    That is waited for. Raises the refusal where nobody can be hoped for.
    """
    deployments = [question.house.deployments[c.model] for c in question.route.candidates]
    if refusal.status != 503 or not any(deployment.comes_back() for deployment in deployments):
        raise refusal
    await until_one_is_back(question, deployments)
    return make_plan(question)


async def until_one_is_back(question: Question, deployments: Sequence[Deployment]) -> None:
    """Returns once one of them can be asked, none is being started any more, or patience ends."""
    now = time.monotonic()
    until = now + min(PATIENCE_SECONDS, question.seconds_left())
    while now < until and any(deployment.comes_back() for deployment in deployments):
        await asyncio.sleep(_GLANCE_SECONDS)
        now = time.monotonic()
        if any(deployment.down(now) is None for deployment in deployments):
            return


def _facts(question: Question, needs: frozenset[str], down: Mapping[str, str]) -> Facts:
    """What the decision is made from."""
    house, route, ask = question.house, question.route, question.ask
    ttft: dict[str, float] = {}
    for candidate in route.candidates:
        deployment = house.deployments[candidate.model]
        seen = (deployment.ttft_seconds if ask.stream else deployment.answer_seconds).value
        if seen is not None:
            ttft[candidate.model] = seen
    return Facts(
        route=route.name,
        home=route.home,
        candidates=route.candidates,
        label=question.seen.label,
        private=route.private,
        needs=needs,
        input_tokens=ask.size_bytes // MOST_BYTES_PER_TOKEN,
        only_tenure=question.only,
        down=down,
        ttft_seconds=ttft,
        cost_usd=ExpectedCosts(house, route, ask),
        sticky=question.sticky,
        found=question.seen.types,
        regions=route.regions,
        own_only=house.own_only,
        redacted=None if question.redacted is None else question.redacted.label,
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
