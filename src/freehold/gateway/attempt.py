"""Asking the chosen models, one after another, until one has begun a good answer.

A plain answer is read whole and checked here, a stream up to its first event, so that what turns out broken
can still be asked elsewhere. Every byte that leaves passes `clear` and the door.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping

import msgspec

from freehold.access import Hold
from freehold.egress import Response
from freehold.errors import Refused, UpstreamError
from freehold.gateway.deployment import Deployment, Within
from freehold.gateway.draft import Try
from freehold.gateway.events import EventReader
from freehold.gateway.folded import read_folded
from freehold.gateway.house import Route
from freehold.gateway.inspector import Redacted
from freehold.gateway.plan import Question, until_one_is_back
from freehold.gateway.restoring import Reader, Restoring, RestoringReader
from freehold.gateway.slots import overloaded
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


class Reply(msgspec.Struct, eq=False):
    """A good answer, or the beginning of one: `body` for a plain answer, `reader` for a stream.

    `removed` are the candidates that no budget allowed.
    """

    attempt: Try
    body: bytes = b""
    usage: Usage | None = None
    upstream_model: str | None = None
    reader: Reader | None = None
    removed: tuple[Removal, ...] = ()

    def __repr__(self) -> str:
        """Without the answer."""
        return f"Reply({self.attempt.deployment.name})"


async def first_good(question: Question, choice: Choice) -> Reply:
    """The first good answer among the candidates that the budgets allow.

    Raises the last `UpstreamError` where none gave one, `Refused` where none could be asked.
    """
    draft = question.draft
    failure: UpstreamError | None = None
    refusal: Refused | None = None
    removed: tuple[Removal, ...] = ()
    for candidate in choice.order:
        deployment = question.house.deployments[candidate.model]
        unaffordable = None if draft.hold is None else _reserve(question, draft.hold, deployment)
        if unaffordable is not None:
            removed += (Removal(candidate.model, "budget", why_out(unaffordable)),)
            refusal = refusal or unaffordable
            continue
        for number in range(deployment.retries + 1):
            try:
                reply = await _once(question, deployment)
            except UpstreamError as error:
                failure = error
            else:
                reply.removed = removed
                return reply
            pause_seconds = _pause_seconds(number, failure)
            is_last = candidate is choice.order[-1]
            if not _again(question, deployment, number, failure, pause_seconds, is_last=is_last):
                break
            await asyncio.sleep(pause_seconds)
            if deployment.down(time.monotonic()) is not None:
                await until_one_is_back(question, (deployment,))
            if draft.hold is not None and _reserve(question, draft.hold, deployment) is not None:
                break  # what it may have cost already leaves no room for another attempt
        if failure is not None and (failure.final or question.seconds_left() <= 0):
            break
    raise failure or refusal or AssertionError("unreachable: `decide` never returns an empty order")


def _again(
    question: Question,
    deployment: Deployment,
    number: int,
    failure: UpstreamError,
    pause_seconds: float,
    *,
    is_last: bool,
) -> bool:
    """Whether the same model is asked once more. The last is waited for where it is being started again."""
    if not failure.retryable or number >= deployment.retries or pause_seconds >= question.seconds_left():
        return False
    return deployment.down(time.monotonic()) is None or (is_last and deployment.comes_back())


def _reserve(question: Question, hold: Hold, deployment: Deployment) -> Refused | None:
    """Hold the worst case of one attempt; what the budgets say against it."""
    left, longest = question.seconds_left(), deployment.timeouts.total_seconds
    seconds = left if longest is None else min(left, longest)
    try:
        hold.reserve(
            worst_usd(question.ask, question.draft, question.route, deployment, seconds), time.time()
        )
    except Refused as refusal:
        return refusal
    return None


async def _once(question: Question, deployment: Deployment) -> Reply:
    slots = deployment.slots
    lease = None if slots is None else await slots.acquire(question.seconds_left())
    most = deployment.most_requests
    if most is not None and deployment.in_flight >= most:
        raise overloaded("The model has as many requests as it takes ([models] max_requests).")
    attempt = Try(question.draft, deployment, lease)
    redacted = question.for_whom(deployment)
    try:
        if deployment.within is not None:
            return await _within(question, attempt, deployment.within)
        target = deployment.locate()  # now, not before the wait for a slot: an engine may have moved
        attempt.secret = target.secret
        ask = question.ask if redacted is None else redacted.ask
        grammar = None if question.route.grammar is None else _grammar(question.route, ask, deployment)
        if question.route.max_output_tokens is not None:
            ask = bounded(ask, question.route.max_output_tokens, deployment)
        request = deployment.provider.request(ask, target, deployment.timeouts, grammar=grammar)
        if question.draft.trace is not None:
            cleared = deployment.clearance is Label.SECRET
            request = request.carrying(question.draft.trace.headers(with_state=cleared))
        permit = clear(
            question.seen.label if redacted is None else redacted.label,
            deployment.clearance,
            target.origin.text,
            policy=question.route.policy_name,
            body=request.body,
            region=deployment.region,
            regions=question.route.regions,
        )
        question.draft.sending(attempt, permit)
        response = await question.house.client.send(permit, request, until=question.deadline)
        reply = await _read(question, attempt, response)
        return reply if redacted is None else _restored(reply, question, redacted)
    except UpstreamError as error:
        if redacted is not None:
            Restoring(redacted.way_back).failure(error)
        begun = attempt.status is not None and not _folds(question, deployment)
        if not begun and deployment.tenure == "owned" and error.code in _NOT_THERE:
            error.status = 503  # our own model is not there, or died: that is no bad gateway
        attempt.failed(error, _OUTCOMES.get(error.code, "error"), time.monotonic())
        raise
    except BaseException:
        attempt.abandoned()  # the client left, or the fault is ours: the slot is given back in any case
        raise


def _restored(reply: Reply, question: Question, redacted: Redacted) -> Reply:
    """The answer with what the pseudonyms in it stand for."""
    format_ = question.ask.value("response_format")
    in_json = isinstance(format_, dict) and format_.get("type") in ("json_schema", "json_object")
    restoring = Restoring(redacted.way_back, in_json=in_json)
    if isinstance(reply.reader, EventReader):
        reply.reader = RestoringReader(reply.reader, restoring)
    else:
        reply.body = restoring.whole(reply.body)
    return reply


async def _within(question: Question, attempt: Try, answer: Within) -> Reply:
    """Nothing leaves, and the label is compared as at the door all the same."""
    clear(question.seen.label, attempt.deployment.clearance, "within", policy=question.route.policy_name)
    try:
        async with asyncio.timeout(question.seconds_left()):
            body = await answer(question.ask)
    except TimeoutError:
        raise UpstreamError(
            "It took longer than the deadline.", status=504, code="upstream_timeout"
        ) from None
    model, usage = read_answer(body)
    attempt.status = 200
    return Reply(attempt, body, usage, model)


async def _read(question: Question, attempt: Try, response: Response) -> Reply:
    attempt.status = response.status
    if response.status != 200:
        raise await _failure(attempt.deployment, response)
    if question.ask.stream:
        return await _read_stream(question, attempt, response)
    ask = question.ask
    if _folds(question, attempt.deployment):
        body = await read_folded(response, ask.endpoint, _LONGEST_ANSWER_BYTES)
    else:
        at_hand = response.at_hand(_LONGEST_ANSWER_BYTES)
        body = await response.read(_LONGEST_ANSWER_BYTES) if at_hand is None else at_hand
    try:
        model, usage = read_whole(body, _HOLDS.get(ask.endpoint, "choices"))
    except ValueError as error:
        raise _not_an_answer(response, f"its body is {error}") from error
    return Reply(attempt, body, usage, model)


def _folds(question: Question, deployment: Deployment) -> bool:
    return deployment.provider.folds(question.ask, deployment.candidate.can)


async def _read_stream(question: Question, attempt: Try, response: Response) -> Reply:
    kind = response.header(b"content-type") or b""
    if not kind.startswith(b"text/event-stream"):
        response.close()
        raise _not_an_answer(response, "its content type is not text/event-stream")
    injected = asks_for_usage(question.ask, attempt.deployment.candidate.can)
    reader = EventReader(response, drops_usage=injected)
    try:
        await reader.read_first()
    except BaseException:
        response.close()
        raise
    attempt.first_token()
    return Reply(attempt, upstream_model=reader.model, reader=reader)


def _grammar(route: Route, ask: Ask, deployment: Deployment) -> str | None:
    """Bound to `ask` as this model gets it: a grammar repeats words of what was asked."""
    bind = route.grammar
    return None if bind is None or "grammar" not in deployment.candidate.can else bind(ask.text())


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
