"""One replica of an owned model under continuous batching, iteration by iteration. Does not know prices.

Each iteration of the engine makes one token for every running request and, in what is left of its token
budget, computes prompts in chunks (chunked prefill, Agrawal et al. 2024, https://arxiv.org/abs/2403.02310).
Iterations between two changes of the batch are alike but for their growing cache, so they are taken in one
stride: the cost of a day is counted in requests, not in tokens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

# (prompt tokens computed, requests that make a token, tokens in the cache) -> seconds of one iteration
StepSeconds = Callable[[int, int, float], float]


@dataclass(frozen=True, slots=True)
class Serving:
    """What a replica can do.

    `cache_tokens` is how many tokens its KV cache holds, `most_requests` how many run at once, `chunk_tokens`
    the budget of one iteration (vLLM's `max_num_batched_tokens`).
    """

    step_seconds: StepSeconds
    cache_tokens: int
    most_requests: int = 256
    chunk_tokens: int = 2048


@dataclass(slots=True)
class Job:
    """A request on its way. Times are seconds from the trace's beginning; `None` = not yet."""

    at: float
    input_tokens: int
    output_tokens: int
    left: int = field(init=False)  # prompt tokens still to compute
    first_token_at: float | None = None
    done_at: float | None = None

    def __post_init__(self) -> None:
        self.left = max(1, self.input_tokens)

    @property
    def ttft_seconds(self) -> float | None:
        return None if self.first_token_at is None else self.first_token_at - self.at

    @property
    def tpot_seconds(self) -> float | None:
        """Per token after the first; `None` where there is none."""
        if self.done_at is None or self.first_token_at is None or self.output_tokens < 2:
            return None
        return (self.done_at - self.first_token_at) / (self.output_tokens - 1)


class Replica:
    """Serves its jobs first come, first served; a job waits until the cache has room for all of it."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.now = 0.0
        self.busy_seconds = 0.0
        self._waiting: deque[Job] = deque()
        self._prompts: deque[Job] = deque()  # admitted, their prompts not yet computed
        self._ends: list[tuple[int, int, Job]] = []  # by the iteration in which they end
        self._iteration = 0
        self._number = 0
        self._reserved = 0  # tokens of the cache that admitted jobs will need at most
        self._cached = 0.0  # tokens that are in it now

    @property
    def outstanding(self) -> int:
        """Jobs that are here and not done."""
        return len(self._waiting) + len(self._prompts) + len(self._ends)

    def give(self, job: Job) -> None:
        """A job arrives at `job.at`; the replica has been advanced to that time."""
        if not self.outstanding:
            self.now = max(self.now, job.at)
        self._waiting.append(job)

    def advance(self, until: float) -> None:
        """Run iterations that begin before `until` (seconds; infinity = until nothing is left)."""
        while self.now < until and (self._ends or self._prompts or self._waiting):
            self._admit()
            if self._prompts:
                self._mixed_iteration()
            else:
                self._stride(until)

    def _admit(self) -> None:
        serving = self._serving
        while self._waiting and len(self._ends) + len(self._prompts) < serving.most_requests:
            needs = self._waiting[0].input_tokens + self._waiting[0].output_tokens
            if self._reserved + needs > serving.cache_tokens and (self._ends or self._prompts):
                return  # one that is larger than the whole cache runs alone: the engine would evict for it
            self._reserved += needs
            self._prompts.append(self._waiting.popleft())

    def _mixed_iteration(self) -> None:
        """One iteration: a token for all that run, and as much of the prompts as the budget leaves."""
        running = len(self._ends)
        room = max(1, self._serving.chunk_tokens - running)
        computed, finished = 0, 0
        for job in self._prompts:
            part = min(job.left, room - computed)
            job.left -= part
            computed += part
            if job.left:
                break
            finished += 1
        self._spend(self._serving.step_seconds(computed, running, self._cached), 1)
        self._cached += running + computed
        self._end_due()
        for _ in range(finished):
            self._first_token(self._prompts.popleft())

    def _first_token(self, job: Job) -> None:
        """The iteration that computes a prompt's end also makes the first token."""
        job.first_token_at = self.now
        self._number += 1
        if job.output_tokens < 2:
            self._finish(job)
            return
        heappush(self._ends, (self._iteration + job.output_tokens - 1, self._number, job))

    def _stride(self, until: float) -> None:
        """Iterations without prompts, until one ends a request or `until` is reached."""
        running = len(self._ends)
        to_end = self._ends[0][0] - self._iteration
        seconds = self._serving.step_seconds(0, running, self._cached)
        steps = to_end
        if until - self.now < to_end * seconds:
            steps = max(1, min(to_end, int((until - self.now) / seconds) + 1))
        if steps > 1:  # the cache grows by `running` each time: its mean over the stride
            seconds = self._serving.step_seconds(0, running, self._cached + running * (steps - 1) / 2)
        self._spend(seconds * steps, steps)
        self._cached += running * steps
        self._end_due()

    def _spend(self, seconds: float, steps: int) -> None:
        self.now += seconds
        self.busy_seconds += seconds
        self._iteration += steps

    def _end_due(self) -> None:
        while self._ends and self._ends[0][0] <= self._iteration:
            self._finish(heappop(self._ends)[2])

    def _finish(self, job: Job) -> None:
        job.done_at = self.now
        self._reserved -= job.input_tokens + job.output_tokens
        self._cached -= job.input_tokens + job.output_tokens
