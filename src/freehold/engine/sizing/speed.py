"""How fast to expect a model on a machine: a range, from bandwidth and arithmetic. Estimates, no promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from freehold.engine.sizing.machine import Machine
from freehold.engine.sizing.shape import ModelShape

_OF_BANDWIDTH: Final = (0.25, 0.90)
"""The share of peak bandwidth that decoding reached, lowest and highest.

From llama.cpp's speeds on thirteen cards at https://github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference
(7B to 70B, 4 and 16 bits, one card): small quantised models on the largest cards come out lowest.
"""

_OF_ARITHMETIC: Final = (0.10, 1.0)
"""Likewise for prefill, from the same tables: kernels differ more than cards do."""

_STEP_SECONDS: Final = (0.001, 0.0002)
"""What a step takes beside reading: starting kernels, sampling, meeting of threads. An assumption of ours,
which matters for models of some megabytes alone."""


@dataclass(frozen=True, slots=True)
class Range:
    """Tokens a second, from what is likely at least to what is likely at most."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Speed:
    """None is unknown. `decode` is for one stream alone, `decode_all` for all slots together."""

    decode: Range | None
    decode_all: Range | None
    prefill: Range | None


def speed_of(shape: ModelShape, machine: Machine, *, context_tokens: int, slots: int) -> Speed:
    """Estimate decoding by bandwidth and prefill by arithmetic (the roofline of Williams et al., 2009).

    A step of decoding reads the weights once (of a mixture of experts those that are asked) and each
    stream's cache, here half full: (weights + streams × cache) ÷ bandwidth seconds for one token of each.
    Prefill does 2 operations for each active parameter and token: operations a second ÷ (2 × parameters).
    """
    return Speed(
        decode=_decode(shape, machine, context_tokens, 1),
        decode_all=_decode(shape, machine, context_tokens, slots),
        prefill=_prefill(shape, machine),
    )


def _decode(shape: ModelShape, machine: Machine, context_tokens: int, streams: int) -> Range | None:
    if machine.bandwidth is None or shape.cache_bytes_per_token is None:
        return None
    cache = shape.cache_bytes_per_token * context_tokens / 2
    seconds = (shape.bytes_read(streams) + streams * cache) / machine.bandwidth
    low, high = (
        streams / (seconds / share + least) for share, least in zip(_OF_BANDWIDTH, _STEP_SECONDS, strict=True)
    )
    return Range(low, high)


def _prefill(shape: ModelShape, machine: Machine) -> Range | None:
    if machine.flops is None or not shape.active_parameters:
        return None
    peak = machine.flops / (2 * shape.active_parameters)
    return Range(peak * _OF_ARITHMETIC[0], peak * _OF_ARITHMETIC[1])
