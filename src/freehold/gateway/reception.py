"""What all connections of one server share: the app, the time, how long a client may take. No HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from freehold.gateway.exchange import Message, Scope

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guest(Protocol):
    """A connection, as the server sees it."""

    def look(self, now: float) -> None:
        """Close it if nobody has used it for too long."""

    def shutdown(self) -> None:
        """After what is being answered now, no more."""


@dataclass(slots=True, eq=False)
class Reception:
    """One server's side of its connections.

    `within_seconds` is how long a request may take to arrive, `idle_seconds` how long an unused connection is
    kept, `leaving_seconds` how long a client may take over the end of its last answer. `now` is the loop's
    time, set by the server ten times a second: precise enough for all of these.
    """

    app: Asgi
    within_seconds: float
    idle_seconds: float
    leaving_seconds: float
    connections: set[Guest]
    tasks: set[asyncio.Task[None]]
    now: float = 0.0
    answered: int = 0
