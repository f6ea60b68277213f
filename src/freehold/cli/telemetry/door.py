"""OpenTelemetry's exporter of spans, through the one door: OTLP over HTTP as bytes, with a permit for each.

Runs in the thread of OpenTelemetry's batches and hands what it sends to the event loop. Spans hold figures
and names of the config, so they are `internal`; the collector that the config names is cleared for that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from freehold.egress import Client, Origin, Request, Timeouts
from freehold.errors import FreeholdError
from freehold.privacy import Label, clear

_log = logging.getLogger("freehold")

_SECONDS = 10.0
_LONGEST_ANSWER_BYTES = 64 * 1024


class DoorExporter(SpanExporter):
    """Sends spans to `endpoint`. A collector that fails costs its spans, and no request anything."""

    def __init__(self, endpoint: str, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._origin, prefix = Origin.parse(endpoint)
        self._path = f"{prefix}/v1/traces"
        self._client = client
        self._loop = loop
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        body = encode_spans(spans).SerializeToString()
        sending = asyncio.run_coroutine_threadsafe(self._send(body), self._loop)
        try:
            trouble = sending.result(_SECONDS)
        except (TimeoutError, FreeholdError, OSError) as error:
            sending.cancel()
            trouble = str(error) or "it took too long"
        self._tell(trouble)
        return SpanExportResult.SUCCESS if trouble is None else SpanExportResult.FAILURE

    async def _send(self, body: bytes) -> str | None:
        """Why the collector did not take it; `None` if it did."""
        permit = clear(Label.INTERNAL, Label.INTERNAL, self._origin.text, policy="telemetry", body=body)
        request = Request(
            origin=self._origin,
            method="POST",
            path=self._path,
            headers=((b"content-type", b"application/x-protobuf"),),
            body=body,
            timeouts=Timeouts(first_byte_seconds=_SECONDS, total_seconds=_SECONDS),
        )
        response = await self._client.send(permit, request)
        await response.read(_LONGEST_ANSWER_BYTES)
        return None if response.status < 300 else f"it answered {response.status}"

    def _tell(self, trouble: str | None) -> None:
        """Once when it begins to fail, once when it is well again."""
        if trouble is not None and not self._failing:
            _log.warning("traces are lost, the collector at %s: %s", self._origin.text, trouble)
        elif trouble is None and self._failing:
            _log.warning("the collector at %s takes traces again", self._origin.text)
        self._failing = trouble is not None
