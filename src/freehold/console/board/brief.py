"""What a report is about: the decision, what was simulated and measured for it, and how to ask it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from freehold.costs.decide import Decision, Way
from freehold.costs.fleet import Promise


@dataclass(frozen=True, slots=True)
class Measured:
    """Traffic that came, and for how long. `requests` and `usd` are `None` where the source does not tell.

    `simulated` of the requests were answered by a sandbox; `has_arrivals`: their times are known.
    """

    source: str
    requests: int | None
    days: float
    usd: Decimal | None
    has_arrivals: bool
    simulated: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """`fleets`: with real arrivals each has what it, and one replica less, did with them.

    `usd_in_trace`: the exact sum over the trace's rows by rented model. `command` asks the same again.
    """

    decision: Decision
    promise: Promise
    at: datetime
    command: str
    made_by: str
    title: str = "Rent or own"
    measured: Measured | None = None
    fleets: Sequence[Way] = ()
    usd_in_trace: Mapping[str, Decimal] = field(default_factory=dict)
