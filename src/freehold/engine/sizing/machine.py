"""What a model may run on: a GPU out of the table, or this machine. Does not know models."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final

from freehold.engine.fit import available_memory
from freehold.engine.sizing.bandwidth import measured_bandwidth
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
    return tuple(_table())


def named_gpu(name: str) -> Machine:
    """The GPU of that name or alias; case, spaces and hyphens do not matter. Raises FreeholdError."""
    table = _table()
    known = {_plain(word): gpu for gpu, row in table.items() for word in (gpu, *row.get("aliases", ()))}
    found = known.get(_plain(name))
    if found is None:
        near = get_close_matches(_plain(name), known, n=1)
        meant = f'did you mean "{known[near[0]]}"? ' if near else ""
        listed = ", ".join(table)
        raise FreeholdError(
            f"no GPU called {name!r} is in the table",
            hint=f"{meant}known are {listed}; for another, --memory GIB says how much it has",
        )
    row = table[found]
    return Machine(
        name=found,
        is_gpu=True,
        memory_bytes=round(row["memory_gib"] * 2**30 * (1 - MEMORY_KEPT)),
        bandwidth=row["bandwidth_gb_s"] * 1e9,
        flops=row["fp16_tflops"] * 1e12,
        source=f"{row['source']} ({row['as_of']})",
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


def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("gpus.toml").read_text("utf-8"))


def _plain(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return letters.removeprefix("nvidia").removeprefix("amd").removeprefix("geforce")
