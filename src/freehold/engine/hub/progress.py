"""What is told while weights are fetched. Values only; whoever listens decides what to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from freehold.engine.hub.choice import Choice
from freehold.engine.hub.listing import Repo


@dataclass(frozen=True, slots=True)
class Chosen:
    """What will be fetched; `missing_bytes` of it are not here yet."""

    repo: Repo
    choice: Choice
    missing_bytes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`done_bytes` of a file are here; the first time, these are what an earlier run has left."""

    file: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something failed and is tried again after `seconds`."""

    why: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A file is whole, its checksum is right, and it has its name. `was_here`: nothing had to be fetched."""

    file: str
    was_here: bool


Event = Chosen | Progress | Waiting | Finished
Tell = Callable[[Event], None]
