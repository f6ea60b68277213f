"""Reads the header of a GGUF file: what the model is, and whether the file is whole.

llama.cpp gives no reason when it meets a bad file, so this looks first. It reads no weights, trusts no
count or length that the file claims, and does not know what will be done with the model. Format: the GGUF
specification (ggml, docs/gguf.md), versions 2 and 3, little-endian.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from freehold.engine.gguf_tables import ARRAY, FILE_TYPES, SCALARS, STRING, TENSOR_TYPES
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

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF file says of its model. None where the file does not say.

    `parameters` counts the weights of all tensors in this file; `tensor_bytes` and `file_bytes` are bytes.
    `heads` and `kv_heads` are the largest of any layer. `pooling` is llama.cpp's code for how embeddings are
    pooled (0 none, 1 mean, 2 first token, 3 last token, 4 rank).
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


@dataclass(slots=True)
class _Found:
    """What has been picked up so far. `lengths` holds the element count of every array and long string."""

    scalars: dict[str, Scalar] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    parameters: int = 0
    tensor_bytes: int = 0
    data_end: int = 0
    bytes_by_type: Counter[str] = field(default_factory=Counter)


class _BadFileError(Exception):
    """The bytes are not what the format asks for; the message ends the sentence "FILE …"."""


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
            raise _BadFileError("ends in the middle of its header: the file is cut short")
        return data

    def skip(self, count: int) -> None:
        if count > self._size - self.position:
            raise _BadFileError("ends in the middle of its header: the file is cut short")
        self._file.seek(count, 1)

    def number(self, letter: str) -> int | float | bool:
        value: int | float | bool = struct.unpack(f"<{letter}", self.take(struct.calcsize(letter)))[0]
        return value

    def count(self, letter: str = "Q") -> int:
        return int(self.number(letter))

    def entries(self, what: str) -> int:
        count = self.count()
        if count > MAX_ENTRIES:
            raise _BadFileError(f"claims {count} {what}, more than any real model has")
        return count

    def string(self, limit: int) -> bytes:
        length = self.count()
        if length > limit:
            raise _BadFileError(f"claims a text of {length} bytes where at most {limit} make sense")
        return self.take(length)

    def elements(self) -> int:
        count = self.count()
        self._elements_left -= count
        if self._elements_left < 0:
            raise _BadFileError(f"claims an array of {count} elements, more than any real model has")
        return count


def read_header(path: Path, *, key: str = "weights") -> GgufHeader:
    """Read and check the header of the GGUF file at `path`.

    Raises ConfigError with `key` when the file is missing, is not GGUF, has a version we do not know, has a
    senseless header, or is shorter than its own list of tensors.
    """
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
    except _BadFileError as error:
        hint = "download or copy it again, and compare its size or checksum with the source's"
        raise ConfigError(key, f"{path} {error}", hint=hint) from None


def _read(cursor: _Cursor, size: int) -> GgufHeader:
    found = _Found()
    _check_start(cursor)
    tensors = cursor.entries("tensors")
    for _ in range(cursor.entries("metadata entries")):
        _read_entry(cursor, found)
    for _ in range(tensors):
        _read_tensor(cursor, found)
    _check_whole(cursor.position, found, size)
    return _header(found, size)


def _check_start(cursor: _Cursor) -> None:
    try:
        magic = cursor.take(len(MAGIC))
    except _BadFileError:
        raise _BadFileError("is empty or far too short to be a model") from None
    if magic != MAGIC:
        raise _BadFileError("is not a GGUF file; safetensors and PyTorch files must be converted first")
    version = cursor.count("I")
    if version in VERSIONS:
        return
    if version.to_bytes(4, "little")[3] in VERSIONS:
        raise _BadFileError("is a big-endian GGUF file; only little-endian ones run here")
    raise _BadFileError(f"is GGUF version {version}; versions 2 and 3 are known")


def _read_entry(cursor: _Cursor, found: _Found) -> None:
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
        raise _BadFileError(f"has metadata of an unknown type ({kind})")
    return letter


def _keep_text(key: str, text: bytes, found: _Found) -> None:
    found.lengths[key] = len(text)
    if len(text) <= KEPT_STRING_BYTES:
        found.scalars[key] = text.decode("utf-8", "replace")


def _read_array(cursor: _Cursor, key: str, found: _Found) -> None:
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


def _read_tensor(cursor: _Cursor, found: _Found) -> None:
    cursor.string(MAX_KEY_BYTES)
    dimensions = cursor.count("I")
    if dimensions > MAX_DIMENSIONS:
        raise _BadFileError(f"has a tensor of {dimensions} dimensions; four is the most there can be")
    weights = math.prod(cursor.count() for _ in range(dimensions))
    name, block, width = TENSOR_TYPES.get(cursor.count("I"), ("unknown", 1, 0))
    offset = cursor.count()
    length = weights // block * width
    found.parameters += weights
    found.tensor_bytes += length
    found.bytes_by_type[name] += length
    found.data_end = max(found.data_end, offset + length)


def _check_whole(header_end: int, found: _Found, size: int) -> None:
    alignment = found.scalars.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
        raise _BadFileError("has a senseless alignment in its header")
    data_start = -(-header_end // alignment) * alignment
    expected = data_start + found.data_end
    if found.data_end and size < expected:
        raise _BadFileError(f"is cut short: its tensors need {expected} bytes and it has {size}")


def _header(found: _Found, size: int) -> GgufHeader:
    architecture = found.scalars.get("general.architecture")
    if not isinstance(architecture, str):
        raise _BadFileError("does not name the architecture of its model")

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
    )


def _quantisation(found: _Found) -> str:
    """Return the file's own word for it, or the type that most of its bytes have."""
    declared = found.scalars.get("general.file_type")
    if isinstance(declared, int) and declared in FILE_TYPES:
        return FILE_TYPES[declared]
    common = found.bytes_by_type.most_common(1)
    return common[0][0] if common else "unknown"
