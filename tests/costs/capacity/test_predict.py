"""What a capacity answer says: what fits, what was chosen, what was not measured, what a run teaches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from freehold.costs import capacity
from freehold.costs.capacity import Capacity, DoesNotFit, Question
from freehold.errors import ConfigError

FACTS = capacity.shipped_facts()
CONSTANTS = capacity.shipped_constants()
SEVENTY = Question("llama-3.1-70b", "fp8", "H100-SXM-80GB", 4, 1024, 256, 64, 4, 1, "closed_loop", "vllm")


def predict(question: Question, *measured: capacity.Measured) -> Capacity:
    return capacity.predict(question, FACTS, CONSTANTS, measured)


def width(found: Capacity) -> float:
    tokens = found.output_tokens_per_s
    return (tokens.p90 - tokens.p10) / tokens.p50


def test_a_model_too_large_says_what_it_needs() -> None:
    with pytest.raises(DoesNotFit) as raised:
        predict(Question("llama-3.1-70b", "fp16", "h100", 1, 1024, 256))
    assert "does not fit 1 × H100" in raised.value.message
    assert raised.value.hint is not None
    assert "2 of them" in raised.value.hint


def test_the_layout_is_chosen_and_told() -> None:
    found = predict(Question("llama-3.1-8b", "fp8", "h100", 8, 778, 128, mode="mlperf_offline"))
    assert found.deployment.tp * found.deployment.pp * found.replicas == 8
    assert any(note.startswith("chosen: tp") for note in found.notes)
    assert any("no framework given" in note for note in found.notes)


def test_a_layout_that_is_given_is_kept() -> None:
    found = predict(replace(SEVENTY, gpu_count=8))
    assert (found.deployment.tp, found.deployment.pp, found.replicas) == (4, 1, 2)
    assert not any(note.startswith("chosen") for note in found.notes)


def test_what_was_measured_has_no_remark_and_what_was_not_has_one_and_a_wider_interval() -> None:
    known = predict(SEVENTY)
    assert known.outside == ()
    for other, said in (
        (replace(SEVENTY, gpu="MI300X"), "MI300X"),
        (replace(SEVENTY, model="mixtral-8x7b"), "mixture of experts"),
        (replace(SEVENTY, precision="int4"), "int4"),
        (replace(SEVENTY, framework="my engine"), "my engine"),
        (replace(SEVENTY, tp=2, pp=2), "pipeline"),
        (replace(SEVENTY, input_len=90_000, concurrency=1), "tokens of prompt and answer"),
        (replace(SEVENTY, model="llama-3.1-405b", gpu_count=8, tp=8), "billion parameters"),
        (replace(SEVENTY, gpu="H100 NVL"), "H100 NVL was not measured"),
    ):
        found = predict(other)
        assert any(said in sentence for sentence in found.outside), other
        assert width(found) > width(known), other


def test_requests_that_do_not_fit_wait() -> None:
    found = predict(replace(SEVENTY, input_len=20_000, output_len=2_000, concurrency=500))
    assert found.batch < 500
    assert any("the others wait" in note for note in found.notes)
    full = predict(replace(SEVENTY, input_len=20_000, output_len=2_000, concurrency="max"))
    assert found.output_tokens_per_s.p50 == pytest.approx(full.output_tokens_per_s.p50)


def test_a_promise_bounds_the_load() -> None:
    free = predict(replace(SEVENTY, concurrency="max"))
    bound = predict(replace(SEVENTY, concurrency="slo", slo_tpot_ms=30))
    tight = predict(replace(SEVENTY, concurrency="slo", slo_tpot_ms=20))
    assert tight.batch < bound.batch < free.batch
    assert tight.tpot_ms.p50 <= 20
    assert bound.tpot_ms.p50 <= 30
    assert any("30 ms, as asked" in note for note in bound.notes)


def test_the_modes_of_mlperf_bring_their_own_promise() -> None:
    asked = Question("llama-3.1-8b", "fp8", "h200", 8, 778, 128, "slo", mode="mlperf_interactive")
    assert any("30 ms, as mlperf_interactive promises" in note for note in predict(asked).notes)


def test_a_measurement_of_ones_own_moves_the_answer_and_narrows_it() -> None:
    plain = predict(SEVENTY)
    told = plain.output_tokens_per_s.p50 * 0.7
    own = capacity.learn(SEVENTY, FACTS, CONSTANTS, tokens_per_s=told, tpot_ms=plain.tpot_ms.p50 * 1.4)
    moved = predict(SEVENTY, own)
    assert moved.output_tokens_per_s.p50 == pytest.approx(told, rel=0.05)
    assert moved.tpot_ms.p50 == pytest.approx(plain.tpot_ms.p50 * 1.4, rel=0.05)
    assert width(moved) < width(plain) / 2
    assert any("after a measurement" in note for note in moved.notes)


def test_a_measurement_fades_with_distance_and_says_nothing_about_other_cards() -> None:
    plain = predict(SEVENTY)
    own = capacity.learn(SEVENTY, FACTS, CONSTANTS, tokens_per_s=plain.output_tokens_per_s.p50 / 2)

    def moved(question: Question) -> float:
        return predict(question, own).output_tokens_per_s.p50 / predict(question).output_tokens_per_s.p50

    near, far = moved(replace(SEVENTY, concurrency=32)), moved(replace(SEVENTY, concurrency=1))
    assert moved(SEVENTY) < near < far < 1
    assert moved(replace(SEVENTY, gpu="a100")) == 1


@pytest.mark.parametrize(
    ("change", "key", "hint"),
    [
        ({"model": "lama-3.1-70b"}, "model", "did you mean llama-3.1-70b"),
        ({"gpu": "H1000"}, "gpu", 'did you mean "H100"'),
        ({"precision": "fp7"}, "precision", "fp8"),
        ({"gpu_count": 0}, "gpu_count", ""),
        ({"gpu_count": -4}, "gpu_count", ""),
        ({"input_len": 10**12}, "input_len", ""),
        ({"output_len": 1.5}, "output_len", ""),
        ({"output_len": True}, "output_len", ""),
        ({"concurrency": "many"}, "concurrency", '"max"'),
        ({"concurrency": 0}, "concurrency", ""),
        ({"mode": "chaos"}, "mode", "closed_loop"),
        ({"tp": 3}, "gpu_count", "tp × pp"),
        ({"model": 7}, "model", ""),
        ({"model": None}, "model", "needed are"),
        ({"concurrency": "slo", "slo_tpot_ms": -1}, "slo_tpot_ms", ""),
        ({"slo_tpot_ms": 20}, "slo_tpot_ms", "slo"),
    ],
)
def test_a_wrong_question_names_its_key_and_a_hint(change: dict[str, object], key: str, hint: str) -> None:
    row: dict[str, object] = {
        "model": "llama-3.1-70b",
        "precision": "fp8",
        "gpu": "H100",
        "gpu_count": 4,
        "input_len": 1024,
        "output_len": 256,
        "concurrency": 64,
    }
    with pytest.raises(ConfigError) as raised:
        predict(capacity.read_question({**row, **change}))
    assert raised.value.key == key
    assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("meta-llama/Llama-3.1-70B-Instruct", "llama-3.1-70b"),
        ("Meta-Llama-3-8B", "llama-3-8b"),
        ("Llama-2-7b-chat-hf", "llama-2-7b"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b"),
        ("deepseek-ai/DeepSeek-R1", "deepseek-v3"),
        ("Qwen/Qwen2.5-72B-Instruct", "qwen2.5-72b"),
        ("google/gemma-3-27b-it", "gemma-3-27b"),
        ("LLAMA3.1 70B", "llama-3.1-70b"),
    ],
)
def test_a_model_is_found_by_the_names_people_use(said: str, meant: str) -> None:
    assert capacity.find_model(said, FACTS.models).name == meant


def test_every_model_has_its_facts_and_a_source() -> None:
    for model in FACTS.models.values():
        assert model.active_parameters <= model.parameters
        assert model.idle_parameters < model.parameters
        assert model.source.startswith("https://huggingface.co/")
        assert model.licence
        if model.experts is not None:
            assert model.experts_used is not None
            assert 0 < model.expert_parameters < model.parameters
            asked = model.experts_used / model.experts
            active = model.parameters - model.expert_parameters * (1 - asked)
            assert model.active_parameters == pytest.approx(active, rel=0.01), model.name


def test_the_cache_of_a_model_is_what_its_shape_says() -> None:
    seventy, deepseek = FACTS.models["llama-3.1-70b"], FACTS.models["deepseek-v3"]
    assert seventy.cache_values_per_token(1) == 80 * 2 * 8 * 128
    assert seventy.cache_values_per_token(8) == 80 * 2 * 128
    assert seventy.cache_values_per_token(16) == 80 * 2 * 128  # a head is not cut
    assert deepseek.cache_values_per_token(8) == 61 * 576  # every GPU holds all of a compressed cache
    assert FACTS.models["gpt-oss-120b"].tokens_seen(4096) == pytest.approx((4096 + 128) / 2)


def test_own_facts_outrank_the_products_and_show() -> None:
    text = """
    [gpus."H100"]
    bandwidth_gb_s = 3000
    source = "our own memory test"
    as_of = 2026-11-01

    [models."ours-9b"]
    parameters = 9_000_000_000
    active_parameters = 9_000_000_000
    layers = 40
    heads = 32
    kv_heads = 8
    head_size = 128
    hidden = 4096
    vocabulary = 32000
    context = 8192
    licence = "ours"
    source = "the training run"
    as_of = 2026-11-01
    """
    facts = capacity.with_own_facts(FACTS, text, name="facts.toml")
    assert facts.gpus["H100"].bandwidth_gb_s == 3000
    assert facts.gpus["H100"].memory_gib == 80
    assert {("gpus", "H100"), ("models", "ours-9b")} == facts.overridden
    slower = capacity.predict(SEVENTY, facts, CONSTANTS)
    assert slower.output_tokens_per_s.p50 < predict(SEVENTY).output_tokens_per_s.p50
    assert capacity.predict(replace(SEVENTY, model="ours-9b"), facts, CONSTANTS).tpot_ms.p50 > 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gpus", "is no TOML"),
        ("[cars.x]", "no table of facts"),
        ('[gpus."H100"]\nbandwidth_gb_s = 3000', "needs source and as_of"),
        ('[gpus."X1"]\nsource = "x"\nas_of = 2026-01-01', "lacks a fact"),
        ('[gpus."H100"]\nwatts = -1\nsource = "x"\nas_of = 2026-01-01', "out of bounds"),
        ('[models."llama-3.1-8b"]\nlayer = 3\nsource = "x"\nas_of = 2026-01-01', "one too many"),
    ],
)
def test_a_mistake_in_own_facts_is_told(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        capacity.with_own_facts(FACTS, text, name="facts.toml")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("H100-SXM-80GB", "H100"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("H100 NVL", "H100 NVL"),
        ("A100-SXM4-40GB", "A100 40GB"),
        ("A100-PCIe-80GB", "A100 PCIe 80GB"),
        ("RTX-A6000-48GB", "RTX A6000"),
        ("B200-186GB", "B200"),
        ("MI300X-192GB", "MI300X"),
        ("GH200-144GB", "GH200 144GB"),
    ],
)
def test_a_gpu_is_found_by_the_names_people_use(said: str, meant: str) -> None:
    assert predict(replace(SEVENTY, gpu=said, gpu_count=8, tp=8)).deployment.gpu.name == meant


def test_a_gpu_with_another_memory_is_not_taken_for_the_same() -> None:
    with pytest.raises(ConfigError, match="no GPU"):
        predict(replace(SEVENTY, gpu="H100-SXM-64GB"))


@pytest.mark.parametrize(
    ("framework", "generation"),
    [
        ("vllm", "vllm"),
        ("vLLM 0.10.1", "vllm"),
        ("vLLM 0.2.7", "vllm-early"),
        ("Splitwise (vLLM-based)", "vllm-early"),
        ("SGLang v0.4", "vllm"),
        ("trtllm", "trtllm-1"),
        ("TensorRT-LLM 1.0", "trtllm-1"),
        ("TensorRT-LLM 0.17", "trtllm-0"),
        ("MLPerf closed (mostly TensorRT-LLM)", "mlperf"),
        ("NIM", "trtllm-1"),
        ("my own", "unknown"),
    ],
)
def test_a_framework_tells_its_generation(framework: str, generation: str) -> None:
    assert predict(replace(SEVENTY, framework=framework)).deployment.generation == generation


def test_a_mode_without_answers_is_one_prompt() -> None:
    found = predict(replace(SEVENTY, mode="ttft_only", output_len=1, concurrency=1))
    longer = predict(replace(SEVENTY, mode="ttft_only", output_len=1, concurrency=1, input_len=8192))
    assert 0 < found.ttft_ms < longer.ttft_ms


def test_a_row_of_the_curve_says_the_same_as_the_answer_at_its_concurrency() -> None:
    asked = replace(SEVENTY, tp=None, pp=None, framework=None)
    found = predict(asked)
    (row,) = capacity.over_concurrency(asked, FACTS, CONSTANTS, (64,))
    assert row.output_tokens_per_s == found.output_tokens_per_s
    assert row.tpot_ms == found.tpot_ms
