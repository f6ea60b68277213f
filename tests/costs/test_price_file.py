from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from freehold.costs import mistakes_in_prices, read_prices
from freehold.errors import ConfigError

GOOD = """
# what we agreed with our provider
[openai."gpt-4o-mini"]
input_usd_per_million        = 0.15
output_usd_per_million       = 0.6
cached_input_usd_per_million = 0.075
batch_input_usd_per_million  = 0.07
source = "our contract"
as_of  = 2026-08-01

[azure]
gpt-4 = { input_usd_per_million = 30, output_usd_per_million = 60, as_of = "2026-01-31" }
"""

BAD = """[openai."gpt-4o"]
output_usd_per_million = 8

[openai."gpt-4"]
input_usd_per_million = "30"
outptu_usd_per_million = 60
as_of = "last summer"

[groq.llama]
input_usd_per_million = -1
source = 3
"""


def test_figures_are_read_to_the_last_digit() -> None:
    price = read_prices(GOOD).price("OpenAI", "GPT-4o-mini")
    assert price is not None
    assert price.standard.cached_input_usd_per_million == Decimal("0.075")
    assert price.batch is not None
    assert price.batch.input_usd_per_million == Decimal("0.07")
    assert (price.source, price.as_of) == ("our contract", date(2026, 8, 1))


def test_an_entry_without_a_source_names_the_file() -> None:
    price = read_prices(GOOD, name="prices.toml").price("azure", "gpt-4")
    assert price is not None
    assert (price.source, price.as_of) == ("prices.toml", date(2026, 1, 31))
    assert price.batch is None


def test_a_model_that_the_file_lacks_is_unknown_to_it() -> None:
    assert read_prices(GOOD).price("openai", "gpt-4") is None
    assert read_prices("").price("openai", "gpt-4") is None


def test_every_mistake_is_told_with_its_key_and_line() -> None:
    found = {mistake.key: mistake.line for mistake in mistakes_in_prices(BAD)}
    assert found == {
        "openai.gpt-4o.input_usd_per_million": 1,
        "openai.gpt-4.input_usd_per_million": 5,
        "openai.gpt-4.outptu_usd_per_million": 6,
        "openai.gpt-4.as_of": 7,
        "groq.llama.input_usd_per_million": 10,
        "groq.llama.source": 11,
    }


def test_a_misspelt_key_is_told_what_it_may_have_meant() -> None:
    hints = [mistake.hint for mistake in mistakes_in_prices(BAD) if "outptu" in mistake.key]
    assert hints == ["did you mean output_usd_per_million?"]


def test_a_file_with_mistakes_gives_no_prices() -> None:
    with pytest.raises(ConfigError) as caught:
        read_prices(BAD, name="prices.toml")
    assert "prices.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [("[openai\nx = 1", 1), ('a = 1\nb = "', 2), ("openai = 1", 1), ("[openai]\n\ngpt-4 = 30", 3)],
)
def test_what_is_no_table_of_prices_is_a_mistake_with_a_line(text: str, line: int) -> None:
    (mistake,) = mistakes_in_prices(text)
    assert mistake.line == line
    assert mistake.hint is not None


def test_a_model_name_with_dots_is_quoted_in_the_message() -> None:
    (mistake,) = mistakes_in_prices('\n[openai."gpt-3.5-turbo"]\ninput_usd_per_million = true')
    assert mistake.key == 'openai."gpt-3.5-turbo".input_usd_per_million'
    assert mistake.line == 3
