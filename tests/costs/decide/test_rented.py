"""The rented side is exact."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.costs import Price, Rates, Tier, cost, price_of
from freehold.costs.decide import Rented, Traffic, scaled_to_month
from freehold.errors import ConfigError
from freehold.wire import Usage

AT = datetime(2026, 11, 24, tzinfo=UTC)


def openai(model: str) -> Rented:
    price = price_of("openai", model, at=AT)
    assert price is not None
    return Rented(f"openai/{model}", price)


def ten_million(input_tokens: int, output_tokens: int) -> Traffic:
    return Traffic(Decimal(10_000_000), Decimal(input_tokens), Decimal(output_tokens), 3.0)


@pytest.mark.parametrize(
    ("model", "short", "long"),
    [
        ("gpt-3.5-turbo-0613", 12_500, 35_000),
        ("gpt-4", 300_000, 900_000),
        ("gpt-4o", 37_500, 125_000),
        ("gpt-4o-mini", 2_250, 7_500),
    ],
)
def test_ten_million_requests_cost_what_the_price_list_says(model: str, short: int, long: int) -> None:
    assert openai(model).usd_per_month(ten_million(500, 250)) == short
    assert openai(model).usd_per_month(ten_million(1000, 1000)) == long


def test_cached_tokens_of_a_mean_request_cost_their_own_rate() -> None:
    rented = Rented("openai/x", Price(Rates(Decimal("2.5"), Decimal(10), Decimal("1.25")), "a test"))
    traffic = Traffic(Decimal(1_000_000), Decimal(1000), Decimal(100), 3.0, Decimal(400))
    assert rented.usd_per_month(traffic) == 600 * Decimal("2.5") + 400 * Decimal("1.25") + 100 * 10


TIERED = Price(
    Rates(Decimal("1.25"), Decimal(10), Decimal("0.31"), (Tier(1000, Rates(Decimal("2.5"), Decimal(15))),)),
    "a test",
)
usages = st.builds(
    Usage,
    input_tokens=st.integers(0, 3000),
    output_tokens=st.integers(0, 500),
    cached_tokens=st.just(0) | st.none(),
)


@given(st.lists(usages, min_size=1, max_size=30))
def test_a_traces_cost_is_the_sum_over_its_rows_whichever_tier_each_is_in(rows: list[Usage]) -> None:
    way = Rented("a/b", TIERED)
    assert way.usd_in_trace((row, 1) for row in rows) == sum(cost(row, TIERED) or 0 for row in rows)
    assert way.usd_in_trace([(rows[0], 7)]) == 7 * (cost(rows[0], TIERED) or 0)


def test_a_trace_of_an_hour_is_scaled_to_730_hours() -> None:
    assert scaled_to_month(Decimal("1.5"), Decimal(3600)) == Decimal(1095)


def test_a_trace_without_a_span_is_not_scaled_by_a_guess() -> None:
    with pytest.raises(ConfigError, match="spans no time"):
        scaled_to_month(Decimal(1), Decimal(0))


def test_a_model_without_batch_rates_has_no_batch_month() -> None:
    with pytest.raises(ConfigError, match="no batch price"):
        Rented("a/b", TIERED, batch=True).usd_per_month(ten_million(500, 250))
