"""Parameters of the table of models, counted from the shapes that their config.json gives."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from freehold.costs.capacity import Model, shipped_facts

# The width of the feed-forward layers (`intermediate_size` of config.json), which the table does not hold,
# and how many matrices each of them has. Norms are left out: less than a thousandth.
WIDTHS = {
    "llama-2-7b": (11_008, 3), "llama-2-13b": (13_824, 3), "llama-2-70b": (28_672, 3),
    "codellama-34b": (22_016, 3), "codellama-70b": (28_672, 3),
    "llama-3-8b": (14_336, 3), "llama-3-70b": (28_672, 3),
    "llama-3.1-8b": (14_336, 3), "llama-3.1-70b": (28_672, 3), "llama-3.1-405b": (53_248, 3),
    "llama-3.2-1b": (8_192, 3), "llama-3.2-3b": (8_192, 3), "mistral-7b": (14_336, 3),
    "qwen2.5-0.5b": (4_864, 3), "qwen2.5-3b": (11_008, 3), "qwen2.5-7b": (18_944, 3),
    "qwen3-0.6b": (3_072, 3), "qwen3-1.7b": (6_144, 3), "qwen3-4b": (9_728, 3), "qwen3-8b": (12_288, 3),
    "gemma-2-9b": (14_336, 3), "gemma-2-27b": (36_864, 3), "phi-3-mini": (8_192, 3), "gpt-j-6b": (16_384, 2),
}  # fmt: skip
MIXTURES = {"mixtral-8x7b": 14_336}


@pytest.mark.parametrize("name", WIDTHS)
def test_a_dense_models_parameters_are_those_of_its_shape(name: str, models: Mapping[str, Model]) -> None:
    width, matrices = WIDTHS[name]
    model = models[name]
    counted = _without_experts(model) + model.layers * matrices * model.hidden * width
    assert counted == pytest.approx(model.parameters, rel=2e-3)
    assert model.active_parameters == model.parameters


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixtures_experts_are_counted_apart(name: str, models: Mapping[str, Model]) -> None:
    model = models[name]
    assert model.experts is not None
    experts = model.layers * model.experts * 3 * model.hidden * MIXTURES[name]
    assert experts == pytest.approx(model.expert_parameters, rel=2e-3)
    assert _without_experts(model) + experts == pytest.approx(model.parameters, rel=2e-3)


def _without_experts(model: Model) -> int:
    """Attention, and the tables of tokens in and out."""
    attention = 2 * model.hidden * model.head_size * (model.heads + model.kv_heads)
    return model.layers * attention + (1 if model.tied else 2) * model.vocabulary * model.hidden


@pytest.fixture(scope="module")
def models() -> Mapping[str, Model]:
    return shipped_facts().models
