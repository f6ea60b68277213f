"""`GET /metrics`: everything that is counted and how it stands, as text. Written when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator

from freehold import __version__
from freehold.gateway.bodies import Bodies
from freehold.gateway.call import Call
from freehold.gateway.house import House
from freehold.gateway.metrics import counted, process, standing
from freehold.gateway.metrics.counters import Counters
from freehold.gateway.metrics.door import Door
from freehold.gateway.metrics.exposition import OPEN, PLAIN, Family, Sample, wants_openmetrics, write
from freehold.gateway.valve import Valve


class Metrics:
    """Answers whom `door` admits."""

    def __init__(self, counters: Counters, valve: Valve, bodies: Bodies, door: Door) -> None:
        self._counters = counters
        self._valve = valve
        self._bodies = bodies
        self._door = door

    async def answer(self, call: Call, house: House) -> None:
        """Raises `Refused`."""
        self._door.admit(call)
        openmetrics = wants_openmetrics(call.header(b"accept"))
        body = write(self._families(house), openmetrics=openmetrics)
        await call.reply(200, body, [(b"content-type", OPEN if openmetrics else PLAIN)])

    def _families(self, house: House) -> Iterator[Family]:
        yield from counted.families(self._counters)
        yield from standing.families(house)
        yield from _turned_away(self._valve, self._bodies)
        yield from process.families()
        about = Sample({"version": __version__}, 1)
        yield Family("freehold_build_info", "gauge", "The version that runs.", (about,))


def _turned_away(valve: Valve, bodies: Bodies) -> Iterator[Family]:
    """What was refused before there could be a record of it."""
    yield Family(
        "freehold_requests_shed",
        "counter",
        "Requests that were refused with 503 before they began, since too many came at once.",
        (Sample({}, valve.refused),),
    )
    yield Family(
        "freehold_connections_refused",
        "counter",
        "Connections beyond `max_connections`.",
        (Sample({}, valve.refused_connections),),
    )
    yield Family(
        "freehold_bodies_refused",
        "counter",
        "Bodies that were given up with 503, since all together would have passed `max_held_bytes`.",
        (Sample({}, bodies.refused),),
    )
    yield Family(
        "freehold_body_bytes",
        "gauge",
        "What the bodies of all requests under way take together.",
        (Sample({}, bodies.held),),
    )
