"""What a model may run on: a GPU out of the table, or this machine. Does not know models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from freehold.engine.fit import available_memory
from freehold.engine.sizing.bandwidth import measured_bandwidth
from freehold.engine.sizing.gpus import find_gpu, shipped_gpus
from freehold.errors import FreeholdError

MEMORY_KEPT: Final = 0.07
"""The share of a GPU's named memory that programs do not get: ECC takes 1/16 of GDDR, the driver some more.

NVIDIA's own tools show 23,034 MiB of an L4's 24 GiB, 46,068 of an L40S's 48 and 81,559 of an H100's 80.
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """None is unknown. `source` says where the figures are from.

    `memory_bytes` are those a model can have, `bandwidth` is in bytes a second, `flops` counts dense 16-bit
    matrix operations a second.
    """

    name: str
    is_gpu: bool
    memory_bytes: int | None
    bandwidth: float | None
    flops: float | None
    source: str


def gpu_names() -> tuple[str, ...]:
    return tuple(shipped_gpus())


def named_gpu(name: str) -> Machine:
    """The GPU of that name or alias; case, spaces and hyphens do not matter. Raises FreeholdError."""
    try:
        gpu = find_gpu(name, shipped_gpus())
    except FreeholdError as error:
        raise FreeholdError(
            error.message, hint=f"{error.hint}; for another, --memory GIB says how much it has"
        ) from None
    return Machine(
        name=gpu.name,
        is_gpu=True,
        memory_bytes=round(gpu.memory_gib * 2**30 * (1 - MEMORY_KEPT)),
        bandwidth=gpu.bandwidth_gb_s * 1e9,
        flops=gpu.fp16_tflops * 1e12,
        source=f"{gpu.source} ({gpu.as_of})",
    )


def this_machine(*, measure: bool = True) -> Machine:
    """This machine's processors and memory. With `measure`, its bandwidth is tried out for 0.3 s at most."""
    return Machine(
        name="this machine",
        is_gpu=False,
        memory_bytes=available_memory(),
        bandwidth=measured_bandwidth() if measure else None,
        flops=None,
        source="memory: /proc/meminfo; bandwidth: measured just now",
    )


def with_memory(machine: Machine, gib: float) -> Machine:
    """The machine with as much memory as somebody says."""
    return replace(machine, memory_bytes=round(gib * 2**30))
