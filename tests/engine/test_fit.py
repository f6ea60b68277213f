"""Does it fit: context and memory from the header."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from freehold.engine import EngineSpec, read_header
from freehold.engine.fit import available_memory, check_memory, context_tokens, memory_bytes, threads
from freehold.errors import ConfigError


def test_without_a_wish_a_slot_gets_what_was_trained_within_reason(tiny: Path) -> None:
    header = read_header(tiny)
    spec = EngineSpec("llama", tiny)
    assert context_tokens(spec, replace(header, context_tokens=1024)) == 1024
    assert context_tokens(spec, replace(header, context_tokens=131_072)) == 8192
    assert context_tokens(spec, replace(header, context_tokens=None)) == 8192


def test_more_context_than_was_trained_is_a_mistake_in_the_config(tiny: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        context_tokens(EngineSpec("llama", tiny, context_tokens=9000), read_header(tiny))
    assert raised.value.key == "models.llama.context_tokens"


def test_a_small_model_gets_one_thread_unless_the_spec_says_otherwise(tiny: Path) -> None:
    header = read_header(tiny)
    assert threads(EngineSpec("llama", tiny), header) == 1
    assert threads(EngineSpec("llama", tiny, threads=3), header) == 3
    assert threads(EngineSpec("llama", tiny), replace(header, parameters=10**9)) is None


def test_memory_is_weights_and_the_cache_of_every_slot(tiny: Path) -> None:
    header = read_header(tiny)
    spec = EngineSpec("llama", tiny, slots=3, context_tokens=100)
    cache = 2 * 2 * 2 * 16 * 2 * 100 * 3  # keys and values, layers, kv heads, width, bytes, tokens, slots
    assert memory_bytes(spec, header) == header.tensor_bytes + cache


def test_a_model_that_cannot_fit_is_refused_with_both_numbers(tiny: Path) -> None:
    header = replace(read_header(tiny), tensor_bytes=9 * 2**30)
    with pytest.raises(ConfigError, match=r"9\.0 GiB .* 4\.0 GiB"):
        check_memory(EngineSpec("llama", tiny), header, 4 * 2**30)
    check_memory(EngineSpec("llama", tiny), header, None)
    check_memory(EngineSpec("llama", tiny, gpu_layers=99), header, 4 * 2**30)


def test_this_machine_s_memory_is_known() -> None:
    available = available_memory()
    assert available is None or available > 2**20
