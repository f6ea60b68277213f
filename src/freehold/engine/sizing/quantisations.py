"""Which quantisations of a model would fit, by a table of bits a weight. Does not know what is offered."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_WORTH_NAMING: Final = ("BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "Q2_K")


@dataclass(frozen=True, slots=True)
class Alternative:
    """The model at another quantisation: about `weight_bytes` large, and whether that fits."""

    quantisation: str
    weight_bytes: int
    fits: bool


def bits_per_weight() -> Mapping[str, float]:
    """By the quantisation's name, finest first."""
    table = tomllib.loads(files(__package__).joinpath("quantisations.toml").read_text("utf-8"))
    bits: dict[str, float] = table["bits_per_weight"]
    return bits


def alternatives(parameters: int, room_bytes: int) -> tuple[Alternative, ...]:
    """The usual quantisations of a model, finest first, and which of them take at most `room_bytes`."""
    bits = bits_per_weight()
    sizes = {name: round(parameters * bits[name] / 8) for name in _WORTH_NAMING}
    return tuple(Alternative(name, size, size <= room_bytes) for name, size in sizes.items())
