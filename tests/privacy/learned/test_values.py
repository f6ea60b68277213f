"""A value that was learned is found by two of its words, however they are written, and nothing else is."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.learned.lessons import KEY, found, packed_values, spans

from freehold.privacy import Damaged, Seal, Source, Span, ValuePrints, facts_of

CUSTOMERS = packed_values(["Maria Okonkwo-Lindt", "Zsófia Kovács", "Sinéad O'Hare", "Jörg Müller", "张伟明"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ask Maria Okonkwo-Lindt today", "Maria Okonkwo-Lindt"),
        ("ask OKONKWO-LINDT, MARIA today", "OKONKWO-LINDT, MARIA"),
        ("ask maria  lindt today", "maria  lindt"),
        ("ask Maria T. Okonkwo today", "Maria T. Okonkwo"),
        ("maria.okonkwo@", "maria.okonkwo"),
        ("user_maria_lindt_2", "maria_lindt"),
        ('{"maria":"lindt"}', 'maria":"lindt'),
        ("Zsofia Kovacs", "Zsofia Kovacs"),
        ("zso\u0301fia kova\u0301cs", "zso\u0301fia kova\u0301cs"),
        ("Sinead OHare", "Sinead OHare"),
        ("Mueller, Joerg", "Mueller, Joerg"),
        ("Müller, Jorg", "Müller, Jorg"),
        ("客户张伟明的电话", "张伟明"),
        ("Mаria Okоnkwo", "Mаria Okоnkwo"),  # Cyrillic letters
        ("Ma\u200bria Okon\u00adkwo", "Ma\u200bria Okon\u00adkwo"),
    ],
)
def test_a_name_is_found_in_part_and_in_any_dress(text: str, value: str) -> None:
    assert found(text, CUSTOMERS) == [value]


@pytest.mark.parametrize("encode", [quote, lambda text: base64.b64encode(text.encode()).decode()])
def test_a_name_is_found_beneath_an_encoding(encode: object) -> None:
    assert callable(encode)
    assert found(f"see {encode('this is Maria Okonkwo-Lindt speaking')} there", CUSTOMERS) != []


def test_fields_of_one_value_are_found_apart_without_the_words_that_name_them() -> None:
    assert found("First name: Maria\nLast name: Lindt", CUSTOMERS) == ["Maria", "Lindt"]


@pytest.mark.parametrize(
    "text",
    [
        "Maria",
        "Maria Kovács",  # of two customers
        "Maria and Okonkwo",
        "Maria, as we were told on Monday by Lindt",
        "Marianne Lindtner",
        "a maria will not see the lindt",
        "",
    ],
)
def test_one_word_or_words_of_two_values_are_nobody(text: str) -> None:
    assert found(text, CUSTOMERS) == []


def test_a_common_word_is_left_out_of_a_list_and_counted() -> None:
    prints = ValuePrints(Seal(KEY))
    for value in ("The", "New", "12", "Mr", "Zyxomma", "Falcon Delta"):
        prints.add(value)
    assert (prints.values, prints.left_out) == (2, 4)
    prints.add("Times")
    assert prints.left_out_by == {"short": 4, "common": 1}


def test_a_customers_number_is_found_whole_and_with_or_without_its_dashes() -> None:
    numbers = packed_values(["KD-883-4417", "4711"], "CUSTOMER_ID")
    for text in ("see KD-883-4417.", "see kd 883 4417.", "see KD8834417."):
        assert len(found(text, numbers)) == 1
    assert found("see KD-883-4418, 8834417 and 883-4417.", numbers) == []


def test_an_address_is_found_by_three_words_in_a_row() -> None:
    addresses = packed_values(["17 Larkspur Crescent, Wolverton, Buckinghamshire MK12 5EU"], "ADDRESS")
    assert found("from 17 Larkspur Crescent, please", addresses) == ["17 Larkspur Crescent"]
    assert found("Larkspur is a flower of Buckinghamshire", addresses) == []


def test_firms_are_not_found_by_their_legal_form() -> None:
    firms = packed_values(["Brightwater Holdings GmbH", "Quillfeather GmbH"], "ORGANIZATION")
    assert found("Holdings GmbH", firms) == []
    assert found("Quillfeather GmbH pays", firms) == ["Quillfeather GmbH"]


def test_what_is_found_says_that_it_is_known() -> None:
    assert spans("Maria Lindt", CUSTOMERS) == (Span(0, 11, "PERSON", 1.0, "value"),)


_LETTERS = st.text("abcdefghijklmnopqrstuvwxyzäöüéčłß", min_size=4, max_size=9)
_NAMES = st.lists(_LETTERS, min_size=2, max_size=4, unique_by=lambda word: word[:4])
_JOINTS = st.sampled_from([" ", ", ", "-", "_", "\n", "\t", '":"', " \u2013 ", "/", "\u00a0", ". ", "%20"])
_DRESSES = st.sampled_from([str.lower, str.upper, str.title])


@given(st.lists(_NAMES, min_size=1, max_size=5), st.data())
def test_any_two_words_of_a_row_are_found_in_any_order_and_dress(
    rows: list[list[str]], data: st.DataObject
) -> None:
    learned = packed_values(" ".join(row) for row in rows)
    row = data.draw(st.sampled_from(rows))
    one, other = data.draw(st.permutations(row))[:2]
    dress = data.draw(_DRESSES)
    text = f"so {dress(one)}{data.draw(_JOINTS)}{dress(other)}: it is"
    assert found(text, learned) != []


@given(st.lists(_NAMES, min_size=1, max_size=5))
def test_no_file_holds_a_word_of_what_was_learned(rows: list[list[str]]) -> None:
    learned = packed_values(" ".join(row) for row in rows)
    _, start = facts_of(learned)  # what stands before are the facts of the list, with their names
    for form in (learned[start:], learned[:start:-1]):
        for word in (word for row in rows for word in row):
            assert word.encode() not in form
            assert word.encode("utf-16-le") not in form


def test_the_same_list_has_other_fingerprints_under_another_key() -> None:
    mine, theirs = (packed_values(["Maria Okonkwo"], key=key)[-24:] for key in (KEY, bytes(32)))
    assert mine != theirs
    with pytest.raises(Damaged, match="another key"):
        Source(packed_values(["Maria Okonkwo"], key=bytes(32)), KEY)
