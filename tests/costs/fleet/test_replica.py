"""The strides of a replica, against a walk that takes every iteration by itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.costs.fleet import Job, Replica, Serving, simulate


def step_seconds(prompt: int, running: int, cached: float) -> float:
    return 0.01 + 0.0001 * prompt + 0.0005 * running + 1e-7 * cached


@dataclass
class Walked:
    job: Job
    left: int
    made: int = 0


class Walk:
    """The same engine, token by token, written without any shortcut."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.waiting, self.prompts, self.running = deque[Job](), deque[Walked](), list[Walked]()
        self.now, self.cached, self.reserved = 0.0, 0, 0

    def serve(self, jobs: list[Job]) -> None:
        todo = deque(jobs)
        while todo or self.busy:
            if not self.busy:
                self.now = max(self.now, todo[0].at)
            while todo and todo[0].at <= self.now:
                self.waiting.append(todo.popleft())
            self.admit()
            self.iterate()

    @property
    def busy(self) -> bool:
        return bool(self.waiting or self.prompts or self.running)

    def admit(self) -> None:
        while self.waiting and len(self.prompts) + len(self.running) < self.serving.most_requests:
            needs = self.waiting[0].input_tokens + self.waiting[0].output_tokens
            if self.reserved + needs > self.serving.cache_tokens and (self.prompts or self.running):
                break
            self.reserved += needs
            job = self.waiting.popleft()
            self.prompts.append(Walked(job, max(1, job.input_tokens)))

    def iterate(self) -> None:
        budget = max(1, self.serving.chunk_tokens - len(self.running)) if self.prompts else 0
        computed = 0
        for walked in self.prompts:
            part = min(walked.left, budget - computed)
            walked.left -= part
            computed += part
        self.now += step_seconds(computed, len(self.running), self.cached)
        self.cached += computed + len(self.running)
        for walked in self.running:
            walked.made += 1
        while self.prompts and not self.prompts[0].left:
            walked = self.prompts.popleft()
            walked.job.first_token_at = self.now
            walked.made = 1
            self.running.append(walked)
        for walked in [one for one in self.running if one.made >= one.job.output_tokens]:
            self.running.remove(walked)
            walked.job.done_at = self.now
            self.reserved -= walked.job.input_tokens + walked.job.output_tokens
            self.cached -= walked.job.input_tokens + walked.job.output_tokens


requests = st.lists(
    st.tuples(st.floats(0, 3), st.integers(1, 300), st.integers(1, 60)), min_size=1, max_size=25
).map(sorted)


@given(requests, st.integers(200, 3000), st.integers(1, 8), st.integers(16, 256))
def test_a_stride_ends_where_a_walk_through_every_iteration_ends(
    arrivals: list[tuple[float, int, int]], cache: int, most: int, chunk: int
) -> None:
    serving = Serving(step_seconds, cache, most, chunk)
    walked = [Job(*arrival) for arrival in arrivals]
    Walk(serving).serve(walked)
    strode = [Job(*arrival) for arrival in arrivals]
    replica = Replica(serving)
    for job in strode:
        replica.advance(job.at)
        replica.give(job)
    replica.advance(float("inf"))
    for one, other in zip(walked, strode, strict=True):
        assert other.first_token_at == pytest.approx(one.first_token_at, rel=1e-3)
        assert other.done_at == pytest.approx(one.done_at, rel=1e-3)


@given(requests)
def test_every_request_is_served_whole_and_in_time_order(arrivals: list[tuple[float, int, int]]) -> None:
    outcome = simulate(arrivals, Serving(step_seconds, 2000, 4, 64), 2)
    assert outcome.ttft_p95_seconds >= outcome.ttft_p50_seconds > 0
    assert 0 < outcome.utilisation <= 1


def test_a_request_larger_than_the_cache_runs_alone_rather_than_never() -> None:
    outcome = simulate([(0.0, 500, 10), (0.0, 10, 10)], Serving(step_seconds, 100), 1)
    assert outcome.ttft_p95_seconds < 1
