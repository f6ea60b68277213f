"""Counters over sealed records: one look-up and a few additions a request, by labels that we chose ourselves.

Every label is a name of the config, a word or a status of ours: nothing that a client or an upstream wrote.
Does not know how counters are shown.
"""

from __future__ import annotations

import decimal
from bisect import bisect_left
from decimal import Decimal

from freehold.gateway.draft import Draft
from freehold.ledger import Record

# The boundaries that OpenTelemetry's GenAI conventions advise (opentelemetry.io/docs/specs/semconv/gen-ai/
# gen-ai-metrics), for request durations, tokens, times to the first token and times for each further one.
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
FIRST_TOKEN_SECONDS = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0
)  # fmt: skip
NEXT_TOKEN_SECONDS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)

# No more combinations of labels than that; what comes after them is counted together, under no name.
MOST_TALLIES = 2_000

Labels = tuple[str, str | None, str | None, str | None, str | None, int, bool]
"""Endpoint, route, model, tenure, provider, status, whether simulated."""

_BEYOND: Labels = ("", None, None, None, None, 0, False)
_NOTHING = Decimal(0)
# Sums never round: what is counted is the sum of the records to the last digit.
_EXACT = decimal.Context(prec=1_000, traps=[decimal.Inexact, decimal.InvalidOperation])


class Histogram:
    """Observations by boundary: `counts[n]` are those above the boundary before and at most the nth."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total: float = 0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def add(self, other: Histogram) -> None:
        """Take in what another one of the same bounds has seen."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


class Tally:
    """Requests with the same labels. Token sums cover those whose usage is known, money those with a cost."""

    __slots__ = (
        "cached_tokens", "cost_usd", "first_token", "input_tokens", "next_token", "output_tokens",
        "reasoning_tokens", "requests", "seconds", "unknown_cost", "unknown_usage",
    )  # fmt: skip

    def __init__(self) -> None:
        self.requests = 0
        self.unknown_usage = 0
        self.unknown_cost = 0
        self.cached_tokens = 0
        self.reasoning_tokens = 0
        self.cost_usd = _NOTHING
        self.seconds = Histogram(SECONDS)
        self.input_tokens = Histogram(TOKENS)
        self.output_tokens = Histogram(TOKENS)
        self.first_token: Histogram | None = None
        self.next_token: Histogram | None = None


class Counters:
    """Lives as long as the process: a reload keeps what was counted. `observe` runs for every request."""

    def __init__(self) -> None:
        self.tallies: dict[Labels, Tally] = {}
        self.attempts: dict[tuple[str, str], int] = {}
        self.refusals: dict[str, int] = {}

    def observe(self, record: Record, draft: Draft) -> None:
        """Count a record that was sealed; the draft tells the code of an error."""
        labels = (
            record.endpoint,
            record.route,
            record.model,
            record.tenure,
            record.provider,
            record.status,
            record.simulated,
        )
        tally = self.tallies.get(labels)
        if tally is None:
            tally = self._begin(labels)
        tally.requests += 1
        tally.seconds.observe(record.seconds)
        usage = record.usage
        if usage is None:
            tally.unknown_usage += 1
        else:
            tally.input_tokens.observe(usage.input_tokens)
            tally.output_tokens.observe(usage.output_tokens)
            if usage.cached_tokens:
                tally.cached_tokens += usage.cached_tokens
            if usage.reasoning_tokens:
                tally.reasoning_tokens += usage.reasoning_tokens
        cost = record.cost_usd
        if cost is None:
            tally.unknown_cost += 1
        elif cost:
            tally.cost_usd = _EXACT.add(tally.cost_usd, cost)
        if record.ttft_seconds is not None:
            _observe_pace(tally, record, record.ttft_seconds)
        for attempt in record.attempts:
            asked = (attempt.model, attempt.outcome)
            self.attempts[asked] = self.attempts.get(asked, 0) + 1

        if draft.code is not None:
            self._refuse(draft.code)

    def _refuse(self, name: str) -> None:
        if name not in self.refusals and len(self.refusals) >= MOST_TALLIES:
            name = "other"
        self.refusals[name] = self.refusals.get(name, 0) + 1

    def _begin(self, labels: Labels) -> Tally:
        if len(self.tallies) >= MOST_TALLIES:
            labels = _BEYOND
        return self.tallies.setdefault(labels, Tally())


def _observe_pace(tally: Tally, record: Record, ttft_seconds: float) -> None:
    if tally.first_token is None or tally.next_token is None:
        tally.first_token, tally.next_token = Histogram(FIRST_TOKEN_SECONDS), Histogram(NEXT_TOKEN_SECONDS)
    tally.first_token.observe(ttft_seconds)
    usage = record.usage
    if usage is not None and usage.output_tokens > 1:
        tally.next_token.observe((record.seconds - ttft_seconds) / (usage.output_tokens - 1))
