"""A name that was found once is found again as it was written, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.privacy import NAME_TYPES, Echoes


def heard(*values: str, type_: str = "PERSON") -> Echoes:
    echoes = Echoes()
    for value in values:
        echoes.hear(value, type_)
    return echoes


def again(echoes: Echoes, text: str) -> list[str]:
    return [text[span.start : span.end] for span in echoes.find(text)]


def test_a_person_is_found_whole_and_by_a_first_or_last_name_alone() -> None:
    echoes = heard("Margaret Thornton", "bo")
    assert again(echoes, "bo: Margaret Thornton, Margaret, Thornton's; margaret THORNTON Thorntons") == [
        "Margaret Thornton",
        "Margaret",
        "Thornton",
    ]


def test_an_address_is_found_whole_alone_and_a_number_not_at_all() -> None:
    assert again(heard("12 Oak Street", type_="ADDRESS"), "at 12 Oak Street, the Oak") == ["12 Oak Street"]
    assert not heard("4539 1488 0343 6467", type_="CREDIT_CARD")


@pytest.mark.parametrize("value", ["", " ", "…", "de", "a b c d e"])
def test_what_is_too_short_or_too_long_is_not_heard(value: str) -> None:
    assert again(heard(value), f"{value} {value}") == []


@given(st.lists(st.text("AbcDe '.", max_size=12), max_size=5), st.text("AbcDe '.\n", max_size=80))
def test_echoes_stand_apart_and_say_what_was_heard(values: list[str], text: str) -> None:
    echoes = heard(*values)
    spans = echoes.find(text)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert all(any(text[s.start : s.end] in value for value in values) for s in spans)
    assert {s.type for s in spans} <= NAME_TYPES
