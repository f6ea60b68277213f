"""What all connections of one server share: the app, the time, how long a client may take. No HTTP."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from freehold.gateway.bodies import Bodies
from freehold.gateway.exchange import Exchange
from freehold.gateway.heads import Heads
from freehold.gateway.valve import Valve

App = Callable[[Exchange], Awaitable[None]]


class Guest(Protocol):
    """A connection, as the server sees it."""

    def look(self, now: float) -> None:
        """Close it if nobody has used it for too long."""

    def shutdown(self) -> None:
        """After what is being answered now, no more."""

    def read_on(self) -> None:
        """Read from it again."""


@dataclass(slots=True, eq=False)
class Reception:
    """One server's side of its connections.

    `within_seconds` is how long a request may take to arrive, `idle_seconds` how long an unused connection is
    kept, `leaving_seconds` how long a client may take over the end of its last answer, `stalled_seconds` how
    long one may take nothing of what it asked for. `now` is the loop's time, set by the server ten times a
    second: precise enough for all of these.

    `connections` are those that are served, at most `most_connections`; `turned_away` counts those beyond
    them that are being told so. Those in `resting` were refused for overload and are read again after the
    time that they were told to wait: who asks again at once costs nothing until then. `heads` are those of
    requests that came before.
    """

    app: App
    within_seconds: float
    idle_seconds: float
    leaving_seconds: float
    stalled_seconds: float
    most_connections: int
    valve: Valve
    bodies: Bodies
    connections: set[Guest]
    tasks: set[asyncio.Task[None]]
    turned_away: int = 0
    resting: dict[int, deque[tuple[float, Guest]]] = field(default_factory=dict)
    now: float = 0.0
    heads: Heads = field(default_factory=Heads, repr=False)

    @property
    def full(self) -> bool:
        return len(self.connections) >= self.most_connections

    def wake_rested(self) -> None:
        """Those whose time is over are read again."""
        for resting in self.resting.values():
            while resting and resting[0][0] <= self.now:
                resting.popleft()[1].read_on()

    def rest(self, guest: Guest, seconds: int) -> None:
        """Not to be read from for so long. One queue for each length is in order by itself."""
        self.resting.setdefault(seconds, deque()).append((self.now + seconds, guest))
