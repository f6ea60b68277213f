"""What is surely no name is not looked at, and whatever may be one is, with what stands around it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from freehold.privacy.naming import NameModel, read_ordinary, suspicious, tokens
from freehold.privacy.naming.ordinary import REACH

ORDINARY = frozenset(["write", "a", "poem", "about", "the", "rain", "for", "my", "boss", "please"])
NAMES = {"anna": "F1S3", "kim": "F4", "rose": "S2"}
WORDS = (
    "write",
    "about",
    "rain",
    "anna",
    "Anna",
    "Zorkan",
    "zorkan",
    "Write",
    "@",
    "42",
    ",",
    "x",
    "http://a",
)


def looked_at(text: str) -> str:
    words = [word for _, _, word in tokens(text)]
    return " ".join(" ".join(words[a:b]) for a, b in suspicious(words, ORDINARY, NAMES))


def test_a_text_of_ordinary_words_is_not_looked_at() -> None:
    assert looked_at("write a poem about the rain, 42 x , please http://a.example/Anna") == ""


def test_a_word_that_may_be_a_name_is_looked_at_with_its_neighbours() -> None:
    text = "write a poem about the rain for Zorkan please the rain about the poem for my boss"
    assert looked_at(text) == "the rain for Zorkan please the rain"


def test_small_letters_are_looked_at_where_nobody_writes_capitals_or_somebody_is_called_so() -> None:
    assert "zorkan" in looked_at("write a poem about zorkan please")
    assert "zorkan" not in looked_at("Write a poem about the boss please the rain for my boss zorkan")
    assert "anna" in looked_at("Write a poem about anna please")


def test_a_single_word_in_small_letters_is_looked_at_where_many_are_called_so() -> None:
    assert [looked_at(text) for text in ("anna", "Anna", "kim", "Kim", "zorkan", "Zorkan")] == [
        "anna", "Anna", "", "Kim", "", "Zorkan",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_stretches_stand_apart_and_hold_every_word_that_may_be_a_name(words: list[str]) -> None:
    stretches = suspicious(words, ORDINARY, NAMES)
    assert all(left[1] < right[0] for left, right in pairwise(stretches))
    for at, word in enumerate(words):
        if word in ("Zorkan", "Anna", "anna", "@"):
            assert any(a <= max(0, at - REACH) and b >= min(len(words), at + REACH + 1) for a, b in stretches)


def test_the_shipped_list_knows_ordinary_words_and_nobodys_name() -> None:
    ordinary = read_ordinary()
    assert {"how", "transfer", "please", "function", "How", "weather", "of"} <= ordinary
    assert not {"margaret", "Margaret", "Thornton", "kevin", "wilson", "May", "Will", "smith"} & ordinary


def test_looking_only_where_a_name_may_be_finds_what_looking_everywhere_does() -> None:
    text = (
        "My colleague Margaret Thornton lives at 4127 Willow Lane, Springfield, and works for us.\n"
        "It rains and the rest of this text says nothing at all about anybody, as far as one can see.\n"
        "thanks,\nDaniel O'Connor"
    )
    some = [
        (token[2], max(c)) for token, c in NameModel().tokens(text) if max(c, key=lambda x: x[1])[1] > 0.5
    ]
    everywhere = NameModel(ordinary=frozenset()).tokens(text)
    assert [name for name, _ in some] == [
        token[2] for token, c in everywhere if max(c, key=lambda x: x[1])[1] > 0.5
    ]
    assert "Margaret" in [name for name, _ in some]
