"""The ways of owning a model: GPUs of one kind, one to eight a replica, each simulated under the promise.

The capacity model says how long an iteration takes, the simulation what that makes of the arrivals; the
capacity's 80 % interval becomes the replica's. Does not know prices of APIs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.costs.capacity import Capacity, Constants, Facts, predict
from freehold.costs.capacity import Question as CapacityQuestion
from freehold.costs.decide.owned import Owned, Tenancy
from freehold.costs.decide.spread import Spread
from freehold.costs.decide.traffic import Traffic
from freehold.costs.fleet import Arrivals, Lengths, Outcome, Promise, Serving, goodput_rps, smallest
from freehold.errors import ConfigError, FreeholdError

_REPLICA_GPUS = (1, 2, 4, 8)  # one machine: wider replicas would cross the network in every layer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to own, for how much an hour, and what it has to keep."""

    model: str
    precision: str
    gpu: str
    gpu_usd_per_hour: Spread
    promise: Promise
    tenancy: Tenancy = "on-demand"


@dataclass(frozen=True, slots=True)
class Way:
    """A fleet that keeps the promise. With real arrivals: what it did with them, and what one less did."""

    owned: Owned
    enough: Outcome | None = None
    one_less: Outcome | None = None


def ways(
    wanted: Wanted, traffic: Traffic, arrivals: Arrivals | None, facts: Facts, constants: Constants
) -> list[Way]:
    """Every size of replica that holds the model and keeps the promise.

    Raises `ConfigError` where none does, with what came nearest.
    """
    found: list[Way] = []
    failed: FreeholdError | None = None
    for gpus in _REPLICA_GPUS:
        try:
            capacity = predict(_question(wanted, traffic, gpus), facts, constants)
            found.append(_way(wanted, traffic, arrivals, capacity))
        except FreeholdError as error:
            failed = error
    if found:
        return found
    if failed is None:
        raise ConfigError("own", f"{wanted.model} cannot be owned")
    raise ConfigError("own", failed.message, hint=failed.hint)


def _question(wanted: Wanted, traffic: Traffic, gpus: int) -> CapacityQuestion:
    return CapacityQuestion(
        model=wanted.model,
        precision=wanted.precision,
        gpu=wanted.gpu,
        gpu_count=gpus,
        input_len=max(1, round(traffic.input_tokens)),
        output_len=max(1, round(traffic.output_tokens)),
        tp=gpus,
        pp=1,
    )


def _way(wanted: Wanted, traffic: Traffic, arrivals: Arrivals | None, capacity: Capacity) -> Way:
    peak = traffic.requests_per_second * traffic.peak_to_mean
    if arrivals is None:
        lengths = Lengths(float(traffic.input_tokens), float(traffic.output_tokens))
        return Way(_owned(wanted, capacity, _goodput(capacity, lengths, wanted.promise)))
    # Real arrivals: the fleet is what was counted, so a replica's share of the peak is what it can serve.
    sized = [smallest(arrivals, one, wanted.promise) for one in _servings(capacity)]
    shares = sorted(peak / one.enough.replicas for one in sized)
    return Way(_owned(wanted, capacity, Spread(*shares)), sized[1].enough, sized[1].one_less)


def _goodput(capacity: Capacity, lengths: Lengths, promise: Promise) -> Spread:
    """A replica that is slower by some factor serves about so much less: the search begins there."""
    slow, usual, fast = _servings(capacity)
    told = capacity.output_tokens_per_s
    middle = goodput_rps(usual, lengths, promise)
    low = goodput_rps(slow, lengths, promise, middle * told.p10 / told.p50)
    high = goodput_rps(fast, lengths, promise, middle * told.p90 / told.p50)
    return Spread(min(low, middle), middle, max(middle, high))


def _servings(capacity: Capacity) -> Iterator[Serving]:
    """The replica as slow as its p10, as its p50 and as fast as its p90 of tokens a second."""
    replica, told = capacity.replica, capacity.output_tokens_per_s
    for quantile in (told.p10, told.p50, told.p90):
        slower = told.p50 / quantile

        def step_seconds(prompt: int, running: int, cached: float, slower: float = slower) -> float:
            return slower * replica.times.seconds(prompt, running, cached)

        yield Serving(step_seconds, int(replica.cache_tokens), int(replica.most_sequences))


def _owned(wanted: Wanted, capacity: Capacity, goodput: Spread) -> Owned:
    return Owned(
        wanted.model,
        wanted.precision,
        capacity.deployment.gpu.name,
        capacity.deployment.gpus,
        goodput,
        wanted.gpu_usd_per_hour,
        wanted.tenancy,
        (*capacity.notes, *capacity.outside),
    )
