"""Whether a model fits: its context per slot, and the memory it will take. Pure arithmetic over a header."""

from __future__ import annotations

from pathlib import Path

from freehold.engine.gguf import GgufHeader
from freehold.engine.spec import EngineSpec
from freehold.errors import ConfigError

DEFAULT_CONTEXT_LIMIT = 8192
"""Tokens a slot gets when nobody asks for more: models trained for 128k would take many GB per slot."""

ONE_THREAD_PARAMETERS = 30_000_000
"""Below this size a second thread made answers slower, measured on two shared cores with 3.4 M parameters."""

CACHE_BYTES = 2
"""The cache holds 16-bit floats."""

_MEMINFO = Path("/proc/meminfo")


def context_tokens(spec: EngineSpec, header: GgufHeader) -> int:
    """Return the tokens that each slot gets. Raises ConfigError if more are asked for than were trained."""
    trained = header.context_tokens
    if spec.context_tokens == 0:
        return min(trained or DEFAULT_CONTEXT_LIMIT, DEFAULT_CONTEXT_LIMIT)
    if trained is not None and spec.context_tokens > trained:
        raise ConfigError(
            f"models.{spec.name}.context_tokens",
            f"{spec.context_tokens} tokens are more than the {trained} the model was trained for",
            hint=f"use at most {trained}, or leave it out",
        )
    return spec.context_tokens


def threads(spec: EngineSpec, header: GgufHeader) -> int | None:
    """Return the threads to compute with; None leaves it to llama.cpp.

    A small model gets one unless the spec says otherwise: its threads would spend more time meeting than
    working.
    """
    if spec.threads is None and header.parameters < ONE_THREAD_PARAMETERS:
        return 1
    return spec.threads


def memory_bytes(spec: EngineSpec, header: GgufHeader) -> int | None:
    """Return about how many bytes weights and cache need; None if the header does not say enough."""
    per_token = cache_bytes_per_token(header)
    if per_token is None:
        return None
    return header.tensor_bytes + per_token * context_tokens(spec, header) * spec.slots


def cache_bytes_per_token(header: GgufHeader) -> int | None:
    """Return the bytes that one token of context takes; None if the header does not say enough.

    Layers × kv heads × (key width + value width) × 2 bytes. Models that look back through a sliding window or
    keep a compressed cache need less: then this is an upper bound.
    """
    if header.layers is None or header.kv_heads is None or header.head_width is None:
        return None
    value_width = header.head_width if header.value_width is None else header.value_width
    return header.layers * header.kv_heads * (header.head_width + value_width) * CACHE_BYTES


def check_memory(spec: EngineSpec, header: GgufHeader, available_bytes: int | None) -> None:
    """Raise ConfigError if the model plainly needs more memory than there is. On a GPU, llama.cpp decides."""
    needed = memory_bytes(spec, header)
    if needed is None or available_bytes is None or spec.gpu_layers > 0 or needed <= available_bytes:
        return
    raise ConfigError(
        f"models.{spec.name}.weights",
        f"it needs about {needed / 2**30:.1f} GiB of memory; {available_bytes / 2**30:.1f} GiB are available",
        hint="fewer slots, fewer context_tokens, or a smaller quantisation of the same model",
    )


def available_memory() -> int | None:
    """Return the bytes that Linux could give to a new process without swapping; None elsewhere."""
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(found.split()[1]) * 1024 if found else None
