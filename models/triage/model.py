"""A small LLaMA in torch: RMSNorm, rotary positions, grouped queries, SwiGLU. Names follow Hugging Face.

It does not know tickets, files or training. Shapes: B sequences, T tokens, V vocabulary, D width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model; the names are those of a Hugging Face ``config.json``."""

    vocab_size: int = 2048
    hidden_size: int = 256
    intermediate_size: int = 384
    num_hidden_layers: int = 4
    num_attention_heads: int = 8
    num_key_value_heads: int = 2
    max_position_embeddings: int = 1024
    rope_theta: float = 10_000.0
    rms_norm_eps: float = 1e-5

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.num_attention_heads


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        inner = shape.num_key_value_heads * shape.head_size
        self.q_proj = nn.Linear(shape.hidden_size, shape.hidden_size, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, inner, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, inner, bias=False)
        self.o_proj = nn.Linear(shape.hidden_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        batch, length, width = x.shape
        query, key, value = (
            project(x).view(batch, length, -1, self.shape.head_size).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = functional.scaled_dot_product_attention(
            rotate(query, turn), rotate(key, turn), value, is_causal=True, enable_gqa=True
        )
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


class Mlp(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Layer(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(shape.hidden_size, eps=shape.rms_norm_eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = nn.RMSNorm(shape.hidden_size, eps=shape.rms_norm_eps)
        self.mlp = Mlp(shape)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        x = x + self.dropout(self.self_attn(self.input_layernorm(x), turn))
        out: Tensor = x + self.dropout(self.mlp(self.post_attention_layernorm(x)))
        return out


class Body(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.num_hidden_layers))
        self.norm = nn.RMSNorm(shape.hidden_size, eps=shape.rms_norm_eps)


class Llama(nn.Module):
    """Token ids (B, T) to logits (B, T, V); with ``wanted`` (B, T) of bool, only those places: (N, V)."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.model = Body(shape, dropout)
        self.lm_head = nn.Linear(shape.hidden_size, shape.vocab_size, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.apply(_initialise)
        for name, weight in self.named_parameters():
            if name.endswith(
                ("q_proj.weight", "o_proj.weight", "down_proj.weight")
            ):  # all places count alike
                nn.init.zeros_(weight)

    def forward(self, tokens: Tensor, wanted: Tensor | None = None) -> Tensor:
        x = self.dropout(self.model.embed_tokens(tokens))
        turn = rotation(self.shape, tokens.shape[1])
        for layer in self.model.layers:
            x = layer(x, turn)
        x = self.model.norm(x)
        logits: Tensor = self.lm_head(x if wanted is None else x[wanted])
        return logits


def widened(net: Llama, intermediate_size: int) -> Llama:
    """The same function with more units in each MLP; the new ones say nothing until they are trained."""
    wider = Llama(replace(net.shape, intermediate_size=intermediate_size))
    new = wider.state_dict()
    for name, weight in net.state_dict().items():
        new[name][tuple(slice(size) for size in weight.shape)] = weight
    wider.load_state_dict(new)
    return wider


def loaded(weights: Mapping[str, Tensor]) -> Llama:
    """The model with these weights, as wide as they are."""
    net = widened(Llama(Shape()), len(weights["model.layers.0.mlp.gate_proj.weight"]))
    net.load_state_dict(weights)
    return net


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.weight.shape[1] ** -0.5)


def rotation(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine (T, head size) of each place, halves side by side as Hugging Face lays them out."""
    half = torch.arange(0, shape.head_size, 2, dtype=torch.float32) / shape.head_size
    angle = torch.outer(torch.arange(length, dtype=torch.float32), shape.rope_theta**-half)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions (Su et al. 2021, arXiv:2104.09864) on x (B, heads, T, head size)."""
    low, high = x.chunk(2, dim=-1)
    return x * turn[0] + torch.cat((-high, low), dim=-1) * turn[1]
