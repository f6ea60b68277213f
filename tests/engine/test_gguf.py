"""The header reader: says what a whole file is, and what is wrong with any other."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.tiny_gguf import Shape, write_gguf

from freehold.engine import GgufHeader, read_header
from freehold.engine.gguf import BadFileError, header_of, read_beginning
from freehold.engine.gguf_tables import FILE_TYPES, TENSOR_TYPES
from freehold.errors import ConfigError

HEADER_BYTES = 12_000
"""The tiny model's header is somewhat shorter."""


def complaint(path: Path, data: bytes | None = None) -> ConfigError:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ConfigError) as raised:
        read_header(path, key="models.llama.weights")
    assert raised.value.key == "models.llama.weights"
    assert raised.value.hint
    return raised.value


def beginning(version: int = 3, tensors: int = 0, entries: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, entries)


def test_the_header_says_what_the_model_is(tiny: Path) -> None:
    header = read_header(tiny)
    assert header == GgufHeader(
        architecture="llama",
        name="random",
        parameters=header.parameters,
        context_tokens=8192,
        layers=2,
        embedding_length=64,
        heads=4,
        kv_heads=2,
        head_width=16,
        vocabulary=320,
        pooling=None,
        has_chat_template=True,
        quantisation="F32",
        tensor_bytes=header.parameters * 4,
        file_bytes=tiny.stat().st_size,
    )


@pytest.mark.parametrize("quantisation", ["F32", "F16", "Q8_0"])
def test_sizes_agree_with_the_reference_reader(tmp_path: Path, quantisation: str) -> None:
    path = write_gguf(tmp_path / "model.gguf", Shape(quantisation=quantisation))
    header, reference = read_header(path), gguf.GGUFReader(path)
    assert header.parameters == sum(int(tensor.n_elements) for tensor in reference.tensors)
    assert header.tensor_bytes == sum(int(tensor.n_bytes) for tensor in reference.tensors)
    assert header.quantisation == quantisation


def test_our_tables_agree_with_the_format_s_own_package() -> None:
    theirs = {kind.value: (kind.name, *gguf.GGML_QUANT_SIZES[kind]) for kind in gguf.GGMLQuantizationType}
    assert {code: theirs[code] for code in TENSOR_TYPES} == dict(TENSOR_TYPES)
    names = {
        kind.value: kind.name.removeprefix("MOSTLY_").removeprefix("ALL_") for kind in gguf.LlamaFileType
    }
    assert {code: names[code] for code in FILE_TYPES} == dict(FILE_TYPES)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "does not exist" in complaint(tmp_path / "none.gguf").message


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_header(tmp_path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 something else", "not a GGUF file"),
        (beginning(version=1), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (beginning(entries=2**60), "metadata entries"),
        (beginning(tensors=2**60), "tensors"),
        (beginning(entries=1) + struct.pack("<Q", 2**60), "text of"),
        (beginning(entries=1) + struct.pack("<Q1sIIQ", 1, b"k", 9, 4, 2**60), "array of"),
        (beginning(entries=1) + struct.pack("<Q1sIIQ", 1, b"k", 9, 8, 2**20), "cut short"),
        (beginning(entries=1) + struct.pack("<Q1sI", 1, b"k", 99), "unknown type"),
        (beginning(tensors=1) + struct.pack("<Q1sI", 1, b"t", 4_000_000_000), "dimensions"),
        (beginning(), "architecture"),
    ],
)
def test_a_senseless_file_is_refused_with_its_reason(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in complaint(tmp_path / "bad.gguf", data).message


def test_a_download_that_broke_off_is_noticed_before_llama_cpp_sees_it(tiny: Path, tmp_path: Path) -> None:
    whole = tiny.read_bytes()
    message = complaint(tmp_path / "short.gguf", whole[:-1]).message
    assert "cut short" in message
    assert f"need {len(whole)} bytes and it has {len(whole) - 1}" in message


@given(share=st.floats(0, 0.999))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_cut_anywhere_is_refused(tiny: Path, tmp_path: Path, share: float) -> None:
    whole = tiny.read_bytes()
    complaint(tmp_path / "short.gguf", whole[: int(len(whole) * share)])


@given(place=st.integers(0, HEADER_BYTES), junk=st.binary(min_size=1, max_size=8))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_header_is_read_or_refused_but_never_breaks_the_reader(
    tiny: Path, tmp_path: Path, place: int, junk: bytes
) -> None:
    whole = tiny.read_bytes()
    path = tmp_path / "damaged.gguf"
    path.write_bytes(whole[:place] + junk + whole[place + len(junk) :])
    try:
        read_header(path)
    except ConfigError:
        complaint(path)


def write_parts(folder: Path, *, parts: int = 2) -> Path:
    """A mixture of two experts in several files, as llama.cpp's `gguf-split` leaves it: the first path."""
    writer = gguf.GGUFWriter(folder / "moe.gguf", "llama", split_max_tensors=1)
    writer.add_block_count(1)
    writer.add_expert_count(4)
    writer.add_expert_used_count(2)
    names = ["token_embd.weight", *(f"blk.0.ffn_{part}_exps.weight" for part in range(parts - 1))]
    for name in names:
        writer.add_tensor(name, np.ones((4, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return folder / f"moe-00001-of-{parts:05}.gguf"


def test_a_model_in_several_files_is_read_as_one(tmp_path: Path) -> None:
    first = write_parts(tmp_path, parts=3)
    header = read_header(first)
    assert header.parameters == 3 * 4 * 32
    assert header.tensor_bytes == 4 * header.parameters
    assert header.file_bytes == sum(file.stat().st_size for file in tmp_path.glob("moe-*"))
    assert (header.experts, header.experts_used) == (4, 2)
    assert header.expert_parameters == 2 * 4 * 32
    assert header.expert_bytes == 4 * header.expert_parameters


def test_a_missing_part_of_a_model_is_named(tmp_path: Path) -> None:
    first = write_parts(tmp_path)
    (tmp_path / "moe-00002-of-00002.gguf").unlink()
    assert "moe-00002-of-00002.gguf does not exist" in complaint(first).message


def test_a_header_can_be_read_off_the_beginning_of_a_file(tiny: Path) -> None:
    whole = tiny.read_bytes()
    assert read_beginning(whole[:1000], len(whole)) is None
    found = read_beginning(whole[:HEADER_BYTES], len(whole))
    assert found is not None
    assert header_of([found], len(whole)) == read_header(tiny)
    with pytest.raises(BadFileError, match="not a GGUF file"):
        read_beginning(b"<!doctype html>", len(whole))
    with pytest.raises(BadFileError, match="cut short"):
        read_beginning(whole[:1000], 1000)
