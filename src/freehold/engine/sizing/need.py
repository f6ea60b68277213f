"""How much memory a model needs to answer, and what of it is what. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from freehold.engine.sizing.shape import ModelShape

_MICRO_BATCH: Final = 512
"""Tokens that llama.cpp works on at once unless told otherwise (its option `--ubatch-size`)."""

_ACTIVATIONS: Final = 8
"""Vectors as long as an embedding that are alive at once for each token of a micro-batch."""

_GPU_RUNTIME: Final = 512 << 20
"""What a CUDA or ROCm context takes before the first tensor: 300 to 500 MiB on today's drivers."""

_PROCESS: Final = 96 << 20
"""The engine's process itself: Python, the llama.cpp library, the vocabulary."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes. `cache_bytes` None: the model's files do not say enough to tell."""

    weight_bytes: int
    cache_bytes: int | None
    overhead_bytes: int

    @property
    def total_bytes(self) -> int | None:
        return None if self.cache_bytes is None else self.fixed_bytes + self.cache_bytes

    @property
    def fixed_bytes(self) -> int:
        """What is needed before the first token of context."""
        return self.weight_bytes + self.overhead_bytes


def need_of(shape: ModelShape, *, context_tokens: int, slots: int, on_gpu: bool) -> Need:
    """Weights + cache of `context_tokens` for each of `slots` + what the engine works in.

    The last is an estimate: the logits and activations of one micro-batch in 32-bit floats, beside a constant
    for the process or the GPU's runtime.
    """
    per_token = shape.cache_bytes_per_token
    return Need(
        weight_bytes=shape.weight_bytes,
        cache_bytes=None if per_token is None else per_token * context_tokens * slots,
        overhead_bytes=_working_bytes(shape) + (_GPU_RUNTIME if on_gpu else _PROCESS),
    )


def _working_bytes(shape: ModelShape) -> int:
    vocabulary = 0 if shape.vocabulary is None else shape.vocabulary
    width = 0 if shape.embedding_length is None else shape.embedding_length
    return _MICRO_BATCH * (vocabulary + _ACTIVATIONS * width) * 4
