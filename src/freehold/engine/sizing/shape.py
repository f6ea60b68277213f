"""What of a model decides its memory and its speed, whichever file said it. Does not read files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.engine.fit import CACHE_BYTES, cache_bytes_per_token
from freehold.engine.gguf import GgufHeader


@dataclass(frozen=True, slots=True)
class ModelShape:
    """None where the model's own files do not say it.

    `weight_bytes` are all weights, `expert_bytes` those of the experts among them, `parameters` and
    `expert_parameters` count likewise. `context_tokens` is what the model was trained for.
    """

    name: str
    architecture: str
    quantisation: str
    weight_bytes: int
    parameters: int | None
    cache_bytes_per_token: int | None
    context_tokens: int | None
    embedding_length: int | None
    vocabulary: int | None
    expert_bytes: int = 0
    expert_parameters: int = 0
    experts: int | None = None
    experts_used: int | None = None

    @property
    def active_parameters(self) -> int | None:
        """The parameters that work on one token."""
        if self.parameters is None:
            return None
        return round(self.parameters - self.expert_parameters * (1 - self.share_of_experts(1)))

    def bytes_read(self, streams: int) -> float:
        """The weights that one step of `streams` answers reads, in bytes."""
        return self.weight_bytes - self.expert_bytes * (1 - self.share_of_experts(streams))

    def share_of_experts(self, streams: int) -> float:
        """The share of experts that at least one of `streams` tokens asks, if each picks evenly at random."""
        if not self.experts or not self.experts_used:
            return 1.0
        return float(1 - (1 - self.experts_used / self.experts) ** streams)


def shape_of_header(header: GgufHeader, name: str) -> ModelShape:
    return ModelShape(
        name=name,
        architecture=header.architecture,
        quantisation=header.quantisation,
        weight_bytes=header.tensor_bytes,
        parameters=header.parameters,
        cache_bytes_per_token=cache_bytes_per_token(header),
        context_tokens=header.context_tokens,
        embedding_length=header.embedding_length,
        vocabulary=header.vocabulary,
        expert_bytes=header.expert_bytes,
        expert_parameters=header.expert_parameters,
        experts=header.experts,
        experts_used=header.experts_used,
    )


def shape_of_config(
    config: Mapping[str, Any], name: str, *, weight_bytes: int, parameters: int | None
) -> ModelShape:
    """The shape of a model in safetensors, from its `config.json` as the transformers library writes it."""
    text = config.get("text_config")
    said = text if isinstance(text, Mapping) else config  # a model that also sees keeps it one level down

    def integer(key: str) -> int | None:
        value = said.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

    kind = config.get("torch_dtype") or config.get("dtype") or said.get("torch_dtype")
    architecture = config.get("model_type")
    return ModelShape(
        name=name,
        architecture=architecture if isinstance(architecture, str) else "unknown",
        quantisation=kind if isinstance(kind, str) else "unknown",
        weight_bytes=weight_bytes,
        parameters=parameters,
        cache_bytes_per_token=_cache_of_config(
            integer("num_hidden_layers"),
            integer("num_key_value_heads") or integer("num_attention_heads"),
            integer("head_dim") or _quotient(integer("hidden_size"), integer("num_attention_heads")),
        ),
        context_tokens=integer("max_position_embeddings"),
        embedding_length=integer("hidden_size"),
        vocabulary=integer("vocab_size"),
    )


def _quotient(width: int | None, heads: int | None) -> int | None:
    return None if width is None or heads is None else width // heads


def _cache_of_config(layers: int | None, kv_heads: int | None, width: int | None) -> int | None:
    if layers is None or kv_heads is None or width is None:
        return None
    return layers * kv_heads * 2 * width * CACHE_BYTES
