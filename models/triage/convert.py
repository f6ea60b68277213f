"""A LLaMA with Hugging Face names and its byte-level BPE to one GGUF file, Q8_0, with a chat template inside.

For LLaMA alone. It does not know how the model was trained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np
from model import Shape
from numpy.typing import NDArray
from template import CHAT_TEMPLATE

Weights = Mapping[str, NDArray[np.float32]]

_LAYER = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
_OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def write(
    path: Path,
    shape: Shape,
    weights: Weights,
    tokenizer: str,
    *,
    pieces: Sequence[str],
    about: Mapping[str, str],
    exact: bool = False,
) -> None:
    """Write the GGUF. ``tokenizer`` is the JSON of ``tokenizers``; ``about`` has name and licence.

    ``pieces`` are tokens after the tokenizer's own, which its merges never reach: no text is cut into them.
    Matrices become Q8_0, or stay float32 where ``exact`` (for comparing the two engines, not for serving).
    """
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape, about)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32 if exact else gguf.LlamaFileType.MOSTLY_Q8_0)
    _tokens(writer, json.loads(tokenizer), pieces)
    for name, weight in weights.items():
        _tensor(writer, tensor_name(name), _interleaved(name, weight, shape), exact=exact)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tensor_name(name: str) -> str:
    """The name in llama.cpp of a weight's name in Hugging Face."""
    stem = name.removesuffix(".weight")
    if stem in _OUTER:
        return f"{_OUTER[stem]}.weight"
    number, inner = stem.removeprefix("model.layers.").split(".", 1)
    return f"blk.{number}.{_LAYER[inner]}.weight"


def _interleaved(name: str, weight: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """llama.cpp turns neighbouring pairs, Hugging Face halves: reorder the rows of q and k in each head."""
    heads = {"q_proj": shape.num_attention_heads, "k_proj": shape.num_key_value_heads}.get(
        name.split(".")[-2]
    )
    if heads is None:
        return weight
    halves = weight.reshape(heads, 2, shape.head_size // 2, -1)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))


def _tensor(writer: gguf.GGUFWriter, name: str, weight: NDArray[np.float32], *, exact: bool) -> None:
    if exact or weight.ndim == 1:
        writer.add_tensor(name, weight)
        return
    kind = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor(name, gguf.quants.quantize(weight, kind), raw_dtype=kind)


def _describe(writer: gguf.GGUFWriter, shape: Shape, about: Mapping[str, str]) -> None:
    writer.add_name(about["name"])
    writer.add_license(about["license"])
    writer.add_description(about["description"])
    writer.add_vocab_size(shape.vocab_size)
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)


def _tokens(writer: gguf.GGUFWriter, tokenizer: dict[str, object], pieces: Sequence[str]) -> None:
    """Vocabulary and merges. ``qwen2`` names the way to cut text in which each digit stands alone."""
    model = tokenizer["model"]
    added = tokenizer["added_tokens"]
    assert isinstance(model, dict)
    assert isinstance(added, list)
    special = {token["content"]: token["id"] for token in added}
    vocabulary = [*sorted(model["vocab"], key=model["vocab"].__getitem__), *pieces]
    assert len(set(vocabulary)) == len(vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in vocabulary]
    )
    writer.add_token_merges([" ".join(merge) for merge in model["merges"]])
    writer.add_bos_token_id(special["<|ticket|>"])
    writer.add_eos_token_id(special["<|end|>"])
    writer.add_pad_token_id(special["<|end|>"])
    writer.add_add_bos_token(False)  # noqa: FBT003 - the writer's signature; the template sets <|ticket|>
    writer.add_add_eos_token(False)  # noqa: FBT003 - likewise
    writer.add_chat_template(CHAT_TEMPLATE)
