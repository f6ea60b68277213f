"""Telemetry on or off. Off, it is nothing at all: no module loaded, nothing asked of a request."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import Protocol

from freehold.cli.extras import install_hint
from freehold.config import Settings
from freehold.egress import Client
from freehold.errors import ConfigError
from freehold.gateway import Draft, Tracing
from freehold.ledger import Record

_NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.common")


class Spans(Protocol):
    """What turns records into spans and sends them."""

    def observe(self, record: Record, draft: Draft) -> None: ...
    def shutdown(self) -> None: ...


class Telemetry:
    """`tracing` begins a trace for each request, `observe` ends it."""

    def __init__(self, tracing: Tracing, spans: Spans) -> None:
        self.tracing = tracing
        self._spans = spans
        self.observe = spans.observe

    async def close(self) -> None:
        """Send what is left, for some seconds at most."""
        await asyncio.to_thread(self._spans.shutdown)


def telemetry_of(settings: Settings, client: Client) -> Telemetry | None:
    """As the config says; `None` where it names no collector.

    Spans leave through `client`. Raises `ConfigError` where OpenTelemetry is not installed.
    """
    wanted = settings.telemetry
    if wanted.otlp_endpoint is None:
        return None
    if not all(map(_is_there, _NEEDED)):
        raise ConfigError(
            "telemetry.otlp_endpoint", "OpenTelemetry is not installed", hint=install_hint("otel")
        )
    from freehold.cli.telemetry.spans import SpanSender  # noqa: PLC0415 - loads OpenTelemetry's SDK

    spans = SpanSender(wanted.otlp_endpoint, wanted.service_name, client, asyncio.get_running_loop())
    return Telemetry(Tracing(wanted.sample_ratio), spans)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
