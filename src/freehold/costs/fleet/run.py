"""A fleet of equal replicas under real arrivals: how long requests wait, and how many replicas are enough.

The router sends a request to the emptier of two replicas picked by chance: near to the emptiest of all and
as cheap for any size (Mitzenmacher 2001, "The power of two choices"). Does not know prices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, inf
from random import Random

from freehold.costs.fleet.replica import Job, Replica, Serving
from freehold.errors import ConfigError

Arrivals = Sequence[tuple[float, int, int]]  # seconds, input tokens, output tokens; rising in time
MOST_REPLICAS = 10_000
_SEED = 7
_LOOK_EVERY = 100  # arrivals


@dataclass(frozen=True, slots=True)
class Promise:
    """What 95 of 100 requests get; seconds."""

    ttft_p95_seconds: float
    tpot_p95_seconds: float

    def __post_init__(self) -> None:
        for name in ("ttft_p95_seconds", "tpot_p95_seconds"):
            value = getattr(self, name)
            if not 0 < value < inf:
                raise ConfigError(name, f"{value:g} cannot be", hint="give seconds above zero")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fleet of `replicas` did with all arrivals. Times in seconds; `None` where nothing had one."""

    replicas: int
    ttft_p50_seconds: float
    ttft_p95_seconds: float
    tpot_p50_seconds: float | None
    tpot_p95_seconds: float | None
    utilisation: float  # share of the replicas' time in which they computed
    output_tokens_per_second: float

    def keeps(self, promise: Promise) -> bool:
        tpot = self.tpot_p95_seconds
        return self.ttft_p95_seconds <= promise.ttft_p95_seconds and (
            tpot is None or tpot <= promise.tpot_p95_seconds
        )


def simulate(arrivals: Arrivals, serving: Serving, replicas: int) -> Outcome:
    """Serve every arrival to its end. At least one arrival and one replica."""
    jobs = [Job(at, given, made) for at, given, made in arrivals]
    fleet = [Replica(serving) for _ in range(replicas)]
    _serve(jobs, fleet)
    return _outcome(jobs, fleet)


def one_keeps(arrivals: Arrivals, serving: Serving, promise: Promise) -> bool:
    """Whether one replica keeps the promise: as `simulate` would tell, but it stops once it is broken."""
    jobs = [Job(at, given, made) for at, given, made in arrivals]
    replica = Replica(serving)
    may_wait = len(jobs) - ceil(0.95 * len(jobs))
    paced = sum(job.output_tokens > 1 for job in jobs)
    may_drag = paced - ceil(0.95 * paced)
    for number, job in enumerate(jobs, 1):
        replica.advance(job.at)
        replica.give(job)
        if number % _LOOK_EVERY == 0:
            here = jobs[:number]
            if sum(_waits(one, job.at) > promise.ttft_p95_seconds for one in here) > may_wait:
                return False
            if sum((one.tpot_seconds or 0.0) > promise.tpot_p95_seconds for one in here) > may_drag:
                return False
    replica.advance(inf)
    return _outcome(jobs, [replica]).keeps(promise)


def _waits(job: Job, now: float) -> float:
    """Its time to the first token; of one that still waits, how long it has waited until `now`."""
    return now - job.at if job.first_token_at is None else job.first_token_at - job.at


def _serve(jobs: Sequence[Job], fleet: Sequence[Replica]) -> None:
    chance = Random(_SEED).random  # noqa: S311 - a simulation's dice, the same at each run
    size = len(fleet)
    for job in jobs:
        here = int(chance() * size)
        chosen = fleet[here]
        chosen.advance(job.at)
        if size > 1:
            there = int(chance() * (size - 1))
            other = fleet[there + (there >= here)]
            other.advance(job.at)
            if other.outstanding < chosen.outstanding:
                chosen = other
        chosen.give(job)
    for replica in fleet:
        replica.advance(inf)


def _outcome(jobs: Sequence[Job], fleet: Sequence[Replica]) -> Outcome:
    waits = sorted(job.ttft_seconds for job in jobs if job.ttft_seconds is not None)
    paces = sorted(job.tpot_seconds for job in jobs if job.tpot_seconds is not None)
    span = max(replica.now for replica in fleet) - jobs[0].at
    busy = sum(replica.busy_seconds for replica in fleet)
    return Outcome(
        len(fleet),
        quantile(waits, 0.5),
        quantile(waits, 0.95),
        quantile(paces, 0.5) if paces else None,
        quantile(paces, 0.95) if paces else None,
        min(1.0, busy / (span * len(fleet))) if span > 0 else 1.0,
        sum(job.output_tokens for job in jobs) / span if span > 0 else inf,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed. `ordered` rises and is not empty."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Sized:
    """The smallest fleet that keeps the promise, and the one below it, which does not (`None` below one)."""

    enough: Outcome
    one_less: Outcome | None


def smallest(arrivals: Arrivals, serving: Serving, promise: Promise, *, guess: int = 1) -> Sized:
    """Search by doubling, then by halving.

    Raises `ConfigError` where the promise cannot be kept at all: even alone on a replica a request is slower.
    """
    return _search(lambda replicas: simulate(arrivals, serving, replicas), promise, guess)


def _search(run: Callable[[int], Outcome], promise: Promise, guess: int) -> Sized:
    tried: dict[int, Outcome] = {}

    def keeps(replicas: int) -> bool:
        if replicas not in tried:
            tried[replicas] = run(replicas)
        return tried[replicas].keeps(promise)

    high = max(1, guess)
    while not keeps(high):
        if high >= MOST_REPLICAS or _hopeless(tried, high):
            raise _impossible(tried[high], promise)
        high *= 2
    low = high // 2
    while low and keeps(low):
        high, low = low, low // 2
    while high - low > 1:
        middle = (low + high) // 2
        if keeps(middle):
            high = middle
        else:
            low = middle
    return Sized(tried[high], tried.get(low))


def _hopeless(tried: dict[int, Outcome], high: int) -> bool:
    """Twice the replicas made no request quicker: they wait for the machine, not for each other."""
    half = tried.get(high // 2)
    if half is None or high < 2:
        return False
    now = tried[high]
    same_pace = now.tpot_p95_seconds is None or (
        half.tpot_p95_seconds is not None and now.tpot_p95_seconds >= 0.999 * half.tpot_p95_seconds
    )
    return same_pace and now.ttft_p95_seconds >= 0.999 * half.ttft_p95_seconds


def _impossible(best: Outcome, promise: Promise) -> ConfigError:
    tpot = "none" if best.tpot_p95_seconds is None else f"{best.tpot_p95_seconds:.3g} s"
    return ConfigError(
        "promise",
        f"cannot be kept by any number of replicas: p95 TTFT is {best.ttft_p95_seconds:.3g} s "
        f"(promised {promise.ttft_p95_seconds:g}), p95 TPOT {tpot} (promised {promise.tpot_p95_seconds:g})",
        hint="promise less, or take a faster GPU, more GPUs a replica or a lower precision",
    )
