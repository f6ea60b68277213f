"""What the page `Rent or own` asks for and is told. Does not know how an answer is reached.

Figures come in words, charts as SVG: whoever answers has the numbers at hand, and another process may be it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec


class Way(msgspec.Struct, frozen=True):
    """One way of having the answer. `tenure` is `mixed` for a mix of both."""

    name: str
    tenure: str
    usd_per_month: str
    interval: str
    by: str


class Row(msgspec.Struct, frozen=True):
    """Cells of a table whose head the page knows."""

    cells: tuple[str, ...]


class Measured(msgspec.Struct, frozen=True):
    """What the ledger says of a route's traffic, in words."""

    says: str
    simulated: bool


class Told(msgspec.Struct, frozen=True):
    """One answer. `fields` is what the form shows: as asked, and what was put in for what was not.

    `points` are volume, renting (p50) and owning (p10, p50, p90); `problem` and `hint` stand in place of
    everything else where the question has no answer.
    """

    fields: dict[str, str] = {}
    problem: str | None = None
    hint: str | None = None
    sentence: str = ""
    decided_by: str = ""
    traffic: str = ""
    remarks: tuple[str, ...] = ()
    measured: Measured | None = None
    staircase: str = ""
    points: tuple[Row, ...] = ()
    ways: tuple[Way, ...] = ()
    tornado: str = ""
    swings: tuple[Row, ...] = ()
    scenarios: tuple[Row, ...] = ()
    triggers: tuple[str, ...] = ()
    beside: tuple[Row, ...] = ()
    prefers: str = ""
    assumptions: tuple[Row, ...] = ()
    command: str = ""


class Offered(msgspec.Struct, frozen=True):
    """What a form can offer: names that are known. `missing` says what has to be installed first."""

    rent: tuple[str, ...]
    own: tuple[str, ...]
    gpus: tuple[str, ...]
    precisions: tuple[str, ...]
    profiles: tuple[str, ...]
    use_cases: tuple[str, ...]
    missing: str | None = None


class Decider(Protocol):
    """Whoever answers. It is asked from the event loop, and must not hold it up."""

    def offered(self) -> Offered:
        """What can be chosen; may read files, so it is called in a thread."""

    async def tell(self, fields: Mapping[str, str]) -> Told:
        """The answer to a form's fields. Raises `Refused` (503) where too many wait, or it takes too long."""
