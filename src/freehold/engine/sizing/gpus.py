"""The table of GPUs: one place for every question about them. Does not know models."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib.resources import files
from re import fullmatch, sub
from typing import Any, Final

from freehold.errors import FreeholdError

_SAME_MEMORY: Final = 0.07
"""Vendors and their customers count a card's memory a little differently: B200 has 180, 186 or 192 GB."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of card, as its vendor names it: peaks, dense, no sparsity.

    Bandwidths count 10^9 bytes a second, `link_gb_s` one way; operations 10^12 a second. None: the card has
    no such arithmetic. `watts` is the board's most.
    """

    name: str
    aliases: tuple[str, ...]
    architecture: str
    memory_gib: float
    bandwidth_gb_s: float
    fp16_tflops: float
    fp8_tflops: float | None
    fp4_tflops: float | None
    int8_tops: float | None
    link: str
    link_gb_s: float
    watts: float
    source: str
    as_of: date


def shipped_gpus() -> dict[str, Gpu]:
    """Every GPU of the table that comes with the product, by name."""
    table = tomllib.loads(files(__package__).joinpath("gpus.toml").read_text("utf-8"))
    return {name: gpu_of_row(name, row) for name, row in table.items()}


def gpu_of_row(name: str, row: Mapping[str, Any]) -> Gpu:
    """A row of the table. Raises KeyError on the name of a fact that is missing."""
    return Gpu(
        name=name,
        aliases=tuple(row.get("aliases", ())),
        architecture=row["architecture"],
        memory_gib=row["memory_gib"],
        bandwidth_gb_s=row["bandwidth_gb_s"],
        fp16_tflops=row["fp16_tflops"],
        fp8_tflops=row.get("fp8_tflops"),
        fp4_tflops=row.get("fp4_tflops"),
        int8_tops=row.get("int8_tops"),
        link=row["link"],
        link_gb_s=row["link_gb_s"],
        watts=row["watts"],
        source=row["source"],
        as_of=row["as_of"],
    )


def find_gpu(name: str, table: Mapping[str, Gpu]) -> Gpu:
    """The GPU of that name or alias; case, spaces and hyphens do not matter. Raises FreeholdError."""
    if name in table:
        return table[name]
    known = {_plain(word): gpu for gpu in table.values() for word in (gpu.name, *gpu.aliases)}
    found = known.get(_plain(name)) or _by_memory(_plain(name), known)
    if found is None:
        near = get_close_matches(_plain(name), known, n=1)
        meant = f'did you mean "{known[near[0]].name}"? ' if near else ""
        raise FreeholdError(
            f"no GPU called {name!r} is in the table", hint=f"{meant}known are {', '.join(table)}"
        )
    return found


def _by_memory(plain: str, known: Mapping[str, Gpu]) -> Gpu | None:
    """A name that also says the form and the memory (`rtxa600048gb`), if that is the card's own memory."""
    for digits in (2, 3):
        said = fullmatch(rf"(?P<card>.+?)(sxm\d?|oam)?(?P<gib>\d{{{digits}}})gb(hbm\de?)?", plain)
        found = None if said is None else known.get(said["card"])
        if said and found and abs(int(said["gib"]) / found.memory_gib - 1) <= _SAME_MEMORY:
            return found
    return None


def _plain(name: str) -> str:
    letters = "".join(letter for letter in name.lower() if letter.isalnum())
    return sub(r"^(nvidia|amd|geforce|instinct|tesla)+", "", letters)
