"""Reads the header of a GGUF file: what the model is, and whether the file is whole.

llama.cpp gives no reason when it meets a bad file, so this looks first. It reads no weights, trusts no
count or length that the file claims, and does not know what will be done with the model. Format: the GGUF
specification (ggml, docs/gguf.md), versions 2 and 3, little-endian. A model in several files is read as one:
the first holds what is said of the model, each its own tensors.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from freehold.engine.gguf_tables import ARRAY, FILE_TYPES, SCALARS, STRING, TENSOR_TYPES
from freehold.engine.weights import shards
from freehold.errors import ConfigError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_ENTRIES = 65_536  # metadata pairs, and tensors: real files have hundreds
MAX_KEY_BYTES = 65_535  # the specification's own limit
MAX_STRING_BYTES = 16 * 1024 * 1024
MAX_ELEMENTS = 16_000_000  # array elements in one file; a vocabulary has a few hundred thousand
KEPT_STRING_BYTES = 1024
KEPT_ARRAY_ELEMENTS = 1024
MAX_DIMENSIONS = 4
_EXPERTS = b"_exps."  # `blk.0.ffn_up_exps.weight`: the experts of a layer in one tensor

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF file says of its model. None where the file does not say.

    `parameters` counts the weights of all tensors; `tensor_bytes` and `file_bytes` are bytes, over all files
    of the model. `heads` and `kv_heads` are the largest of any layer; `head_width` is that of a key,
    `value_width` that of a value. `pooling` is llama.cpp's code for how embeddings are pooled (0 none,
    1 mean, 2 first token, 3 last token, 4 rank). Of a mixture of experts, `experts_used` of `experts` work on
    a token; `expert_parameters` and `expert_bytes` are those of all experts together, 0 in a dense model.
    """

    architecture: str
    name: str | None
    parameters: int
    context_tokens: int | None
    layers: int | None
    embedding_length: int | None
    heads: int | None
    kv_heads: int | None
    head_width: int | None
    vocabulary: int | None
    pooling: int | None
    has_chat_template: bool
    quantisation: str
    tensor_bytes: int
    file_bytes: int
    value_width: int | None = None
    experts: int | None = None
    experts_used: int | None = None
    expert_parameters: int = 0
    expert_bytes: int = 0


@dataclass(slots=True)
class Found:
    """What one file says, as far as it is read. `lengths` holds the size of every array and long string."""

    scalars: dict[str, Scalar] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    parameters: int = 0
    tensor_bytes: int = 0
    data_end: int = 0
    expert_parameters: int = 0
    expert_bytes: int = 0
    bytes_by_type: Counter[str] = field(default_factory=Counter)


class BadFileError(Exception):
    """The bytes are not what the format asks for; the message ends the sentence "FILE …"."""


class _CutShortError(BadFileError):
    """The bytes end where the header goes on."""

    def __init__(self) -> None:
        super().__init__("ends in the middle of its header: the file is cut short")


class _Cursor:
    """Reads little-endian values off a file and refuses to go beyond its end or beyond the bounds above."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._elements_left = MAX_ELEMENTS

    @property
    def position(self) -> int:
        return self._file.tell()

    def take(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise _CutShortError
        return data

    def skip(self, count: int) -> None:
        if count > self._size - self.position:
            raise _CutShortError
        self._file.seek(count, 1)

    def number(self, letter: str) -> int | float | bool:
        value: int | float | bool = struct.unpack(f"<{letter}", self.take(struct.calcsize(letter)))[0]
        return value

    def count(self, letter: str = "Q") -> int:
        return int(self.number(letter))

    def entries(self, what: str) -> int:
        count = self.count()
        if count > MAX_ENTRIES:
            raise BadFileError(f"claims {count} {what}, more than any real model has")
        return count

    def string(self, limit: int) -> bytes:
        length = self.count()
        if length > limit:
            raise BadFileError(f"claims a text of {length} bytes where at most {limit} make sense")
        return self.take(length)

    def elements(self) -> int:
        count = self.count()
        self._elements_left -= count
        if self._elements_left < 0:
            raise BadFileError(f"claims an array of {count} elements, more than any real model has")
        return count


def read_header(path: Path, *, key: str = "weights") -> GgufHeader:
    """Read and check the header of the GGUF file at `path`, and of its further parts where it has any.

    Raises ConfigError with `key` when a file is missing, is not GGUF, has a version we do not know, has a
    senseless header, or is shorter than its own list of tensors.
    """
    files = shards(path)
    found = [_read_file(file, key) for file in files]
    try:
        return header_of(found, sum(file.stat().st_size for file in files))
    except BadFileError as error:
        raise _refused(key, path, error) from None


def read_beginning(beginning: bytes, file_bytes: int) -> Found | None:
    """Read a header off the first bytes of a file of `file_bytes`; None where it goes on beyond them.

    Raises BadFileError where the bytes are no GGUF header.
    """
    try:
        return _read(_Cursor(BytesIO(beginning), file_bytes), file_bytes)
    except _CutShortError:
        if len(beginning) >= file_bytes:
            raise
        return None


def header_of(parts: Sequence[Found], file_bytes: int) -> GgufHeader:
    """The header of a model out of what its files say, the first one first. Raises BadFileError."""
    first, *rest = parts
    for part in rest:
        first.parameters += part.parameters
        first.tensor_bytes += part.tensor_bytes
        first.expert_parameters += part.expert_parameters
        first.expert_bytes += part.expert_bytes
        first.bytes_by_type += part.bytes_by_type
    return _header(first, file_bytes)


def _read_file(path: Path, key: str) -> Found:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _read(_Cursor(file, size), size)
    except FileNotFoundError:
        raise ConfigError(
            key, f"{path} does not exist", hint="paths start at the config file's folder"
        ) from None
    except OSError as error:
        raise ConfigError(key, f"{path} cannot be read: {error.strerror}") from None
    except BadFileError as error:
        raise _refused(key, path, error) from None


def _refused(key: str, path: Path, error: BadFileError) -> ConfigError:
    hint = "download or copy it again, and compare its size or checksum with the source's"
    return ConfigError(key, f"{path} {error}", hint=hint)


def _read(cursor: _Cursor, size: int) -> Found:
    found = Found()
    _check_start(cursor)
    tensors = cursor.entries("tensors")
    for _ in range(cursor.entries("metadata entries")):
        _read_entry(cursor, found)
    for _ in range(tensors):
        _read_tensor(cursor, found)
    _check_whole(cursor.position, found, size)
    return found


def _check_start(cursor: _Cursor) -> None:
    try:
        magic = cursor.take(len(MAGIC))
    except _CutShortError:
        raise BadFileError("is empty or far too short to be a model") from None
    if magic != MAGIC:
        raise BadFileError("is not a GGUF file; safetensors and PyTorch files must be converted first")
    version = cursor.count("I")
    if version in VERSIONS:
        return
    if version.to_bytes(4, "little")[3] in VERSIONS:
        raise BadFileError("is a big-endian GGUF file; only little-endian ones run here")
    raise BadFileError(f"is GGUF version {version}; versions 2 and 3 are known")


def _read_entry(cursor: _Cursor, found: Found) -> None:
    key = cursor.string(MAX_KEY_BYTES).decode("utf-8", "replace")
    kind = cursor.count("I")
    if kind == ARRAY:
        _read_array(cursor, key, found)
    elif kind == STRING:
        _keep_text(key, cursor.string(MAX_STRING_BYTES), found)
    else:
        found.scalars[key] = cursor.number(_letter(kind))


def _letter(kind: int) -> str:
    letter = SCALARS.get(kind)
    if letter is None:
        raise BadFileError(f"has metadata of an unknown type ({kind})")
    return letter


def _keep_text(key: str, text: bytes, found: Found) -> None:
    found.lengths[key] = len(text)
    if len(text) <= KEPT_STRING_BYTES:
        found.scalars[key] = text.decode("utf-8", "replace")


def _read_array(cursor: _Cursor, key: str, found: Found) -> None:
    """Note an array's length; of a short one of numbers keep the largest (heads may differ by layer)."""
    kind = cursor.count("I")
    count = found.lengths[key] = cursor.elements()
    if kind == STRING:
        for _ in range(count):
            cursor.skip(cursor.count())
        return
    letter = _letter(kind)
    width = struct.calcsize(letter)
    if 0 < count <= KEPT_ARRAY_ELEMENTS:
        found.scalars[key] = max(struct.unpack(f"<{count}{letter}", cursor.take(count * width)))
    else:
        cursor.skip(count * width)


def _read_tensor(cursor: _Cursor, found: Found) -> None:
    is_expert = _EXPERTS in cursor.string(MAX_KEY_BYTES)
    dimensions = cursor.count("I")
    if dimensions > MAX_DIMENSIONS:
        raise BadFileError(f"has a tensor of {dimensions} dimensions; four is the most there can be")
    weights = math.prod(cursor.count() for _ in range(dimensions))
    name, block, width = TENSOR_TYPES.get(cursor.count("I"), ("unknown", 1, 0))
    offset = cursor.count()
    length = weights // block * width
    found.parameters += weights
    found.tensor_bytes += length
    found.bytes_by_type[name] += length
    if is_expert:
        found.expert_parameters += weights
        found.expert_bytes += length
    found.data_end = max(found.data_end, offset + length)


def _check_whole(header_end: int, found: Found, size: int) -> None:
    alignment = found.scalars.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
        raise BadFileError("has a senseless alignment in its header")
    data_start = -(-header_end // alignment) * alignment
    expected = data_start + found.data_end
    if found.data_end and size < expected:
        raise BadFileError(f"is cut short: its tensors need {expected} bytes and it has {size}")


def _header(found: Found, size: int) -> GgufHeader:
    architecture = found.scalars.get("general.architecture")
    if not isinstance(architecture, str):
        raise BadFileError("does not name the architecture of its model")

    def integer(key: str) -> int | None:
        value = found.scalars.get(f"{architecture}.{key}")
        return value if isinstance(value, int) else None

    heads, width = integer("attention.head_count"), integer("embedding_length")
    kv_heads, head_width = integer("attention.head_count_kv"), integer("attention.key_length")
    if head_width is None and width is not None and heads:
        head_width = width // heads
    name = found.scalars.get("general.name")
    return GgufHeader(
        architecture=architecture,
        name=name if isinstance(name, str) else None,
        parameters=found.parameters,
        context_tokens=integer("context_length"),
        layers=integer("block_count"),
        embedding_length=width,
        heads=heads,
        kv_heads=heads if kv_heads is None else kv_heads,
        head_width=head_width,
        vocabulary=found.lengths.get("tokenizer.ggml.tokens", integer("vocab_size")),
        pooling=integer("pooling_type"),
        has_chat_template=found.lengths.get("tokenizer.chat_template", 0) > 0,
        quantisation=_quantisation(found),
        tensor_bytes=found.tensor_bytes,
        file_bytes=size,
        value_width=integer("attention.value_length"),
        experts=integer("expert_count"),
        experts_used=integer("expert_used_count"),
        expert_parameters=found.expert_parameters,
        expert_bytes=found.expert_bytes,
    )


def _quantisation(found: Found) -> str:
    """Return the file's own word for it, or the type that most of its bytes have."""
    declared = found.scalars.get("general.file_type")
    if isinstance(declared, int) and declared in FILE_TYPES:
        return FILE_TYPES[declared]
    common = found.bytes_by_type.most_common(1)
    return common[0][0] if common else "unknown"
