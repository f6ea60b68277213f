"""A run over all levels: warm up, then so many at a time, bounded in number and in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from freehold.egress import Client
from freehold.engine.bench.asking import Sample, ask
from freehold.engine.bench.endpoint import Endpoint
from freehold.engine.bench.plan import Plan, prompt
from freehold.engine.bench.summary import Level, summarise
from freehold.errors import FreeholdError

Told = Callable[[Level], None]

_OTHER_LIMIT = "max_completion_tokens"


@dataclass(frozen=True, slots=True)
class _Course:
    """One run: whom to ask, what, and how many words make a prompt of the right length."""

    client: Client
    endpoint: Endpoint
    plan: Plan
    words: int

    async def ask(self, number: int, seconds: float) -> Sample:
        text = prompt(number, self.words)
        return await ask(self.client, self.endpoint, text, self.plan.output_tokens, seconds)


async def measure(
    endpoint: Endpoint, plan: Plan, tell: Told, client: Client | None = None
) -> tuple[Level, ...]:
    """The figures of every level, each told when it is there. Closes the client.

    Raises FreeholdError where the first question is not answered: then there is nothing to measure.
    """
    client = client or Client()
    try:
        course = await _warmed_up(client, endpoint, plan)
        levels = []
        number = 1
        for concurrency in plan.concurrency:
            levels.append(await _level(course, concurrency, number))
            tell(levels[-1])
            number += max(plan.requests, concurrency)
        return tuple(levels)
    finally:
        await client.close()


async def _warmed_up(client: Client, endpoint: Endpoint, plan: Plan) -> _Course:
    """Ask once, for no figure: connections open, weights come in, and the length of a prompt is found out."""
    course = _Course(client, endpoint, plan, words=plan.input_tokens)
    sample = await course.ask(0, plan.seconds)
    if sample.error is not None and _OTHER_LIMIT in sample.error:
        course = replace(course, endpoint=replace(endpoint, limit_key=_OTHER_LIMIT))
        sample = await course.ask(0, plan.seconds)
    if sample.error is not None:
        raise FreeholdError(
            f"{endpoint.url} does not answer as {endpoint.model}: {sample.error}",
            hint="check the model's name, the key, and that it speaks chat completions",
        )
    if not sample.input_tokens:
        return course
    words = max(1, round(plan.input_tokens * plan.input_tokens / sample.input_tokens))
    return replace(course, words=words)


async def _level(course: _Course, concurrency: int, first: int) -> Level:
    """`concurrency` askers who each ask the next question as soon as they have their answer."""
    numbers = iter(range(first, first + max(course.plan.requests, concurrency)))
    samples: list[Sample] = []
    began = time.perf_counter()
    until = began + course.plan.seconds

    async def asker() -> None:
        for number in numbers:
            left = until - time.perf_counter()
            if left <= 0:
                return
            samples.append(await course.ask(number, course.plan.seconds))

    askers = [asyncio.create_task(asker()) for _ in range(concurrency)]
    try:
        done, unfinished = await asyncio.wait(askers, timeout=course.plan.seconds)
    finally:
        for task in askers:
            task.cancel()
        await asyncio.gather(*askers, return_exceptions=True)
    for task in done:
        task.result()  # raises what nobody foresaw
    return summarise(concurrency, samples, time.perf_counter() - began, unfinished=len(unfinished))
