"""A source that is not as it was written is not used, and a search takes time linear in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.learned.lessons import KEY, knowing, packed_documents, packed_values

from freehold.privacy import Damaged, Source, facts_of

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
