"""Identity numbers of 37 kinds, made by the rules of their offices and by no library, are found."""

from __future__ import annotations

import pytest
from bench.identities import IDENTITIES
from bench.values import seeded
from tests.privacy.found import found


@pytest.mark.parametrize("country", sorted(IDENTITIES))
def test_an_identity_number_with_its_name_beside_it_is_found(country: str) -> None:
    called, make = IDENTITIES[country]
    rng = seeded(country)
    for sentence in ("My {} is {}.", "{}: {}", "Please update {} {} in my file"):
        for _ in range(5):
            number = make(rng)
            said = found(sentence.format(called, number))
            assert [value for _, value in said] == [number], said


@pytest.mark.parametrize("country", ["China", "Italy", "Spain", "India", "Taiwan", "Romania", "Sweden"])
def test_an_identity_number_with_a_wrong_check_digit_and_no_name_is_none(country: str) -> None:
    rng = seeded(country)
    for _ in range(20):
        number = IDENTITIES[country][1](rng)
        last = number[-1]
        letters, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZA", "01234567890"
        signs = digits if last.isdigit() else letters
        wrong = number[:-1] + signs[signs.index(last) + 1]
        assert found(f"The value {wrong} came back.") == []
