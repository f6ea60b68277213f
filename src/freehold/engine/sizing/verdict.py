"""Does it fit: what a model needs against what a machine has, and what would have to change. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.engine.sizing.machine import Machine
from freehold.engine.sizing.need import Need, need_of
from freehold.engine.sizing.quantisations import Alternative, alternatives
from freehold.engine.sizing.shape import ModelShape
from freehold.engine.sizing.speed import Speed, speed_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fits` is None where the machine's memory or the model's cache is unknown.

    `most_context_tokens` is how long the context of each slot could be, `most_slots` how many slots of this
    context there could be; 0 where the weights alone are too large, None where unknown.
    """

    shape: ModelShape
    machine: Machine
    context_tokens: int
    slots: int
    need: Need
    speed: Speed
    alternatives: tuple[Alternative, ...]
    fits: bool | None
    most_context_tokens: int | None
    most_slots: int | None

    @property
    def best_alternative(self) -> Alternative | None:
        """The finest usual quantisation that fits."""
        return next((other for other in self.alternatives if other.fits), None)


def judge(shape: ModelShape, machine: Machine, *, context_tokens: int, slots: int) -> Verdict:
    """Judge whether `shape` can answer `slots` requests of `context_tokens` at once on `machine`."""
    need = need_of(shape, context_tokens=context_tokens, slots=slots, on_gpu=machine.is_gpu)
    memory, total = machine.memory_bytes, need.total_bytes
    per_token = shape.cache_bytes_per_token
    left = None if memory is None or not per_token else max(0, memory - need.fixed_bytes) // per_token
    return Verdict(
        shape=shape,
        machine=machine,
        context_tokens=context_tokens,
        slots=slots,
        need=need,
        speed=speed_of(shape, machine, context_tokens=context_tokens, slots=slots),
        alternatives=_alternatives(shape, machine, need),
        fits=None if memory is None or total is None else total <= memory,
        most_context_tokens=None if left is None else _at_most(left // slots, shape.context_tokens),
        most_slots=None if left is None else left // context_tokens,
    )


def _alternatives(shape: ModelShape, machine: Machine, need: Need) -> tuple[Alternative, ...]:
    if shape.parameters is None or machine.memory_bytes is None or need.cache_bytes is None:
        return ()
    return alternatives(shape.parameters, machine.memory_bytes - need.cache_bytes - need.overhead_bytes)


def _at_most(tokens: int, trained: int | None) -> int:
    return tokens if trained is None else min(tokens, trained)
