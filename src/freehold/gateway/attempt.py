"""Asking the chosen models, one after another, until one has begun a good answer.

A plain answer is read whole and checked here, a stream up to its first event, so that what turns out broken
can still be asked elsewhere. Every byte that leaves passes `clear` and the door.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from freehold.egress import Response, Timeouts
from freehold.errors import Refused, UpstreamError
from freehold.gateway.deployment import Deployment, Within
from freehold.gateway.draft import Draft, Try
from freehold.gateway.events import EventReader
from freehold.gateway.house import House, Route
from freehold.gateway.terms import bounded, why_out, worst_usd
from freehold.privacy import Label, clear
from freehold.providers import asks_for_usage, retry_after_seconds
from freehold.routing import Choice, Removal
from freehold.wire import Ask, Content, Endpoint, Usage, read_answer, read_whole

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 8.0
# The largest plain answer that is read whole: two million tokens of text, or a large batch of embeddings.
_LONGEST_ANSWER_BYTES = 64 * 1024 * 1024
_LONGEST_ERROR_BYTES = 1024 * 1024
# What a whole answer of an endpoint must hold a list of, where it is not choices.
_HOLDS: Mapping[Endpoint, Content] = {Endpoint.EMBEDDINGS: "data", Endpoint.MODERATIONS: "results"}
_NOT_THERE = ("upstream_unreachable", "upstream_cut")
_OUTCOMES = {"upstream_timeout": "timeout", "upstream_cut": "cut"}


@dataclass(slots=True)
class Reply:
    """A good answer, or the beginning of one: `body` for a plain answer, `reader` for a stream."""

    attempt: Try
    body: bytes = b""
    usage: Usage | None = None
    upstream_model: str | None = None
    reader: EventReader | None = None


@dataclass(slots=True)
class Asking:
    """What stays the same over all attempts of one request. `deadline` is by the monotonic clock."""

    house: House
    ask: Ask
    route: Route
    draft: Draft
    label: Label
    deadline: float
    unaffordable: list[Removal] = field(default_factory=list)

    async def first_good(self, choice: Choice) -> Reply:
        """The first good answer among the candidates that the budgets allow.

        Raises the last `UpstreamError` where none gave one, `Refused` where none could be asked.
        """
        failure: UpstreamError | Refused | None = None
        for candidate in choice.order:
            deployment = self.house.deployments[candidate.model]
            refusal = self._reserve(deployment)
            if refusal is not None:
                self.unaffordable.append(Removal(candidate.model, "budget", why_out(refusal)))
                failure = failure or refusal
                continue
            try:
                return await self._with_retries(deployment)
            except UpstreamError as error:
                failure = error
                if error.final or self._left() <= 0:
                    break
        if failure is None:
            raise AssertionError("unreachable: `decide` never returns an empty order")
        raise failure

    def _reserve(self, deployment: Deployment) -> Refused | None:
        """Hold the worst case of one attempt where budgets bound the request; what they say against it."""
        hold = self.draft.hold
        if hold is None:
            return None
        left, longest = self._left(), deployment.timeouts.total_seconds
        seconds = left if longest is None else min(left, longest)
        try:
            hold.reserve(worst_usd(self.ask, self.draft, self.route, deployment, seconds), time.time())
        except Refused as refusal:
            return refusal
        return None

    async def _with_retries(self, deployment: Deployment) -> Reply:
        for number in range(deployment.retries + 1):
            try:
                return await self._once(deployment)
            except UpstreamError as error:
                pause = _pause_seconds(number, error)
                again = error.retryable and number < deployment.retries and pause < self._left()
                if not again or deployment.down(time.monotonic()) is not None:
                    raise
                failure = error
            await asyncio.sleep(pause)
            if self._reserve(deployment) is not None:
                raise failure  # what it may have cost already leaves no room for another attempt
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(self, deployment: Deployment) -> Reply:
        lease = None if deployment.slots is None else await deployment.slots.acquire(self._left())
        attempt = Try(self.draft, deployment, lease)
        try:
            if deployment.within is not None:
                return await self._within(attempt, deployment.within)
            target = deployment.locate()  # now, not before the wait for a slot: an engine may have moved
            attempt.secret = target.secret
            ask = bounded(self.ask, self.route, deployment)
            request = deployment.provider.request(
                ask, target, self._timeouts(deployment), grammar=self._grammar(deployment)
            )
            permit = attempt.permit = clear(
                self.label,
                deployment.clearance,
                target.origin.text,
                policy=self.route.policy_name,
                body=request.body,
                region=deployment.region,
            )
            response = await self.house.client.send(permit, request)
            return await self._read(attempt, response)
        except UpstreamError as error:
            if attempt.status is None and deployment.tenure == "owned" and error.code in _NOT_THERE:
                error.status = 503  # our own model is not there, or died: that is no bad gateway
            attempt.failed(error, _OUTCOMES.get(error.code, "error"), time.monotonic())
            raise
        except BaseException:
            attempt.abandoned()  # the client left, or the fault is ours: the slot is given back in any case
            raise

    async def _within(self, attempt: Try, answer: Within) -> Reply:
        """Nothing leaves, and the label is compared as at the door all the same."""
        clear(self.label, attempt.deployment.clearance, "within", policy=self.route.policy_name)
        try:
            async with asyncio.timeout(self._left()):
                body = await answer(self.ask)
        except TimeoutError:
            raise UpstreamError(
                "It took longer than the deadline.", status=504, code="upstream_timeout"
            ) from None
        model, usage = read_answer(body)
        attempt.status = 200
        return Reply(attempt, body, usage, model)

    async def _read(self, attempt: Try, response: Response) -> Reply:
        attempt.status = response.status
        if response.status != 200:
            raise await _failure(attempt.deployment, response)
        if self.ask.stream:
            return await self._read_stream(attempt, response)
        body = await response.read(_LONGEST_ANSWER_BYTES)
        try:
            model, usage = read_whole(body, _HOLDS.get(self.ask.endpoint, "choices"))
        except ValueError as error:
            raise _not_an_answer(response, f"its body is {error}") from error
        return Reply(attempt, body, usage, model)

    async def _read_stream(self, attempt: Try, response: Response) -> Reply:
        kind = response.header(b"content-type") or b""
        if not kind.startswith(b"text/event-stream"):
            response.close()
            raise _not_an_answer(response, "its content type is not text/event-stream")
        injected = asks_for_usage(self.ask, attempt.deployment.candidate.can)
        reader = EventReader(response, drops_usage=injected)
        try:
            await reader.read_first()
        except BaseException:
            response.close()
            raise
        attempt.first_token()
        return Reply(attempt, upstream_model=reader.model, reader=reader)

    def _grammar(self, deployment: Deployment) -> str | None:
        bind = self.route.grammar
        return None if bind is None or "grammar" not in deployment.candidate.can else bind(self.ask.text())

    def _timeouts(self, deployment: Deployment) -> Timeouts:
        usual, left = deployment.timeouts, self._left()
        total = left if usual.total_seconds is None else min(usual.total_seconds, left)
        return Timeouts(
            usual.connect_seconds, usual.first_byte_seconds, usual.between_bytes_seconds, max(total, 0.001)
        )

    def _left(self) -> float:
        return self.deadline - time.monotonic()


async def _failure(deployment: Deployment, response: Response) -> UpstreamError:
    try:
        body = await response.read(_LONGEST_ERROR_BYTES)
    except UpstreamError:
        body = b""  # its status alone says enough
    wait = retry_after_seconds(dict(response.headers))
    return deployment.provider.failure(response.status, wait, body)


def _not_an_answer(response: Response, why: str) -> UpstreamError:
    kind = (response.header(b"content-type") or b"no content type").decode("latin-1")
    return UpstreamError(
        f"The model's server answered {response.status} ({kind}), but {why}.", code="upstream_malformed"
    )


def _pause_seconds(number: int, error: UpstreamError) -> float:
    """Exponential backoff with full jitter on the upper half; what the upstream asks for comes first."""
    if error.retry_after is not None:
        return error.retry_after
    longest = min(_FIRST_PAUSE_SECONDS * 2.0**number, _LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter spreads load, it guards nothing
