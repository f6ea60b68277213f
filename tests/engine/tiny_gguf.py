"""Builds LLaMA-architecture GGUF files with random weights, for tests and benches.

A file made here loads in llama.cpp like any other: a byte-level BPE vocabulary, a chat template with tools,
grouped-query attention. What it says is noise, the same noise for the same `Shape`. It does not know how the
engine starts or what it answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase

import gguf
import numpy as np
import numpy.typing as npt

BOS, EOS, IM_START, IM_END = "<|bos|>", "<|eos|>", "<|im_start|>", "<|im_end|>"
SPECIALS = (BOS, EOS, IM_START, IM_END)
TOOL_CALL = "<tool_call>"

CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{%- if tools %}<|im_start|>system\n"
    "Tools: {{ tools | tojson }}\n"
    'Call one as <tool_call>{"name": NAME, "arguments": OBJECT}</tool_call><|im_end|>\n'
    "{% endif -%}"
    "{%- for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.content %}{{ m.content }}{% endif -%}"
    "{%- for call in m.tool_calls or [] %}"
    '<tool_call>{"name": {{ call.function.name | tojson }}, '
    '"arguments": {{ call.function.arguments | tojson }}}</tool_call>'
    "{%- endfor %}<|im_end|>\n"
    "{% endfor -%}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif -%}"
)
"""ChatML with tools. llama.cpp learns from it how a call looks, which `tool_choice` needs."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model. The default has about 0.1 M parameters and a file of half a megabyte."""

    layers: int = 2
    embedding: int = 64
    feed_forward: int = 128
    heads: int = 4
    kv_heads: int = 2
    vocabulary: int = 320
    context_tokens: int = 2048
    quantisation: str = "F32"
    chat_template: str | None = CHAT_TEMPLATE
    seed: int = 7


HUNDRED_MILLION = Shape(
    layers=12,
    embedding=768,
    feed_forward=2048,
    heads=12,
    kv_heads=4,
    vocabulary=16_384,
    context_tokens=2048,
    quantisation="Q8_0",
)
"""About 100 M parameters in 107 MB: large enough that the engine's own time dwarfs what surrounds it."""


def write_gguf(path: Path, shape: Shape | None = None) -> Path:
    """Write a model of `shape` to `path` and return `path`."""
    shape = shape or Shape()
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape)
    _vocabulary(writer, shape)
    for name, array in _weights(shape):
        _add(writer, name, array, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("random")
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.embedding // shape.heads)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType[_file_type(shape)])
    if shape.chat_template is not None:
        writer.add_chat_template(shape.chat_template)


def _file_type(shape: Shape) -> str:
    return "ALL_F32" if shape.quantisation == "F32" else f"MOSTLY_{shape.quantisation}"


def _vocabulary(writer: gguf.GGUFWriter, shape: Shape) -> None:
    """Specials, the 256 bytes, then merged lower-case words until the vocabulary is full."""
    fixed = [*SPECIALS, TOOL_CALL, *_bytes()]
    merges = list(islice(_merges(), shape.vocabulary - len(fixed)))
    tokens = [*fixed, *("".join(pair) for pair in merges)]
    kinds = [
        *(gguf.TokenType.CONTROL for _ in SPECIALS),
        gguf.TokenType.USER_DEFINED,
        *(gguf.TokenType.NORMAL for _ in tokens[len(SPECIALS) + 1 :]),
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokens.index(BOS))
    writer.add_eos_token_id(tokens.index(IM_END))
    writer.add_add_bos_token(value=False)


def _bytes() -> list[str]:
    """GPT-2's printable stand-ins for the 256 byte values (public vocabulary format of `gpt2` tokenizers)."""
    plain = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def _merges() -> Iterator[tuple[str, str]]:
    """Pairs of letters, then pairs of those pairs: 676 + 456,976 of them, always mergeable in this order."""
    pairs = list(product(ascii_lowercase, ascii_lowercase))
    yield from pairs
    words = ["".join(pair) for pair in pairs]
    yield from product(words, words)


def _weights(shape: Shape) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    rng = np.random.default_rng(shape.seed)
    kv_width = shape.embedding // shape.heads * shape.kv_heads

    def matrix(rows: int, columns: int) -> npt.NDArray[np.float32]:
        return rng.standard_normal((rows, columns), dtype=np.float32) / np.float32(np.sqrt(columns))

    yield "token_embd.weight", matrix(shape.vocabulary, shape.embedding)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        yield f"{block}.attn_norm.weight", np.ones(shape.embedding, dtype=np.float32)
        yield f"{block}.attn_q.weight", matrix(shape.embedding, shape.embedding)
        yield f"{block}.attn_k.weight", matrix(kv_width, shape.embedding)
        yield f"{block}.attn_v.weight", matrix(kv_width, shape.embedding)
        yield f"{block}.attn_output.weight", matrix(shape.embedding, shape.embedding)
        yield f"{block}.ffn_norm.weight", np.ones(shape.embedding, dtype=np.float32)
        yield f"{block}.ffn_gate.weight", matrix(shape.feed_forward, shape.embedding)
        yield f"{block}.ffn_up.weight", matrix(shape.feed_forward, shape.embedding)
        yield f"{block}.ffn_down.weight", matrix(shape.embedding, shape.feed_forward)
    yield "output_norm.weight", np.ones(shape.embedding, dtype=np.float32)
    yield "output.weight", matrix(shape.vocabulary, shape.embedding)


def _add(writer: gguf.GGUFWriter, name: str, array: npt.NDArray[np.float32], shape: Shape) -> None:
    if shape.quantisation == "F32" or array.ndim == 1:
        writer.add_tensor(name, array)
        return
    kind = gguf.GGMLQuantizationType[shape.quantisation]
    writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
