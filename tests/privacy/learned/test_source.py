"""A source that is not as it was written is not used, and a search takes time linear in the text."""

from __future__ import annotations

import gc
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.learned.lessons import KEY, detector, knowing, packed_documents, packed_values

from freehold.privacy import Damaged, Reading, Source, facts_of

PACKED = packed_values([f"Zyx{chr(97 + n)}omma Quill{chr(97 + n)}feather" for n in range(20)])


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, by: int) -> None:
    changed = bytearray(PACKED)
    changed[at] ^= by
    with pytest.raises(Damaged):
        Source(bytes(changed), KEY)


@given(st.integers(0, len(PACKED) - 1))
def test_a_shortened_source_is_noticed(length: int) -> None:
    with pytest.raises(Damaged):
        Source(PACKED[:length], KEY)


@given(st.binary(max_size=200))
def test_any_other_bytes_are_no_source(raw: bytes) -> None:
    for form in (raw, b"freehold learned 1\n" + raw):
        with pytest.raises(Damaged):
            Source(form, KEY)


def test_a_source_says_what_it_is_without_its_key() -> None:
    facts, start = facts_of(PACKED)
    assert (facts.type, facts.kind, facts.values, start % 8) == ("PERSON", "values", 20, 0)


@given(st.text(max_size=300))
def test_any_text_can_be_looked_through(text: str) -> None:
    for span in knowing(PACKED, packed_documents([text])).spans(text):
        assert 0 <= span.start < span.end <= len(text)


def test_words_are_found_after_more_of_them_than_are_remembered() -> None:
    scanner = knowing(PACKED)
    for start in range(0, 70_000, 10_000):
        scanner.spans(" ".join(f"w{number}" for number in range(start, start + 10_000)))
    assert len(scanner.spans("Zyxaomma Quillafeather")) == 1


def test_a_word_is_told_the_same_the_second_time_it_is_met() -> None:
    learned = detector(PACKED)
    for text in (
        "w1 Zyxaomma Quillafeather",
        "Quillafeather, zyxaomma 77123456",
        "Zyxaomma",
        "",
        "Zyxbomma w1",
    ):
        first, second = ([*learned.find(Reading(text))] for _ in range(2))
        assert first == second == [*detector(PACKED).find(Reading(text))]


def test_a_word_with_digits_in_it_is_not_kept_as_it_was_written() -> None:
    """It may be an account's number, or a part of a key; what is kept of it is a hash of this process."""
    learned = detector(PACKED)
    text = "hello plum, transfer 4711 to DE89370400440532013000 with qr7x9dkeslbm2 on the 12th"
    [*learned.find(Reading(text))]
    kept = _bytes_within(learned)
    assert {b"hello", b"plum", b"transfer"} <= kept
    assert not {word for word in kept if word in {b"4711", b"de89370400440532013000", b"qr7x9dkeslbm2"}}


def _bytes_within(owner: object) -> set[bytes]:
    """All bytes that something refers to, however deep; classes and modules aside."""
    met: dict[int, object] = {}
    ahead = [owner]
    while ahead:
        one = ahead.pop()
        if id(one) not in met and not isinstance(one, type | ModuleType):
            met[id(one)] = one
            ahead += gc.get_referents(one)
    return {one for one in met.values() if isinstance(one, bytes)}
