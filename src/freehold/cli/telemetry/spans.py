"""A record as spans, under OpenTelemetry's GenAI conventions: the request, and each of its calls of models.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans. Figures and names of the config; no prompt,
no answer, no words of an upstream, no key. Does not know how spans leave.
"""

from __future__ import annotations

import asyncio

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util.types import AttributeValue

from freehold import __version__
from freehold.cli.telemetry.door import DoorExporter
from freehold.egress import Client
from freehold.gateway import Draft, Trace
from freehold.ledger import Attempt, Record

_EVERY_MILLISECONDS = 5_000
_MOST_WAITING = 4_096  # beyond them spans are dropped
_OPERATIONS = {
    "chat/completions": "chat", "responses": "chat", "completions": "text_completion",
    "embeddings": "embeddings",
}  # fmt: skip
_SCOPE = InstrumentationScope("freehold", __version__)

Attributes = dict[str, AttributeValue]


class SpanSender:
    """Spans are made when a request has ended, and sent every few seconds from a thread of their own."""

    def __init__(
        self, endpoint: str, service_name: str, client: Client, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._resource = Resource({"service.name": service_name, "service.version": __version__})
        self._batches = BatchSpanProcessor(
            DoorExporter(endpoint, client, loop),
            max_queue_size=_MOST_WAITING,
            schedule_delay_millis=_EVERY_MILLISECONDS,
            max_export_batch_size=512,
        )

    def observe(self, record: Record, draft: Draft) -> None:
        trace = draft.trace
        if trace is None or not trace.sampled:
            return
        for number, attempt in enumerate(record.attempts):
            if number < len(trace.attempts):
                self._batches.on_end(self._attempt(record, attempt, trace, number))
        self._batches.on_end(self._request(record, trace, draft.code))

    def shutdown(self) -> None:
        self._batches.shutdown()  # type: ignore[no-untyped-call]  # it has no annotations

    def _request(self, record: Record, trace: Trace, code: str | None) -> ReadableSpan:
        operation = _OPERATIONS.get(record.endpoint, record.endpoint)
        parent = None if trace.parent is None else _context(trace, trace.parent, is_remote=True)
        attributes: Attributes = {
            "gen_ai.operation.name": operation,
            "freehold.request_id": record.request_id,
            "http.response.status_code": record.status,
        }
        _add(attributes, "freehold.route", record.route)
        _add(attributes, "freehold.cost_usd", None if record.cost_usd is None else f"{record.cost_usd:f}")
        _add(attributes, "freehold.simulated", record.simulated or None)
        failed = record.status >= 400
        if failed:
            attributes["error.type"] = code or str(record.status)
        name = f"{operation} {record.route or record.model or ''}".strip()
        return self._span(
            name,
            trace,
            trace.span,
            parent,
            SpanKind.SERVER,
            attributes,
            (record.at, record.seconds),
            failed=failed,
        )

    def _attempt(self, record: Record, attempt: Attempt, trace: Trace, number: int) -> ReadableSpan:
        operation = _OPERATIONS.get(record.endpoint, record.endpoint)
        attributes: Attributes = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": attempt.provider,
            "gen_ai.request.model": attempt.model,
            "freehold.tenure": attempt.tenure,
            "freehold.outcome": attempt.outcome,
        }
        failed = attempt.outcome != "ok"
        if failed:
            attributes["error.type"] = attempt.outcome
        _add(attributes, "http.response.status_code", attempt.status)
        _add(attributes, "server.address", None if attempt.sent is None else attempt.sent.destination)
        if number == len(record.attempts) - 1 and attempt.model == record.model:
            _add(attributes, "gen_ai.response.model", record.upstream_model)
            usage = record.usage
            _add(attributes, "gen_ai.usage.input_tokens", None if usage is None else usage.input_tokens)
            _add(attributes, "gen_ai.usage.output_tokens", None if usage is None else usage.output_tokens)
        parent = _context(trace, trace.span, is_remote=False)
        times = (record.at + attempt.started_seconds, attempt.seconds)
        name = f"{operation} {attempt.model}"
        return self._span(
            name, trace, trace.attempts[number], parent, SpanKind.CLIENT, attributes, times, failed=failed
        )

    def _span(
        self,
        name: str,
        trace: Trace,
        id_: str,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: Attributes,
        times: tuple[float, float],
        *,
        failed: bool,
    ) -> ReadableSpan:
        """`times` are the start in Unix seconds and the seconds it took."""
        start, seconds = times
        return ReadableSpan(
            name,
            context=_context(trace, id_, is_remote=False),
            parent=parent,
            resource=self._resource,
            attributes=attributes,
            kind=kind,
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=int(start * 1e9),
            end_time=int((start + seconds) * 1e9),
            instrumentation_scope=_SCOPE,
        )


def _context(trace: Trace, span: str, *, is_remote: bool) -> SpanContext:
    return SpanContext(
        int(trace.trace, 16), int(span, 16), is_remote=is_remote, trace_flags=TraceFlags(int(trace.sampled))
    )


def _add(attributes: Attributes, name: str, value: AttributeValue | None) -> None:
    if value is not None:
        attributes[name] = value
