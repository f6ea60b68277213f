from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.cli.cells import sum_of_money
from freehold.cli.figures import duration, exact, iso, money, short_moment, tokens
from freehold.wire import Usage

amounts = st.decimals(min_value=0, max_value=10**9, places=20)


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        ("0", "0 USD"),
        ("0.0000411764", "0.0000412 USD"),
        ("0.05", "0.05 USD"),
        ("0.9999", "1 USD"),
        ("1234.567", "1,234.57 USD"),
        ("1E-9", "0.000000001 USD"),
    ],
)
def test_money_has_its_unit_and_three_digits_or_cents(usd: str, said: str) -> None:
    assert money(Decimal(usd)) == said


def test_unknown_money_is_unknown_and_simulated_money_says_so() -> None:
    assert money(None) == "unknown"
    assert money(Decimal("0.5"), simulated=True) == "0.5 USD simulated"
    assert money(None, simulated=True) == "unknown simulated"


@given(amounts.filter(bool))
def test_money_that_was_spent_is_never_shown_as_none(usd: Decimal) -> None:
    figure = Decimal(money(usd).removesuffix(" USD").replace(",", ""))
    assert figure > 0
    assert abs(figure - usd) <= usd * Decimal("0.006")


@given(amounts | st.just(Decimal("1E-30")) | st.just(Decimal("1E+5")))
def test_money_for_programs_keeps_every_digit_and_no_exponent(usd: Decimal) -> None:
    text = exact(usd)
    assert text is not None
    assert "E" not in text
    assert Decimal(text) == usd


def test_a_sum_with_unknown_parts_is_a_lower_bound_and_one_of_unknowns_alone_is_unknown() -> None:
    assert sum_of_money(Decimal("0.25"), 0) == "0.25 USD"
    assert sum_of_money(Decimal("0.25"), 3) == "≥ 0.25 USD"
    assert sum_of_money(Decimal(0), 3) == "unknown"
    assert sum_of_money(Decimal(0), 0) == "0 USD"


def test_tokens_that_were_not_reported_are_unknown() -> None:
    assert tokens(Usage(1181, 24)) == "1,181 → 24"
    assert tokens(None) == "unknown"


def test_times_are_utc() -> None:
    at = datetime(2026, 11, 24, 6, 21, 37, 500_000, tzinfo=UTC).timestamp()
    assert iso(at) == "2026-11-24T06:21:37.500Z"
    assert short_moment(at, datetime(2026, 11, 24, 23, tzinfo=UTC)) == "06:21:37"
    assert short_moment(at, datetime(2026, 11, 25, 0, tzinfo=UTC)) == "2026-11-24 06:21"


def test_durations_are_in_the_unit_that_suits_them() -> None:
    assert [duration(s) for s in (None, 0.0316, 0.431, 19.552, 59.999, 106.43, 208)] == [
        "–", "31.6 ms", "431 ms", "19.55 s", "1 min 0 s", "1 min 46 s", "3 min 28 s",
    ]  # fmt: skip
