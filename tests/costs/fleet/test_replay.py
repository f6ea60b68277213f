"""A fleet against an outside replay: token by token, each request by itself, no code of the product in it."""

from __future__ import annotations

from random import Random

import pytest

from freehold.costs.fleet import Promise, Serving, simulate, smallest

BATCH, CHUNK, CACHE = 48, 1024, 60_000
PROMISE = Promise(1.0, 0.06)


def seconds(prompt: float, running: float, cached: float) -> float:
    return 0.008 + 0.00015 * prompt + 0.0006 * running + 8e-8 * cached


class Server:
    """Continuous batching as its papers tell it: one list of requests in, one token for each a turn."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.queue: list[dict[str, float]] = []
        self.batch: list[dict[str, float]] = []

    def load(self) -> int:
        return len(self.queue) + len(self.batch)

    def until(self, end: float) -> None:
        while self.load() and self.clock < end:
            self.turn()
        if not self.load():
            self.clock = max(self.clock, min(end, 1e18))

    def turn(self) -> None:
        while self.queue and len(self.batch) < BATCH:
            held = sum(one["input"] + one["output"] for one in self.batch)
            if self.batch and held + self.queue[0]["input"] + self.queue[0]["output"] > CACHE:
                break
            self.batch.append(self.queue.pop(0))
        decoding = [one for one in self.batch if one["made"] > 0]
        room = CHUNK - len(decoding)
        computed = 0.0
        for one in self.batch:
            if one["made"] == 0:
                part = min(one["input"] - one["seen"], room - computed)
                one["seen"] += part
                computed += part
        cached = sum(one["seen"] + one["made"] for one in self.batch)
        self.clock += seconds(computed, len(decoding), cached)
        for one in self.batch:
            if one["made"] > 0:
                one["made"] += 1
            elif one["seen"] >= one["input"]:
                one["made"], one["first"] = 1, self.clock
        for one in self.batch:
            if one["made"] >= one["output"]:
                one["end"] = self.clock
        self.batch = [one for one in self.batch if one["made"] < one["output"]]


def replay(trace: list[tuple[float, int, int]], servers: int) -> tuple[float, float]:
    """p95 of the time to the first token, and of the time for each further one; to the emptiest server."""
    fleet = [Server() for _ in range(servers)]
    asked = [
        {"at": at, "input": float(given), "output": float(made), "seen": 0.0, "made": 0.0}
        for at, given, made in trace
    ]
    for one in asked:
        for server in fleet:
            server.until(one["at"])
        min(fleet, key=Server.load).queue.append(one)
    for server in fleet:
        server.until(float("inf"))
    waits = sorted(one["first"] - one["at"] for one in asked)
    paces = sorted((one["end"] - one["first"]) / (one["output"] - 1) for one in asked if one["output"] > 1)
    return waits[int(0.95 * len(waits))], paces[int(0.95 * len(paces))]


def bursty(seed: int, rate: float) -> list[tuple[float, int, int]]:
    """Quiet and busy minutes by turns, as a day has them in small; lengths with a long tail."""
    random, at, found = Random(seed), 0.0, []  # noqa: S311 - a trace for a test
    while at < 90:
        busy = 2.5 if int(at / 15) % 3 == 1 else 0.5
        at += random.expovariate(rate * busy)
        given = min(4000, max(5, round(random.lognormvariate(5.6, 0.8))))
        found.append((at, given, min(800, max(2, round(random.lognormvariate(4.2, 0.7))))))
    return found


@pytest.mark.parametrize(("seed", "rate"), [(1, 6.0), (2, 14.0), (3, 25.0)])
def test_the_sized_fleet_keeps_its_promise_in_an_outside_replay_too(seed: int, rate: float) -> None:
    trace = bursty(seed, rate)
    serving = Serving(seconds, CACHE, BATCH, CHUNK)
    sized = smallest(trace, serving, PROMISE)
    ttft, tpot = replay(trace, sized.enough.replicas)
    assert ttft <= 2 * PROMISE.ttft_p95_seconds
    assert tpot <= 2 * PROMISE.tpot_p95_seconds
    assert ttft / 2 <= sized.enough.ttft_p95_seconds <= 2 * ttft
    assert sized.enough.tpot_p95_seconds is not None
    assert tpot / 2 <= sized.enough.tpot_p95_seconds <= 2 * tpot
    if sized.one_less is not None:
        less, _ = replay(trace, sized.one_less.replicas)
        assert less / 2 <= sized.one_less.ttft_p95_seconds <= 2 * less
    fewest = next(n for n in range(1, 60) if _keeps(replay(trace, n)))
    assert sized.enough.replicas <= 3 * fewest


def _keeps(told: tuple[float, float]) -> bool:
    return told[0] <= PROMISE.ttft_p95_seconds and told[1] <= PROMISE.tpot_p95_seconds


def test_the_same_volume_spread_evenly_needs_no_more() -> None:
    trace = bursty(2, 14.0)
    span = trace[-1][0]
    even = [(number * span / len(trace), given, made) for number, (_, given, made) in enumerate(trace)]
    serving = Serving(seconds, CACHE, BATCH, CHUNK)
    few = smallest(even, serving, PROMISE).enough.replicas
    many = smallest(trace, serving, PROMISE).enough.replicas
    assert few < many
    assert not simulate(trace, serving, few).keeps(PROMISE)
