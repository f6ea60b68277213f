"""What to run and how it is doing: the values that cross the room's front door.

Knows no process and no file format; every type here is frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from freehold.errors import FreeholdError

Status = Literal["starting", "ready", "restarting", "failed", "stopped"]


class EngineError(FreeholdError):
    """The engine could not start, for a reason that is not in the configuration."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """One owned model to run.

    `slots` requests are generated at once in one batch; further ones wait inside the engine.
    `context_tokens` is per slot; 0 takes the length the model was trained for, at most 8192. `threads` None
    takes one for a small model and leaves the number to llama.cpp (one per physical core) for others.
    `gpu_layers` above 0 needs a wheel built for the GPU. `embeddings` lets the same child answer
    `/v1/embeddings` beside chat. `chat_template` (Jinja) replaces the one inside the file. `stall_seconds`:
    a child that has been silent for so long is taken for dead and replaced.
    """

    name: str
    weights: Path
    slots: int = 4
    context_tokens: int = 0
    threads: int | None = None
    gpu_layers: int = 0
    embeddings: bool = False
    chat_template: str | None = None
    stall_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class EngineState:
    """Where the engine stands.

    `since` is on the monotonic clock, in seconds. `reason` says in one sentence why it is not ready, None
    when there is nothing to say. `restarts` counts the children that had to be replaced. `sandboxed` is
    None until a child has reported; False means that it runs without file or network confinement, and
    `reason` says why.
    """

    status: Status
    since: float
    reason: str | None = None
    restarts: int = 0
    pid: int | None = None
    sandboxed: bool | None = None


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What the child last said of itself, every two seconds or so."""

    slots_busy: int
    waiting: int
    rss_bytes: int
