"""Only the label check makes a permit, and only for a destination that is cleared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import Refused
from freehold.privacy import Label, Permit, clear

LABELS = st.sampled_from(Label)


@given(label=LABELS, clearance=LABELS)
def test_a_permit_exists_exactly_where_the_clearance_reaches_the_label(
    label: Label, clearance: Label
) -> None:
    if label <= clearance:
        permit = clear(label, clearance, "https://api.openai.com:443", policy="home")
        assert (permit.label, permit.destination) == (label, "https://api.openai.com:443")
    else:
        with pytest.raises(Refused) as refused:
            clear(label, clearance, "https://api.openai.com:443", policy="home")
        assert refused.value.status == 403


def test_nobody_else_can_make_one() -> None:
    with pytest.raises(TypeError):
        Permit(object(), Label.PUBLIC, Label.SECRET, "https://api.openai.com:443", "home")


def test_a_permit_cannot_be_changed() -> None:
    permit = clear(Label.PUBLIC, Label.INTERNAL, "https://api.openai.com:443", policy="home")
    with pytest.raises(AttributeError):
        permit.destination = "https://example.com:443"


def test_labels_are_ordered_and_read_from_their_words() -> None:
    assert Label.PUBLIC < Label.INTERNAL < Label.PERSONAL < Label.SECRET
    assert [Label.parse(label.word) for label in Label] == list(Label)
    with pytest.raises(ValueError, match="public, internal, personal, secret"):
        Label.parse("private")
