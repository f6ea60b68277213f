"""Who is told of each record, as the config wants it: the counters, the log, the traces. Knows no request."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from freehold.cli.request_log import log_request, log_requests
from freehold.cli.telemetry import telemetry_of
from freehold.config import Settings
from freehold.egress import Client
from freehold.gateway import Counters, Observer, Tracing


@dataclass(frozen=True, slots=True)
class Watching:
    """`tracing` begins a trace for each request; `None` where nobody looks at them."""

    counters: Counters
    observers: tuple[Observer, ...]
    tracing: Tracing | None


def watching_of(settings: Settings, client: Client, stack: AsyncExitStack) -> Watching:
    """What the config asks for, closed with `stack`. Traces leave through `client`. Raises `ConfigError`."""
    counters = Counters()
    observers: tuple[Observer, ...] = (counters.observe,)
    if settings.server.log_requests:
        log_requests()
        observers += (log_request,)
    telemetry = telemetry_of(settings, client)
    if telemetry is None:
        return Watching(counters, observers, None)
    stack.push_async_callback(telemetry.close)
    return Watching(counters, (*observers, telemetry.observe), telemetry.tracing)
