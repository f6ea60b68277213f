"""Whether a model fits, how fast it may be, which quantisation would fit: held against published figures."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from tomllib import loads

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.conftest import running, spec_for
from tests.engine.tiny_gguf import Shape, write_gguf

from freehold.engine import read_header, sizing
from freehold.engine.gguf_tables import FILE_TYPES
from freehold.engine.sizing import ModelShape, judge, named_gpu, shape_of_config, shape_of_header, speed_of
from freehold.errors import FreeholdError

# Llama 3 8B, from its config.json; file sizes from llama.cpp's tools/quantize/README.md.
LLAMA_CONFIG = {
    "model_type": "llama",
    "torch_dtype": "bfloat16",
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "hidden_size": 4096,
    "vocab_size": 128_256,
    "max_position_embeddings": 8192,
}
H100, A100 = named_gpu("H100"), named_gpu("A100")  # read once: drawn examples would read the table each time
LLAMA = shape_of_config(LLAMA_CONFIG, "llama", weight_bytes=16_060_522_496, parameters=8_030_261_248)
Q4_K_M = replace(LLAMA, quantisation="Q4_K_M", weight_bytes=round(4.58 * 2**30))
MIXTURE = replace(
    Q4_K_M,
    weight_bytes=20 * 2**30,
    expert_bytes=18 * 2**30,
    experts=128,
    experts_used=8,
    expert_parameters=7_000_000_000,
)


def test_the_cache_of_a_known_model_is_what_is_published() -> None:
    assert LLAMA.cache_bytes_per_token == 131_072  # 128 KiB a token for Llama 3 8B in 16 bits


def test_a_header_and_a_config_give_the_same_cache(tiny: Path) -> None:
    config = {
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "hidden_size": 64,
        "max_position_embeddings": 8192,
    }
    by_config = shape_of_config(config, "tiny", weight_bytes=1, parameters=None)
    by_header = shape_of_header(read_header(tiny), "tiny")
    assert by_header.cache_bytes_per_token == by_config.cache_bytes_per_token == 2 * 2 * 2 * 16 * 2


def test_a_model_that_also_sees_keeps_its_figures_one_level_down() -> None:
    config = {"model_type": "mllama", "text_config": LLAMA_CONFIG}
    shape = shape_of_config(config, "x", weight_bytes=1, parameters=None)
    assert shape.cache_bytes_per_token == LLAMA.cache_bytes_per_token
    assert shape.quantisation == "bfloat16"


@pytest.mark.parametrize("config", [{}, {"hidden_size": "wide", "num_hidden_layers": True}])
def test_a_config_that_says_nothing_leaves_things_unknown(config: dict[str, object]) -> None:
    shape = shape_of_config(config, "x", weight_bytes=10, parameters=None)
    assert shape.cache_bytes_per_token is None
    verdict = judge(shape, named_gpu("H100"), context_tokens=100, slots=1)
    assert verdict.fits is None
    assert verdict.speed.decode is None
    assert verdict.speed.prefill is None


# Tokens a second of llama.cpp, generated and read (tg 1024, pp 1024), as published in
# https://github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference.
@pytest.mark.parametrize(
    ("gpu", "shape", "generated", "read"),
    [
        ("RTX 3090", Q4_K_M, 111.74, 3865.39),
        ("RTX 3090", LLAMA, 46.51, 4239.64),
        ("RTX 4090", Q4_K_M, 127.74, 6898.71),
        ("RTX 4090", LLAMA, 54.34, 9056.26),
    ],
)
def test_published_speeds_lie_in_the_range(
    gpu: str, shape: ModelShape, generated: float, read: float
) -> None:
    speed = speed_of(shape, named_gpu(gpu), context_tokens=1024, slots=1)
    assert speed.decode is not None
    assert speed.prefill is not None
    assert speed.decode.low < generated < speed.decode.high
    assert speed.prefill.low < read < speed.prefill.high


def test_a_mixture_of_experts_is_faster_than_its_size_and_slower_in_company() -> None:
    alone = speed_of(MIXTURE, named_gpu("L40S"), context_tokens=1024, slots=1)
    dense = replace(MIXTURE, experts=None, experts_used=None, expert_bytes=0, expert_parameters=0)
    as_dense = speed_of(dense, named_gpu("L40S"), context_tokens=1024, slots=1)
    assert alone.decode is not None
    assert as_dense.decode is not None
    assert alone.decode.high > 3 * as_dense.decode.high
    assert MIXTURE.bytes_read(1) < MIXTURE.bytes_read(4) < MIXTURE.bytes_read(64) < MIXTURE.weight_bytes
    assert MIXTURE.active_parameters == round(8_030_261_248 - 7_000_000_000 * 120 / 128)


def test_an_8b_model_fits_an_l4_at_four_bits_and_not_at_sixteen_with_long_contexts() -> None:
    l4 = named_gpu("L4")
    small = judge(Q4_K_M, l4, context_tokens=8192, slots=4)
    assert small.fits is True
    assert small.most_slots is not None
    assert small.most_slots >= 4
    large = judge(LLAMA, l4, context_tokens=8192, slots=16)
    assert large.fits is False
    assert large.best_alternative is None or large.best_alternative.quantisation != "BF16"
    assert large.most_context_tokens is not None
    assert large.most_context_tokens < 8192


def test_a_70b_model_on_one_h100_is_told_the_finest_quantisation_that_fits() -> None:
    parameters = 70_553_706_496
    shape = replace(LLAMA, weight_bytes=2 * parameters, parameters=parameters)
    verdict = judge(shape, named_gpu("H100"), context_tokens=4096, slots=4)
    assert verdict.fits is False
    assert verdict.most_slots == 0
    assert verdict.best_alternative is not None
    assert verdict.best_alternative.quantisation == "Q8_0"


@given(gib=st.floats(0.1, 400), context=st.integers(1, 100_000), slots=st.integers(1, 256))
def test_what_is_said_to_fit_fits_and_one_more_does_not(gib: float, context: int, slots: int) -> None:
    machine = sizing.with_memory(H100, gib)
    verdict = judge(Q4_K_M, machine, context_tokens=context, slots=slots)
    assert verdict.fits is (verdict.need.total_bytes is not None and verdict.need.total_bytes <= gib * 2**30)
    assert verdict.most_slots is not None
    if verdict.most_slots:
        assert judge(Q4_K_M, machine, context_tokens=context, slots=verdict.most_slots).fits
    assert not judge(Q4_K_M, machine, context_tokens=context, slots=verdict.most_slots + 1).fits


@given(st.integers(1, 64))
def test_more_streams_are_never_slower_together(slots: int) -> None:
    speed = speed_of(Q4_K_M, A100, context_tokens=4096, slots=slots)
    more = speed_of(Q4_K_M, A100, context_tokens=4096, slots=slots + 1)
    assert speed.decode_all is not None
    assert more.decode_all is not None
    assert speed.decode_all.high <= more.decode_all.high


@pytest.mark.parametrize(
    ("said", "meant"),
    [("h100", "H100"), ("NVIDIA A100 80GB", "A100 80GB"), ("rtx4090", "RTX 4090"), ("4090", "RTX 4090")],
)
def test_a_gpu_is_found_however_it_is_spelt(said: str, meant: str) -> None:
    assert named_gpu(said).name == meant


def test_an_unknown_gpu_is_told_what_is_known() -> None:
    with pytest.raises(FreeholdError) as raised:
        named_gpu("RTX 4091")
    assert raised.value.hint is not None
    assert 'did you mean "RTX 4090"' in raised.value.hint
    assert "MI300X" in raised.value.hint


def test_every_row_of_the_tables_has_its_facts_and_a_source() -> None:
    table = loads(files("freehold.engine.sizing").joinpath("gpus.toml").read_text())
    for name, row in table.items():
        assert row["memory_gib"] > 0, name
        assert row["source"].startswith("https://"), name
        assert isinstance(row["as_of"], date), name
        assert 0.01 < row["bandwidth_gb_s"] / row["fp16_tflops"] < 30, name  # the H20 has 27
    names = {word for row in table.values() for word in row.get("aliases", ())}
    assert names.isdisjoint(table)
    assert set(sizing.bits_per_weight()) <= set(FILE_TYPES.values())


def test_the_table_of_bits_agrees_with_the_sizes_of_real_files() -> None:
    bits = sizing.bits_per_weight()
    assert 8_030_261_248 * bits["Q4_K_M"] / 8 == pytest.approx(4.58 * 2**30, rel=0.002)
    assert 8_030_261_248 * bits["Q8_0"] / 8 == pytest.approx(7.95 * 2**30, rel=0.002)


def test_this_machine_says_what_it_has_or_that_it_does_not_know() -> None:
    machine = sizing.this_machine()
    assert machine.memory_bytes is None or machine.memory_bytes > 2**20
    assert machine.bandwidth is None or machine.bandwidth > 1e7
    assert machine.flops is None
    assert sizing.this_machine(measure=False).bandwidth is None


def test_the_memory_of_a_real_engine_is_near_the_estimate(tmp_path: Path) -> None:
    shape = Shape(layers=4, embedding=512, feed_forward=1024, vocabulary=8192, heads=8, kv_heads=4)
    weights = write_gguf(tmp_path / "m.gguf", shape)
    need = judge(
        shape_of_header(read_header(weights), "m"),
        sizing.this_machine(measure=False),
        context_tokens=2048,
        slots=4,
    ).need
    with running(spec_for(weights, slots=4, context_tokens=2048)) as engine:
        health = engine.health
        while health is None:
            time.sleep(0.02)
            health = engine.health
    assert need.total_bytes is not None
    assert 0.5 * health.rss_bytes < need.total_bytes < 2 * health.rss_bytes
