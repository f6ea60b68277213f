"""One model as this process runs it: where it is, how it is doing, what it costs. Knows no routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal

from freehold.costs import Price, cost, slot_cost
from freehold.egress import Timeouts
from freehold.gateway.circuit import Circuit
from freehold.gateway.slots import Slots
from freehold.privacy import Label
from freehold.providers import Provider, Target
from freehold.routing import Candidate, Tenure
from freehold.wire import Ask, Usage

Within = Callable[[Ask], Awaitable[bytes]]
"""Answers within this process. Raises `UpstreamError`."""

# How fast an average forgets: the latest answer counts a fifth, so that five bad ones are seen.
_NEWEST_SHARE = 0.2


class Average:
    """An exponentially weighted mean of what was observed; `None` before the first observation."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: float | None = None

    def observe(self, sample: float) -> None:
        old = self.value
        self.value = sample if old is None else old + _NEWEST_SHARE * (sample - old)


@dataclass(slots=True, eq=False)
class Deployment:
    """A model of the config, running.

    `locate` yields where to ask now (an engine's address changes when it restarts), `why_down` why it cannot
    be asked at all. `ttft_seconds` is observed on streams, `answer_seconds` on plain answers, whose first
    byte comes when all are there. `hourly_cost_usd` belongs to owned models,
    `price` to rented ones; `None` is unknown. `region` is where the config says that it stands. Where there
    is a `within`, it answers, and no connection is made. `most_requests` bounds what is in flight where there
    are no slots, which bound their queue themselves. `comes_back` tells whether one that is down
    is being started again this moment. `added_input_tokens` is the most by which an answer
    reported more input than its request had bytes.
    """

    name: str
    provider_name: str
    provider: Provider
    candidate: Candidate
    locate: Callable[[], Target]
    why_down: Callable[[], str | None]
    timeouts: Timeouts
    retries: int
    circuit: Circuit
    price: Price | None = None
    region: str | None = None
    batch: bool = False
    hourly_cost_usd: Decimal | None = None
    slots: Slots | None = None
    within: Within | None = None
    most_requests: int | None = None
    comes_back: Callable[[], bool] = bool  # never, unless somebody restarts it
    in_flight: int = 0
    added_input_tokens: int = 0
    ttft_seconds: Average = field(default_factory=Average)
    answer_seconds: Average = field(default_factory=Average)
    slot_seconds: Average = field(default_factory=Average)
    output_tokens: Average = field(default_factory=Average)
    tenure: Tenure = field(init=False)
    clearance: Label = field(init=False)

    def __post_init__(self) -> None:
        self.tenure = self.candidate.tenure
        self.clearance = self.candidate.clearance

    def down(self, now: float) -> str | None:
        """Why it should not be asked now, in words that follow its name."""
        if self.circuit.open_until is None:
            return self.why_down()
        return self.why_down() or self.circuit.why_not(now)

    def cost_usd(self, usage: Usage | None, slot_microseconds: int) -> Decimal | None:
        """What one answer cost: rented by the token, owned by the slot-second. `None` is unknown."""
        if self.slots is None:
            return cost(usage, self.price, batch=self.batch)
        if self.hourly_cost_usd is None:
            return None
        return slot_cost(slot_microseconds, self.slots.count, self.hourly_cost_usd)

    def expected_cost_usd(self, input_tokens: int, output_tokens: int | None) -> Decimal | None:
        """What one more answer would cost, from what was seen; `None` where nothing tells."""
        if self.slots is not None:
            seen = self.slot_seconds.value
            return None if seen is None else self.cost_usd(None, round(seen * 1_000_000))
        seen = self.output_tokens.value
        expected = output_tokens if seen is None else round(seen)
        return None if expected is None else self.cost_usd(Usage(input_tokens, expected), 0)
