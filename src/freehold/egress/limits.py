"""How much of anything the client holds, and how long it waits. Values only."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one client.

    `buffered_bytes` is what one response may hold before its socket is no longer read (one further read of
    up to 256 KiB may come on top). `head_bytes` bounds a response's head, and likewise its trailers.
    `idle_seconds` is how long an unused connection is kept.
    """

    max_connections_per_origin: int = 1024
    max_idle_per_origin: int = 1024
    idle_seconds: float = 30.0
    head_bytes: int = 65_536
    buffered_bytes: int = 262_144


class Timeouts(msgspec.Struct, frozen=True):
    """How long one request may take, in seconds.

    `connect_seconds` covers the wait for a free connection, DNS, TCP and TLS. `first_byte_seconds` runs from
    the last piece of the request that went out to the first byte of the answer's body (or to its head, if it
    has no body). `between_bytes_seconds` bounds each silence after that; time in which the reader does not
    take what is there is not silence. `total_seconds` bounds everything; None means no such bound.
    """

    connect_seconds: float = 10.0
    first_byte_seconds: float = 120.0
    between_bytes_seconds: float = 120.0
    total_seconds: float | None = None
