"""Who rents out a model's weights, by the list of prices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from freehold.costs import hosts_of
from freehold.costs.capacity import same_weights

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_each_host_is_named_once_the_cheapest_first_and_none_that_tuned_it_further() -> None:
    found = hosts_of("llama", lambda name: same_weights(name, "llama-3.1-8b"), at=NOW)
    assert len(found) >= 3
    names = [name for name, _ in found]
    homes = [name.partition("/")[0].removeprefix("huggingface_") for name in names]
    assert len(set(homes)) == len(homes)
    assert not [name for name in names if "distill" in name or "lumimaid" in name or ":free" in name]
    prices = [price.standard.input_usd_per_million for _, price in found]
    assert prices == sorted(prices)
    assert prices[0] > 0


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", True),
        ("@cf/meta/llama-3.1-8b-instruct-fp8", True),
        ("Llama-3.1-70B-Instruct", False),
        ("deepseek-r1-distill-llama-8b", False),
        ("llama-3-8b", False),
    ],
)
def test_weights_are_the_same_by_their_name(name: str, *, same: bool) -> None:
    assert same_weights(name, "llama-3.1-8b") is same
