"""Counters over sealed records, by labels that we chose ourselves.

Records wait until there are some, or somebody looks: added up together, by functions written in C, one costs
a third of what it costs alone. Every label is a name of the config, a word or a status of ours: nothing that
a client or an upstream wrote. Does not know how counters are shown.
"""

from __future__ import annotations

import decimal
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial, reduce
from operator import attrgetter

from freehold.gateway.draft import Draft
from freehold.ledger import Attempt, Record

# The boundaries that OpenTelemetry's GenAI conventions advise (opentelemetry.io/docs/specs/semconv/gen-ai/
# gen-ai-metrics), for request durations, tokens, times to the first token and times for each further one.
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
FIRST_TOKEN_SECONDS = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0
)  # fmt: skip
NEXT_TOKEN_SECONDS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)

# Records that wait to be counted; they hold no prompt.
_MOST_WAITING = 128

# No more combinations of labels than that; what comes after them is counted together, under no name.
MOST_TALLIES = 2_000

Labels = tuple[str, str | None, str | None, str | None, str | None, int, bool]
"""Endpoint, route, model, tenure, provider, status, whether simulated."""

_labels_of = attrgetter("endpoint", "route", "model", "tenure", "provider", "status", "simulated")
_attempt_of = attrgetter("model", "outcome")
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

    def observe(self, values: Sequence[float]) -> None:
        counts = self.counts
        for place, count in Counter(map(partial(bisect_left, self.bounds), values)).items():
            counts[place] += count
        self.total = sum(values, self.total)

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

    def add(self, records: Sequence[Record]) -> None:
        """Count records of these labels."""
        self.requests += len(records)
        self.seconds.observe([record.seconds for record in records])
        usages = [record.usage for record in records if record.usage is not None]
        self.unknown_usage += len(records) - len(usages)
        self.input_tokens.observe([usage.input_tokens for usage in usages])
        self.output_tokens.observe([usage.output_tokens for usage in usages])
        self.cached_tokens += sum(usage.cached_tokens or 0 for usage in usages)
        self.reasoning_tokens += sum(usage.reasoning_tokens or 0 for usage in usages)
        costs = [record.cost_usd for record in records if record.cost_usd is not None]
        self.unknown_cost += len(records) - len(costs)
        self.cost_usd = reduce(_EXACT.add, costs, self.cost_usd)
        streams = [record for record in records if record.ttft_seconds is not None]
        if streams:
            self._add_pace(streams)

    def _add_pace(self, streams: Iterable[Record]) -> None:
        if self.first_token is None or self.next_token is None:
            self.first_token, self.next_token = Histogram(FIRST_TOKEN_SECONDS), Histogram(NEXT_TOKEN_SECONDS)
        first, following = [], []
        for record in streams:
            ttft_seconds, usage = record.ttft_seconds, record.usage
            if ttft_seconds is None:
                continue
            first.append(ttft_seconds)
            if usage is not None and usage.output_tokens > 1:
                following.append((record.seconds - ttft_seconds) / (usage.output_tokens - 1))
        self.first_token.observe(first)
        self.next_token.observe(following)


class Counters:
    """Lives as long as the process: a reload keeps what was counted. `observe` runs for every request."""

    def __init__(self) -> None:
        self._tallies: dict[Labels, Tally] = {}
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._refusals: dict[str, int] = {}
        self._waiting: list[Record] = []

    def observe(self, record: Record, draft: Draft) -> None:
        """Count a record that was sealed; the draft tells the code of an error."""
        if draft.code is not None:
            self._refuse(draft.code)
        self._waiting.append(record)
        if len(self._waiting) >= _MOST_WAITING:
            self._count()

    @property
    def tallies(self) -> dict[Labels, Tally]:
        """By labels, of all that was observed so far."""
        self._count()
        return self._tallies

    @property
    def attempts(self) -> dict[tuple[str, str], int]:
        """By model and outcome."""
        self._count()
        return self._attempts

    @property
    def refusals(self) -> dict[str, int]:
        """By code."""
        return self._refusals

    def _count(self) -> None:
        records, self._waiting = self._waiting, []
        heaps: defaultdict[Labels, list[Record]] = defaultdict(list)
        attempts: list[Attempt] = []
        for record in records:
            heaps[_labels_of(record)].append(record)
            attempts += record.attempts
        self._attempts.update(map(_attempt_of, attempts))
        for labels, heap in heaps.items():
            tally = self._tallies.get(labels)
            if tally is None:
                tally = self._begin(labels)
            tally.add(heap)

    def _refuse(self, name: str) -> None:
        if name not in self._refusals and len(self._refusals) >= MOST_TALLIES:
            name = "other"
        self._refusals[name] = self._refusals.get(name, 0) + 1

    def _begin(self, labels: Labels) -> Tally:
        if len(self._tallies) >= MOST_TALLIES:
            labels = _BEYOND
        return self._tallies.setdefault(labels, Tally())
