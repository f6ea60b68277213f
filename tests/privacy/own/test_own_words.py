"""Terms, forms and allowed values are found and hidden as they are meant, and no wider."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.privacy import (
    Allowed,
    Form,
    Patterns,
    Scanner,
    Sorting,
    Span,
    Terms,
    all_types,
    is_findable,
    make_scanner,
)
from freehold.privacy.detectors import types_of

USUAL = Sorting.usual(all_types()).types - types_of("named")


def found(text: str, terms: dict[str, str]) -> list[tuple[str, str]]:
    detector = Terms(terms)
    scanner = Scanner((), frozenset(), (detector,), detector.types)
    return [(span.type, text[span.start : span.end]) for span in scanner.spans(text)]


def formed(text: str, *forms: Form) -> list[str]:
    detector = Patterns(forms)
    scanner = Scanner((), frozenset(), (detector,), detector.types)
    return [text[span.start : span.end] for span in scanner.spans(text)]


def left(text: str, *values: str, forms: tuple[str, ...] = ()) -> list[str]:
    """What is found beside what is allowed."""
    allowed = Allowed(values, [re.compile(form, re.IGNORECASE) for form in forms])
    return [text[span.start : span.end] for span in make_scanner(USUAL, allowed=allowed).spans(text)]


@pytest.mark.parametrize(
    "written",
    [
        "Project Falcon",
        "PROJECT  FALCON",
        "project-falcon",
        "project_falcon",
        "ProjectFalcon",
        "Project\nFalcon",
        "project%20falcon",
        "Ｐroject Fаlcon",
        "Pro\u00adject Fal\u200bcon",
    ],
)
def test_a_term_is_found_however_it_is_written(written: str) -> None:
    assert found(f"the {written}'s plan", {"Project Falcon": "SECRET"}) == [("SECRET", written)]


@pytest.mark.parametrize("text", ["project of a falcon", "projects falcon", "falcon project", "falconry", ""])
def test_other_words_are_no_term(text: str) -> None:
    assert found(text, {"Project Falcon": "SECRET"}) == []


def test_of_many_terms_each_is_found_with_its_type_and_the_longer_wins() -> None:
    terms = {f"Zyx{n}": "CODE_NAME" for n in range(5000)} | {
        "Blue Heron": "PROJECT",
        "Blue Heron Two": "DEAL",
    }
    said = "zyx4711, blue heron, Blue Heron Two; Müllers"
    assert found(said, terms | {"Müllers": "FIRM"}) == [
        ("CODE_NAME", "zyx4711"),
        ("PROJECT", "blue heron"),
        ("DEAL", "Blue Heron Two"),
        ("FIRM", "Müllers"),
    ]


def test_a_term_without_a_word_cannot_be_found_and_says_so() -> None:
    assert [term for term in ("C++", "§ 5", "?", "C#", "R2", "张伟", "Ω-7") if is_findable(term)] == [
        "R2",
        "张伟",
        "Ω-7",
    ]


@given(st.text(min_size=1, max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_findable_term_is_found_between_blanks(term: str, before: str, after: str) -> None:
    if is_findable(term):
        text = f"{before} {term} {after}"
        detector = Terms({term: "SECRET"})
        spans = Scanner((), frozenset(), (detector,), detector.types).spans(text)
        assert spans or not term.isascii()  # letters of some scripts change their number when they are folded
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_a_form_needs_its_words_and_its_check_digits() -> None:
    number = Form(re.compile(r"\b[0-9]{8}\b"), "CARD", ("card", "karte*"), "luhn")
    assert formed("card 45391489, card 45391480, Kartennummer 45391489", number) == ["45391489"] * 2
    assert formed("order 45391489", number) == []
    account = Form(re.compile(r"[A-Z]{2}[0-9]{10}"), "ACCOUNT", (), "mod97")
    assert formed("XX0912345678 XX1012345678", account) == ["XX0912345678"]


def test_a_form_that_can_be_empty_finds_nothing_empty() -> None:
    assert formed("a word", Form(re.compile(r"\b"), "EDGE")) == []


def test_an_allowed_address_is_hidden_and_a_longer_one_is_not() -> None:
    text = "support@acme.example, it-support@acme.example, support@acme.example.org, SUPPORT@acme.EXAMPLE"
    assert left(text, "support@acme.example") == ["it-support@acme.example", "support@acme.example.org"]


def test_an_allowed_number_is_hidden_however_it_is_set_and_a_longer_one_is_not() -> None:
    for written in ("+49 30 1234567", "+49 (30) 123-4567", "+49/30/123.45.67", "+49301234567"):
        assert left(f"call {written} now", "+49 30 1234567") == []
    for longer in ("+49 30 12345678", "+49 30 1234567 8", "+149 30 1234567"):
        assert left(f"call {longer} now", "+49 30 1234567") != [], longer


def test_a_part_of_an_allowed_value_is_hidden_and_what_it_is_a_part_of_is_not() -> None:
    assert left("card 4539 1488 0343 6467", "0343 6467", "4539") == ["4539 1488 0343 6467"]


def test_an_allowed_form_has_to_fit_the_whole_value() -> None:
    form = r"[a-z.]{1,40}@public\.example"
    assert left("jane@public.example", forms=(form,)) == []
    assert left("jane@public.example.org x9+jane@public.example", forms=(form,)) == [
        "jane@public.example.org",
        "x9+jane@public.example",
    ]


def test_an_allowed_value_in_an_encoding_is_another_value() -> None:
    text = "c3VwcG9ydEBhY21lLmV4YW1wbGU="
    assert left(text, "support@acme.example") == [text]


def test_what_was_learned_can_be_allowed_too() -> None:
    detector = Terms({"Falcon": "SECRET"})
    scanner = Scanner((), frozenset(), (detector,), detector.types, Allowed(["falcon"]))
    assert scanner.spans("Falcon") == ()


@given(st.text("0123456789 -+", min_size=4, max_size=20), st.text("0123456789 -+", min_size=1, max_size=6))
def test_no_allowed_part_hides_a_whole(value: str, more: str) -> None:
    if more.strip(" -+"):
        whole = f"{more}{value}"
        span = Span(0, len(whole), "PHONE_NUMBER", 0.9)
        hidden = Allowed([value]).without(whole, [span]) == []
        same = re.sub(r"\D", "", whole) == re.sub(r"\D", "", value)
        assert not hidden or same
