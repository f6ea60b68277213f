"""The record in the making: filled along the path, sealed exactly once. Knows no HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from freehold.access import Admission, Hold
from freehold.errors import UpstreamError
from freehold.gateway.deployment import Deployment
from freehold.gateway.inspector import Seen
from freehold.gateway.slots import Lease
from freehold.gateway.trace import Trace
from freehold.ledger import Attempt, Ledger, Record, Sent, Spotted, Underway
from freehold.privacy import Label, Permit
from freehold.wire import Usage

Observer = Callable[[Record, "Draft"], None]
"""Told of each record once it is safe. Costs every request what it costs, and must not raise."""

_FREE = Decimal(0)


class Draft(msgspec.Struct, eq=False):
    """One request as it will stand in the ledger. `started` is monotonic; attempts are over."""

    ledger: Ledger
    request_id: str
    endpoint: str
    at: float
    started: float
    observers: Sequence[Observer] = ()
    route: str | None = None
    key: str | None = None
    label: Label | None = None
    found: dict[str, int] | None = None
    spans: tuple[Spotted, ...] | None = None
    subject: str | None = None
    conversation: str | None = None
    stream: bool = False
    simulated: bool = False
    answered_by: Deployment | None = None
    upstream_model: str | None = None
    usage: Usage | None = None
    ttft_seconds: float | None = None
    reason: str = ""
    code: str | None = None
    prompt: bytes | None = None
    admission: Admission | None = None
    hold: Hold | None = None
    text_bytes: int | None = None
    attempts: tuple[Attempt, ...] = ()
    cost_usd: Decimal | None = _FREE
    slot_microseconds: int | None = None
    sealed: bool = False
    slot: int | None = None  # where it is written down that something left
    trace: Trace | None = None
    failures: tuple[tuple[str, str], ...] = ()  # model and what a client may be told, in their order

    def __repr__(self) -> str:
        """Without the prompt."""
        return f"Draft({self.request_id})"

    def saw(self, seen: Seen) -> None:
        """How private it is. A label that nobody looked for stays unknown."""
        if seen.known:
            self.label = seen.label
        self.found = None if seen.found is None else dict(seen.found)
        self.spans = seen.spans

    def add(self, attempt: Attempt, cost_usd: Decimal | None, slot_microseconds: int | None) -> None:
        """An attempt is over. One unknown cost makes the request's cost unknown."""
        if not self.attempts:
            self.cost_usd = cost_usd
        elif self.cost_usd is not None:
            self.cost_usd = None if cost_usd is None else self.cost_usd + cost_usd
        self.attempts += (attempt,)
        if slot_microseconds is not None:
            self.slot_microseconds = (self.slot_microseconds or 0) + slot_microseconds
        if self.hold is not None:
            self.hold.paid(cost_usd)

    def sending(self, attempt: Try, permit: Permit) -> None:
        """Write down what is about to leave, so that a killed gateway leaves word of it.

        Raises `LedgerError` where it cannot be: then nothing may be sent.
        """
        model = attempt.deployment
        sent = Sent(
            permit.destination,
            permit.label.word,
            permit.clearance.word,
            permit.policy,
            permit.region,
            permit.digest,
        )
        self.slot = self.ledger.sending(
            self.slot,
            Underway(
                self.request_id,
                self.at,
                self.endpoint,
                self.route,
                self.key,
                self.stream,
                None if self.label is None else self.label.word,
                self.found,
                self.subject,
                self.conversation,
                model.provider.simulated,
                self.attempts,
                model.name,
                model.tenure,
                model.provider_name,
                attempt.started - self.started,
                sent,
            ),
        )
        attempt.sent = sent

    async def seal(self, status: int, *, error: str | None = None, answer: bytes | None = None) -> None:
        """`write`, and wait for the disk where the config says so."""
        self.write(status, error=error, answer=answer)
        if self.ledger.needs_sealing:
            await self.ledger.sealed()

    def write(self, status: int, *, error: str | None = None, answer: bytes | None = None) -> None:
        """Hand the record to the operating system. Once only.

        Raises `LedgerError` where it cannot be written: then nothing may be acknowledged.
        """
        if self.sealed:
            return
        if self.prompt is not None and answer is not None:
            owner = self.subject or self.conversation
            self.ledger.store(self.request_id, self.prompt, answer, owner=owner)
        record = self._record(status, error)
        self.ledger.append(record)
        self.sealed = True
        if self.slot is not None:
            self.ledger.recorded(self.slot)
        if self.hold is not None or self.admission is not None:
            self.settle()
        for observe in self.observers:
            observe(record, self)

    def settle(self) -> None:
        """What was held beyond the cost is free again, and the guess of tokens is what they were."""
        if self.hold is not None:
            self.hold.settle()
        if self.admission is not None and (self.usage is not None or not self.attempts):
            usage = self.usage
            self.admission.used(0 if usage is None else usage.input_tokens + usage.output_tokens)

    def _record(self, status: int, error: str | None) -> Record:
        model = self.answered_by
        return Record(  # in the order of its fields: to look up 25 names takes four times as long
            self.request_id,
            self.at,
            self.endpoint,
            self.route,
            self.key,
            None if model is None else model.name,
            None if model is None else model.tenure,
            None if model is None else model.provider_name,
            self.upstream_model,
            status,
            self.stream,
            None if self.label is None else self.label.word,
            self.usage,
            self.cost_usd,
            self.simulated,
            self.attempts,
            self.reason,
            time.monotonic() - self.started,
            self.ttft_seconds,
            self.slot_microseconds,
            error,
            None if self.hold is None or self.cost_usd is not None else self.hold.counted,
            self.subject,
            self.conversation,
            self.found,
            self.spans,
        )


class Try:
    """One attempt under way: it holds a slot of an owned model and ends exactly once.

    `started` is monotonic; `sent` is there from when its bytes are to leave, by which permit.
    """

    __slots__ = (
        "_draft",
        "_ended",
        "_lease",
        "deployment",
        "secret",
        "sent",
        "started",
        "status",
        "ttft_seconds",
    )

    def __init__(self, draft: Draft, deployment: Deployment, lease: Lease | None) -> None:
        self._draft = draft
        self._lease = lease
        self.started = time.monotonic()
        self._ended = False
        self.deployment = deployment
        self.sent: Sent | None = None
        self.secret: str | None = None
        self.status: int | None = None
        self.ttft_seconds: float | None = None
        deployment.in_flight += 1
        if deployment.circuit.open_until is not None:
            deployment.circuit.begin()
        if draft.trace is not None:
            draft.trace.attempt()

    def first_token(self) -> None:
        """A stream has begun. Plain answers have no such moment: their first byte comes with the last."""
        if self.ttft_seconds is None:
            now = time.monotonic()
            self.ttft_seconds = now - self.started
            if self._draft.ttft_seconds is None:
                self._draft.ttft_seconds = now - self._draft.started

    def succeeded(self, usage: Usage | None) -> None:
        """The answer is whole. What was seen feeds the policies."""
        now = time.monotonic()
        used = self._end("ok", usage, None, now)
        model = self.deployment
        if model.circuit.failures:
            model.circuit.succeeded()
        if self.ttft_seconds is not None:
            model.ttft_seconds.observe(self.ttft_seconds)
        else:
            model.answer_seconds.observe(now - self.started)
        if used is not None:
            model.slot_seconds.observe(used / 1_000_000)
        if usage is not None:
            model.output_tokens.observe(usage.output_tokens)
            if self._draft.text_bytes is not None:
                added = usage.input_tokens - self._draft.text_bytes
                model.added_input_tokens = max(model.added_input_tokens, added)

    def failed(self, error: UpstreamError, outcome: str, now: float) -> None:
        """No whole answer came. `final` errors are the client's and say nothing about the model's health.

        The upstream's words lose our key, should it have repeated it.
        """
        error.conceal(self.secret)
        draft = self._draft
        draft.failures = (*draft.failures, (self.deployment.name, error.said))
        self._end(outcome, None, error.message, now)
        if error.final or self.status == 429:
            self.deployment.circuit.abandoned()
        else:
            self.deployment.circuit.failed(now)

    def abandoned(self, usage: Usage | None = None) -> None:
        """The client left."""
        self._end("client_gone", usage, None, time.monotonic())
        self.deployment.circuit.abandoned()

    def _end(self, outcome: str, usage: Usage | None, error: str | None, now: float) -> int | None:
        if self._ended:
            return None
        self._ended = True
        model, draft = self.deployment, self._draft
        model.in_flight -= 1
        used = None if self._lease is None else self._lease.end()
        attempt = Attempt(
            model.name,
            model.tenure,
            model.provider_name,
            self.started - draft.started,
            now - self.started,
            outcome,
            self.status,
            error,
            self.ttft_seconds,
            self.sent,
        )
        draft.add(attempt, self._cost(outcome, usage, used), used)
        draft.simulated = model.provider.simulated
        return used

    def _cost(self, outcome: str, usage: Usage | None, used: int | None) -> Decimal | None:
        """An upstream that said no bills nothing; one that broke off or fell silent may have billed.

        So may one that said yes, and then nothing that can be used.
        """
        if used is None and usage is None and outcome in ("error", "refused") and self.status != 200:
            return _FREE
        return self.deployment.cost_usd(usage, 0 if used is None else used)
