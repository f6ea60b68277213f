"""Only the label check makes a permit, and only for a destination that is cleared."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

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
        Permit(object(), Label.PUBLIC, Label.SECRET, "https://api.openai.com:443", "home", b"", None, "")


def test_a_permit_does_not_serve_to_make_another() -> None:
    permit = clear(Label.PUBLIC, Label.INTERNAL, "https://api.openai.com:443", policy="home")
    with pytest.raises(TypeError):
        replace(permit, destination="https://example.com:443")


def test_a_permit_cannot_be_changed() -> None:
    permit = clear(Label.PUBLIC, Label.INTERNAL, "https://api.openai.com:443", policy="home")
    with pytest.raises(AttributeError):
        permit.destination = "https://example.com:443"  # type: ignore[misc]  # what is tried


def test_a_permit_is_for_one_body_and_names_its_digest() -> None:
    origin, body = "https://api.openai.com:443", b'{"model":"gpt"}'
    permit = clear(Label.PUBLIC, Label.INTERNAL, origin, policy="home", body=body, region="eu")
    assert (permit.digest, permit.region) == (sha256(body).hexdigest(), "eu")
    assert permit.covers(body)
    assert permit.covers(bytes(bytearray(body)))
    assert not permit.covers(body + b" ")
    assert not permit.covers(b"")


def test_what_could_be_changed_afterwards_is_copied() -> None:
    body = bytearray(b"harmless")
    permit = clear(Label.PUBLIC, Label.INTERNAL, "https://api.openai.com:443", policy="home", body=body)  # type: ignore[arg-type]  # what is tried
    body[:] = b"secret!!"
    assert not permit.covers(bytes(body))


def test_labels_are_ordered_and_read_from_their_words() -> None:
    assert Label.PUBLIC < Label.INTERNAL < Label.PERSONAL < Label.SECRET
    assert [Label.parse(label.word) for label in Label] == list(Label)
    with pytest.raises(ValueError, match="public, internal, personal, secret"):
        Label.parse("private")
