"""The capacity model stays within physics and moves the way it must, on configurations nobody measured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from freehold.costs import capacity
from freehold.costs.capacity import Capacity, DoesNotFit, Question

FACTS = capacity.shipped_facts()
CONSTANTS = capacity.shipped_constants()

questions = st.builds(
    Question,
    model=st.sampled_from(sorted(FACTS.models)),
    precision=st.sampled_from(["fp16", "fp8", "int8", "fp4", "int4"]),
    gpu=st.sampled_from(sorted(FACTS.gpus)),
    gpu_count=st.sampled_from([1, 2, 4, 8, 16]),
    input_len=st.integers(1, 30_000),
    output_len=st.integers(2, 8_000),
    concurrency=st.one_of(st.integers(1, 4_000), st.just("max")),
    mode=st.sampled_from([None, "closed_loop", "static_batch", "saturated"]),
    framework=st.sampled_from([None, "vllm", "trtllm", "TensorRT-LLM 0.17", "something new"]),
)


def answered(question: Question) -> Capacity:
    try:
        return capacity.predict(question, FACTS, CONSTANTS)
    except DoesNotFit:
        assume(False)  # noqa: FBT003 - what does not fit has no speed
        raise


@given(questions)
@settings(max_examples=60, deadline=None)
def test_no_answer_is_faster_than_the_memory_or_the_arithmetic(question: Question) -> None:
    found = answered(question)
    deployment = found.deployment
    model, gpu = deployment.model, deployment.gpu
    asked = max(model.active_parameters - model.idle_parameters, 0) * deployment.precision.weight_bytes
    reading_seconds = asked / deployment.gpus / (gpu.bandwidth_gb_s * 1e9)
    assert found.tpot_ms.p50 >= reading_seconds * 1e3
    peak = max(gpu.fp16_tflops, gpu.fp8_tflops or 0, gpu.fp4_tflops or 0, gpu.int8_tops or 0) * 1e12
    each = 2 * (model.active_parameters - model.idle_parameters)
    prompts = question.input_len / question.output_len
    assert found.output_tokens_per_s.p50 * each * (1 + prompts) <= peak * question.gpu_count * 1.0001


@given(questions)
@settings(max_examples=60, deadline=None)
def test_the_quantiles_are_in_order_and_above_nothing(question: Question) -> None:
    found = answered(question)
    for value in (found.output_tokens_per_s, found.tpot_ms):
        assert 0 < value.p10 < value.p50 < value.p90
    assert found.ttft_ms > 0


@given(questions, st.integers(1, 2_000), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_more_at_once_never_gives_fewer_tokens_nor_a_faster_one(
    question: Question, few: int, times: int
) -> None:
    fixed = replace(question, mode="closed_loop", concurrency=few)
    first = answered(fixed)
    fixed = replace(fixed, tp=first.deployment.tp, pp=first.deployment.pp)
    less, more = answered(fixed), answered(replace(fixed, concurrency=few * times))
    assert more.output_tokens_per_s.p50 >= less.output_tokens_per_s.p50 * 0.9999


@given(questions)
@settings(max_examples=60, deadline=None)
def test_a_longer_prompt_never_gives_more_tokens(question: Question) -> None:
    shorter = answered(question)
    fixed = replace(question, tp=shorter.deployment.tp, pp=shorter.deployment.pp)
    longer = answered(replace(fixed, input_len=question.input_len * 2))
    assert longer.output_tokens_per_s.p50 <= shorter.output_tokens_per_s.p50 * 1.0001


@given(questions, st.sampled_from(["bandwidth_gb_s", "fp16_tflops", "memory_gib", "link_gb_s"]))
@settings(max_examples=60, deadline=None)
def test_a_better_card_never_gives_fewer_tokens(question: Question, fact: str) -> None:
    worse = answered(question)
    gpu = worse.deployment.gpu
    larger = {fact: getattr(gpu, fact) * 1.5}
    if fact == "fp16_tflops":
        larger |= {name: (getattr(gpu, name) or 0) * 1.5 or None for name in ("fp8_tflops", "fp4_tflops")}
        larger |= {"int8_tops": (gpu.int8_tops or 0) * 1.5 or None}
    facts = replace(FACTS, gpus={**FACTS.gpus, gpu.name: replace(gpu, **larger)})
    fixed = replace(question, tp=worse.deployment.tp, pp=worse.deployment.pp)
    better = capacity.predict(fixed, facts, CONSTANTS)
    assert better.output_tokens_per_s.p50 >= worse.output_tokens_per_s.p50 * 0.9999


@given(questions)
@settings(max_examples=60, deadline=None)
def test_twice_the_replicas_give_twice_the_tokens(question: Question) -> None:
    fixed = replace(question, concurrency="max")
    one = answered(fixed)
    fixed = replace(fixed, tp=one.deployment.tp, pp=one.deployment.pp)
    two = answered(replace(fixed, gpu_count=question.gpu_count * 2))
    assert two.output_tokens_per_s.p50 == pytest.approx(2 * one.output_tokens_per_s.p50)


@given(st.floats(0, 30_000), st.floats(0, 2_000), st.floats(0, 1e6), st.sampled_from(sorted(FACTS.models)))
@settings(max_examples=60, deadline=None)
def test_a_step_with_more_to_do_takes_longer(
    prefill: float, decode: float, cached: float, model: str
) -> None:
    deployment = capacity.Deployment(
        FACTS.models[model], capacity.find_precision("fp8"), FACTS.gpus["H100"], 8, 1, "vllm"
    )
    times = capacity.step_times(deployment, CONSTANTS)
    seconds = times.seconds(prefill, decode, cached)
    assert seconds > 0
    assert times.seconds(prefill + 1, decode, cached) >= seconds
    assert times.seconds(prefill, decode + 1, cached) >= seconds
    assert times.seconds(prefill, decode, cached + 1000) >= seconds


def test_a_few_tokens_ask_few_experts_and_many_ask_all() -> None:
    model = FACTS.models["mixtral-8x7b"]
    deployment = capacity.Deployment(model, capacity.find_precision("fp16"), FACTS.gpus["H100"], 2, 1, "vllm")
    times = capacity.step_times(deployment, CONSTANTS)
    assert times.coverage(1) == pytest.approx(2 / 8)
    assert times.coverage(2) == pytest.approx(1 - (6 / 8) ** 2)
    assert times.coverage(200) == pytest.approx(1)
    one, many = times.seconds(0, 1, 0), times.seconds(0, 200, 0)
    assert many > 1.8 * one  # 47 of its 47 billion parameters are read, not 13


def test_a_mixture_is_faster_than_a_dense_model_of_its_size() -> None:
    asked = Question("mixtral-8x22b", "fp8", "h100", 8, 1024, 256, 1, tp=8)
    mixture = answered(asked).output_tokens_per_s.p50
    dense = answered(replace(asked, model="mistral-large-2")).output_tokens_per_s.p50
    assert mixture > 1.3 * dense


def test_pipeline_stages_share_memory_but_a_token_walks_through_all() -> None:
    wide = answered(Question("llama-3.1-70b", "fp16", "a100", 4, 512, 128, 4, tp=4, pp=1))
    deep = answered(Question("llama-3.1-70b", "fp16", "a100", 4, 512, 128, 4, tp=1, pp=4))
    assert deep.weights_gib == wide.weights_gib
    assert deep.tpot_ms.p50 > 2 * wide.tpot_ms.p50
