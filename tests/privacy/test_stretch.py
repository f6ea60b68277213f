"""A view of a text holds what changed and what stands beside it, and knows where all of it stood."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.found import found, usual_scanner

from freehold.privacy.detectors.secret import Detector
from freehold.privacy.disguise.stretch import Stretch
from freehold.privacy.reading import Reading
from freehold.privacy.secrets import Candidate, SecretModel


@given(st.lists(st.sampled_from(["word ", "%41", "x" * 300, "\n", "é "]), max_size=40))
def test_what_is_near_a_change_stands_where_it_stood(parts: list[str]) -> None:
    text = "".join(parts)
    view = Stretch(text).rewritten(re.compile("%41"), lambda _: "A")
    if view is None:
        return
    near = view.near_changes()
    for begin, end in near.changed:
        assert near.text[begin:end] == "A"
        start, stop = near.origin(begin, end)
        assert text[start:stop] == "%41"
    assert len(near.changed) == text.count("%41")


def test_of_a_long_text_only_what_is_near_a_change_is_read_again() -> None:
    text = "word " * 400 + "card %34539148803436467 " + "word " * 400
    view = Stretch(text).rewritten(re.compile("%34"), lambda _: "4")
    assert view is not None
    assert len(view.near_changes().text) < 600


def test_two_places_that_are_far_from_each_other_make_no_number() -> None:
    far = " lorem ipsum" * 60
    assert found(f"card%3A 4539 1488{far} 0343%206467") == []


def test_a_word_beside_a_disguise_still_says_what_it_is() -> None:
    text = "lorem ipsum " * 60 + "my phone is %39%38%39%39 1234 " + "lorem ipsum " * 60
    (span,) = usual_scanner().spans(text)
    assert span.type == "PHONE_NUMBER"


def test_a_column_of_identifiers_is_judged_by_the_model_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[Candidate] = []
    chance = SecretModel.chance

    def counted(self: SecretModel, text: str, candidate: Candidate) -> float:
        judged.append(candidate)
        return chance(self, text, candidate)

    monkeypatch.setattr(SecretModel, "chance", counted)
    rows = "".join(f'{{"id": "{number:024x}"}}\n' for number in range(10**20, 10**20 + 200))
    assert [*Detector().find(Reading(rows))] == []
    assert 0 < len(judged) <= 64  # the others by a rule, which is quick


@pytest.mark.parametrize(
    "text", ["=\n", "=\r\n", "<b></b>", "a=\n", "=\na", "&shy;", "&zwnj;\u200b", "<b>1</b>", "=\n" * 9_000]
)
def test_a_text_of_which_a_disguise_leaves_little_or_nothing_fails_nothing(text: str) -> None:
    assert found(text) == []


@given(
    st.lists(
        st.sampled_from(
            [
                "=\n",
                "<b>",
                "</b>",
                "&shy;",
                "&amp;",
                "%41",
                "%e9",
                "\\u0034",
                "=34",
                "4",
                " ",
                "O",
                "one ",
                "QUJD\n",
            ]
        ),
        max_size=60,
    )
)
def test_whatever_is_escaped_or_marked_up_spans_lie_within_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    past = 0
    for span in usual_scanner().spans(text):
        assert past <= span.start < span.end <= len(text)
        past = span.end
