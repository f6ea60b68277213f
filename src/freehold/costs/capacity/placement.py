"""How a model is laid over GPUs, and whether it fits. Does not know how fast it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from freehold.costs.capacity.constants import Constants
from freehold.costs.capacity.deployment import GIB, Deployment
from freehold.costs.capacity.models import Model
from freehold.costs.capacity.precisions import Precision
from freehold.engine.sizing import Gpu
from freehold.errors import FreeholdError

NODE_GPUS: Final = 8
"""GPUs of one machine: tensor parallelism wider than that would cross the network in every layer."""


class DoesNotFit(FreeholdError):
    """The model needs more memory than these GPUs have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be placed. `tp` and `pp` None: any. `tokens` is the least context that must fit."""

    model: Model
    precision: Precision
    gpu: Gpu
    generation: str
    gpu_count: int
    tp: int | None
    pp: int | None
    tokens: float


def placements(wanted: Wanted, constants: Constants) -> list[Deployment]:
    """Every layout that fits at least one request, the fewest GPUs a replica first.

    Raises DoesNotFit where none does, with how many GPUs would.
    """
    tried = list(_layouts(wanted))
    fitting = [each for each in tried if each.cache_tokens(constants) >= wanted.tokens]
    if not fitting:
        raise _too_large(wanted, tried, constants)
    return fitting


def _layouts(wanted: Wanted) -> Iterator[Deployment]:
    stages = (wanted.pp,) if wanted.pp is not None else _stages(wanted)
    for pp in stages:
        for tp in _widths(wanted) if wanted.tp is None else (wanted.tp,):
            if wanted.gpu_count % (tp * pp) == 0 and pp <= wanted.model.layers:
                yield Deployment(wanted.model, wanted.precision, wanted.gpu, tp, pp, wanted.generation)


def _stages(wanted: Wanted) -> Iterator[int]:
    """One stage; more only where the layout is free and spans machines."""
    yield 1
    if wanted.tp is None:
        yield from (machines for machines in (2, 4, 8) if machines * NODE_GPUS <= wanted.gpu_count)


def _widths(wanted: Wanted) -> Iterator[int]:
    yield from (width for width in (1, 2, 4, NODE_GPUS) if width <= wanted.gpu_count)


def _too_large(wanted: Wanted, tried: list[Deployment], constants: Constants) -> DoesNotFit:
    if not tried:
        return DoesNotFit(
            f"no layout of {wanted.gpu_count} GPUs is known",
            hint="give tp and pp so that they multiply to it",
        )
    best = max(tried, key=lambda each: each.free_bytes(constants))
    room = best.free_bytes(constants) + best.weight_bytes / best.gpus
    cache = wanted.tokens * best.cache_bytes_per_token * best.gpus
    need = ceil((best.weight_bytes + cache) / room) if room > 0 else 0
    more = f"about {need} of them would hold it, or " if need > best.gpus else ""
    return DoesNotFit(
        f"{wanted.model.name} in {wanted.precision.name} does not fit {best.gpus} × {wanted.gpu.name}: "
        f"weights take {best.weight_bytes / GIB:.1f} GiB and one request {cache / GIB:.1f} GiB, "
        f"of {max(room, 0.0) * best.gpus / GIB:.1f} GiB that an engine can use",
        hint=f"{more}take a GPU with more memory, fewer bits or a wider tp",
    )
