"""Precisions by name: bytes of a weight, and the arithmetic a GPU does with them. Does not know engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from freehold.engine.sizing import Gpu
from freehold.errors import ConfigError

_FOUR_BITS: Final = 0.5625
"""Bytes of a four-bit weight with its scale of 8 bits for each 16 (NVFP4) or 16 for each 32."""


@dataclass(frozen=True, slots=True)
class Precision:
    """`weight_bytes` for each parameter; `arithmetic` is the first kind of these that the GPU has."""

    name: str
    weight_bytes: float
    arithmetic: tuple[str, ...]


_KNOWN: Final = (
    (Precision("fp16", 2.0, ("fp16",)), ("bf16", "half", "float16", "bfloat16", "16bit")),
    (Precision("fp8", 1.0, ("fp8", "fp16")), ("w8a8fp8", "e4m3", "float8")),
    (Precision("int8", 1.0, ("int8", "fp16")), ("w8a8", "smoothquant", "8bit")),
    (Precision("w8a16", 1.0, ("fp16",)), ("int8weightonly",)),
    (Precision("fp4", _FOUR_BITS, ("fp4", "fp16")), ("nvfp4", "mxfp4", "float4")),
    (Precision("int4", _FOUR_BITS, ("fp16",)), ("awq", "gptq", "w4a16", "q4", "4bit")),
)


def find_precision(name: str) -> Precision:
    """The precision of that name. Raises ConfigError."""
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    for precision, aliases in _KNOWN:
        if plain == precision.name or plain in aliases:
            return precision
    names = ", ".join(precision.name for precision, _ in _KNOWN)
    raise ConfigError("precision", f"{name!r} is none that is known", hint=f"use one of {names}")


def flops(precision: Precision, gpu: Gpu) -> tuple[float, str]:
    """Dense operations a second, and the kind of arithmetic that gives them."""
    peaks = {"fp16": gpu.fp16_tflops, "fp8": gpu.fp8_tflops, "fp4": gpu.fp4_tflops, "int8": gpu.int8_tops}
    for kind in precision.arithmetic:
        peak = peaks[kind]
        if peak is not None:
            return peak * 1e12, kind
    return gpu.fp16_tflops * 1e12, "fp16"
