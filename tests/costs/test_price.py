from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.costs import Price, Rates, Tier, configured_price, cost, price_of, read_prices, worst_cost
from freehold.errors import ConfigError
from freehold.wire import Usage

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEN_MILLION = 10_000_000
GPT_4O = Price(
    standard=Rates(Decimal("2.5"), Decimal(10), Decimal("1.25")),
    batch=Rates(Decimal("1.25"), Decimal(5)),
    source="a test",
)


@pytest.mark.parametrize(
    ("model", "total_usd"),
    [("gpt-4o", 37_500), ("gpt-4o-mini", 2_250), ("gpt-4", 300_000), ("gpt-3.5-turbo-0613", 12_500)],
)
def test_ten_million_requests_of_500_and_250_tokens_cost_what_the_price_page_says(
    model: str, total_usd: int
) -> None:
    one = cost(Usage(500, 250), price_of("openai", model, at=NOW))
    assert one is not None
    assert one * TEN_MILLION == total_usd


def test_cached_tokens_are_billed_at_their_own_rate() -> None:
    assert cost(Usage(1000, 0, cached_tokens=400), GPT_4O) == Decimal("0.002")


def test_a_model_without_a_rate_for_cached_tokens_bills_them_as_input() -> None:
    price = Price(standard=Rates(Decimal(30), Decimal(60)), source="a test")
    assert cost(Usage(1000, 0, cached_tokens=400), price) == Decimal("0.03")


def test_an_unreported_split_is_billed_as_uncached() -> None:
    assert cost(Usage(1000, 0), GPT_4O) == cost(Usage(1000, 0, cached_tokens=0), GPT_4O) == Decimal("0.0025")


def test_reasoning_tokens_are_not_billed_twice() -> None:
    assert cost(Usage(10, 100, reasoning_tokens=80), GPT_4O) == cost(Usage(10, 100), GPT_4O)


def test_a_batch_has_its_own_rates_and_is_unknown_without_them() -> None:
    assert cost(Usage(1000, 1000), GPT_4O, batch=True) == Decimal("0.00625")
    assert cost(Usage(1000, 1000), Price(standard=GPT_4O.standard, source="a test"), batch=True) is None


@pytest.mark.parametrize(
    "usage",
    [None, Usage(10, 1, cached_tokens=11), Usage(10, 1, cached_tokens=-1), Usage(-1, 0), Usage(0, -1)],
)
def test_a_missing_or_contradictory_usage_is_unknown_and_not_zero(usage: Usage | None) -> None:
    assert cost(usage, GPT_4O) is None


def test_a_missing_price_is_unknown_and_not_zero() -> None:
    assert cost(Usage(10, 10), None) is None


def test_embeddings_need_no_output_rate_but_output_does() -> None:
    price = price_of("openai", "text-embedding-3-small", at=NOW)
    assert cost(Usage(1_000_000, 0), price) == Decimal("0.02")
    assert cost(Usage(1_000_000, 1), price) is None


def test_a_long_input_moves_the_whole_request_to_the_higher_rate() -> None:
    long = Rates(Decimal(5), Decimal("22.5"))
    price = Price(standard=Rates(Decimal("2.5"), Decimal(15), tiers=(Tier(272_000, long),)), source="a test")
    assert cost(Usage(272_000, 1_000_000), price) == Decimal("15.68")
    assert cost(Usage(272_001, 1_000_000), price) == Decimal("23.860005")


_money = st.decimals(0, 99_999, places=12)
_tokens = st.integers(0, 10**9)


@given(_money, _money, _money, _tokens, _tokens, _tokens)
def test_a_cost_is_exact(
    input_: Decimal, output: Decimal, cached: Decimal, uncached: int, hit: int, made: int
) -> None:
    found = cost(Usage(uncached + hit, made, hit), Price(standard=Rates(input_, output, cached), source="t"))
    assert found is not None
    millionths = [int(figure * 10**12) for figure in (input_, output, cached)]
    wanted = millionths[0] * uncached + millionths[1] * made + millionths[2] * hit
    numerator, denominator = found.as_integer_ratio()
    assert numerator * 10**18 == wanted * denominator


@pytest.mark.parametrize("figure", ["-1", "NaN", "Infinity", "100000", "0.0000000000001"])
def test_a_figure_that_is_no_price_is_refused(figure: str) -> None:
    with pytest.raises(ValueError, match="input_usd_per_million must"):
        Rates(Decimal(figure), None)


def test_the_package_table_agrees_with_its_own_arithmetic_on_long_inputs() -> None:
    from genai_prices import Usage as TheirUsage  # noqa: PLC0415 - slow to load, needed here alone
    from genai_prices import calc_price  # noqa: PLC0415 - likewise

    for provider, model in [("openai", "gpt-5.4"), ("google", "gemini-2.5-pro"), ("openai", "gpt-4o-mini")]:
        price = price_of(provider, model, at=NOW)
        for given_tokens in (1000, 200_000, 200_001, 272_000, 272_001, 900_000):
            theirs = calc_price(
                TheirUsage(input_tokens=given_tokens, cache_read_tokens=700, output_tokens=321),
                model,
                provider_id=provider,
                genai_request_timestamp=NOW,
            )
            assert cost(Usage(given_tokens, 321, 700), price) == theirs.total_price


def test_the_package_table_knows_batch_rates() -> None:
    price = price_of("openai", "gpt-4o", at=NOW)
    assert cost(Usage(1_000_000, 1_000_000), price, batch=True) == Decimal("6.25")
    assert price is not None
    assert price.source.startswith("genai-prices ")


def test_a_price_that_the_token_counts_cannot_reproduce_is_unknown() -> None:
    assert price_of("perplexity", "sonar", at=NOW) is None  # also charges by the request
    assert price_of("deepseek", "deepseek-chat", at=NOW) is None  # changes with the hour


def test_an_unheard_of_model_or_provider_is_unknown() -> None:
    assert price_of("openai", "our-own-finetune", at=NOW) is None
    assert price_of("llamacpp", "gpt-4o", at=NOW) is None
    assert price_of("compatible", "gpt-4o", at=NOW, url="http://127.0.0.1:9000/v1") is None


def test_a_compatible_provider_is_known_by_its_address() -> None:
    price = price_of("compatible", "gpt-4o", at=NOW, url="https://api.openai.com/v1")
    assert price == price_of("openai", "gpt-4o", at=NOW)


def test_the_config_outranks_the_override_file_and_that_the_table() -> None:
    overrides = read_prices('[openai."gpt-4o"]\ninput_usd_per_million = 2\noutput_usd_per_million = 8')
    configured = configured_price(input_usd_per_million=Decimal(1), output_usd_per_million=Decimal(4))
    usage = Usage(1_000_000, 0)
    assert cost(usage, price_of("openai", "gpt-4o", at=NOW)) == Decimal("2.5")
    assert cost(usage, price_of("openai", "gpt-4o", at=NOW, overrides=overrides)) == 2
    assert cost(usage, price_of("openai", "gpt-4o", at=NOW, overrides=overrides, configured=configured)) == 1


def test_a_model_can_be_priced_as_another() -> None:
    asked_as = price_of("sandbox", "chatty", at=NOW, price_as="openai/gpt-4o-mini")
    assert asked_as == price_of("openai", "gpt-4o-mini", at=NOW)
    with pytest.raises(ConfigError, match="names no model of a provider") as caught:
        price_of("sandbox", "chatty", at=NOW, price_as="gpt-4o-mini")
    assert caught.value.hint is not None


def test_configured_figures_without_an_input_rate_are_a_mistake() -> None:
    assert configured_price(key="models.gpt") is None
    with pytest.raises(ConfigError) as caught:
        configured_price(output_usd_per_million=Decimal(1), key="models.gpt")
    assert caught.value.key == "models.gpt.input_usd_per_million"
    with pytest.raises(ConfigError) as caught:
        configured_price(
            input_usd_per_million=Decimal(1), batch_output_usd_per_million=Decimal(1), key="models.gpt"
        )
    assert caught.value.key == "models.gpt.batch_input_usd_per_million"


def test_a_configured_price_of_nothing_is_zero_and_known() -> None:
    free = configured_price(input_usd_per_million=Decimal(0), output_usd_per_million=Decimal(0))
    assert cost(Usage(5, 5), free) == 0


def test_importing_costs_loads_no_price_table() -> None:
    program = "import sys, freehold.costs; print('genai_prices' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


_figures = st.decimals(min_value=0, max_value=100, places=3)
_flat = st.builds(Rates, _figures, _figures, st.none() | _figures)
_rates = st.builds(
    Rates,
    _figures,
    _figures,
    st.none() | _figures,
    st.lists(st.builds(Tier, st.integers(0, 500), _flat), max_size=2).map(tuple),
)


@given(rates=_rates, most=st.tuples(st.integers(0, 1000), st.integers(0, 1000)), data=st.data())
def test_no_answer_within_the_bounds_costs_more_than_the_worst_case(
    rates: Rates, most: tuple[int, int], data: st.DataObject
) -> None:
    price = Price(standard=rates, source="a test")
    given_ = data.draw(st.integers(0, most[0]))
    usage = Usage(given_, data.draw(st.integers(0, most[1])), data.draw(st.none() | st.integers(0, given_)))
    known, worst = cost(usage, price), worst_cost(*most, price)
    assert known is not None
    assert worst is not None
    assert known <= worst


def test_what_has_no_price_has_no_worst_case() -> None:
    assert worst_cost(1, 1, None) is None
    assert worst_cost(1, 1, Price(standard=GPT_4O.standard, source="a test"), batch=True) is None
    embeddings = Price(standard=Rates(Decimal(1), None), source="a test")
    assert worst_cost(1_000_000, 0, embeddings) == 1
    assert worst_cost(1, 1, embeddings) is None
