"""Content rules: what they find, in which spellings, and that nothing makes them slow or wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.config import ConfigErrors
from freehold.guards import Rules, read_rules, starter_text
from freehold.wire import MODERATION_CATEGORIES


def rules(text: str) -> Rules:
    return read_rules(text, name="test.toml", categories=MODERATION_CATEGORIES).rules


STARTER = rules(starter_text())


def flags(phrase: str, text: str) -> bool:
    return bool(rules(f'[[rules]]\ncategory = "hate"\nphrases = ["""{phrase}"""]\n').judge(text).flagged)


def mistakes(text: str) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ConfigErrors) as caught:
        rules(text)
    return [(error.key, error.line, error.message) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("kill you", "I will KILL you"),
        ("kill you", "kill ... you"),
        ("kill you", "ｋｉｌｌ ｙｏｕ"),
        ("kill you", "ki\u00adll\u200b you"),
        ("straße", "STRASSE"),
        ("café", "cafe\u0301"),
        ("हत्या", "यह हत्या है"),
        ("a b a c", "a b a b a c"),
        ("b", "a b c"),
    ],
)
def test_a_phrase_is_found_in_any_spelling(phrase: str, text: str) -> None:
    assert flags(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [("kill", "skills"), ("kill you", "you kill"), ("kill you", "kill all of you"), ("a", "")],
)
def test_a_phrase_is_its_words_in_a_row_and_no_parts_of_words(phrase: str, text: str) -> None:
    assert not flags(phrase, text)


def test_pieces_of_evidence_add_up_and_each_counts_once() -> None:
    judge = rules(
        '[[rules]]\ncategory = "hate"\nphrases = ["one", "two"]\nweight = 0.5\n[thresholds]\nhate = 0.75'
    ).judge
    assert judge("one one one").scores == {"hate": 0.5}
    assert judge("one two").scores == {"hate": 0.75}
    assert (judge("one").flagged, judge("one two").flagged) == (frozenset(), frozenset({"hate"}))


@settings(deadline=None)  # the machine may be busy
@given(
    words=st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=4),
    text=st.text("ab ", max_size=60),
)
def test_phrases_are_found_exactly_where_their_words_stand_in_a_row(words: list[str], text: str) -> None:
    row = f" {' '.join(words)} "
    assert flags(" ".join(words), text) == (row in f" {' '.join(text.split())} ")


@settings(deadline=None)  # the machine may be busy
@given(text=st.text(max_size=300))
def test_no_text_breaks_the_starter(text: str) -> None:
    judged = STARTER.judge(text)
    assert all(0 < score <= 1 for score in judged.scores.values())


def test_the_starter_says_that_it_is_one() -> None:
    assert starter_text().startswith("# A starter, not a classifier")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bshoot (?:him|her)\b", "Shoot HER."),
        (r"colou?r", "COLOR"),
        (r"x[0-9]{2,4}y", "x123y"),
        ("[äö]b", "ÄB"),
        (r"a\.b", "a.b"),
    ],
)
def test_a_pattern_is_found_also_where_two_pieces_of_the_search_meet(pattern: str, text: str) -> None:
    judge = rules(f"[[rules]]\ncategory = \"hate\"\npattern = '{pattern}'\n").judge
    for before in (0, 1, 1018, 1021, 1024, 2047):
        assert judge(" " * before + text).flagged
    assert not judge(" " * 1020 + text[:1] + " " + text[1:]).flagged


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a{0,9}){0,9}b", "steps"),
        ("a{0,9}a{0,9}a{0,9}b", "steps"),
        ("(a|a){0,30}b", "steps"),
        ("a*b", "without end"),
        ("a+", "without end"),
        ("a{3,}", "without end"),
        ("(?=a)b", "only (…) and (?:…)"),
        (r"(a)\\1", r"\\1"),
        ("(a", "without its )"),
        ("a)", ") too many"),
        ("[a", "without its ]"),
        ("a|", "empty text"),
        ("a{600}", "steps"),
        ("(" * 30 + "a" + ")" * 30, "deep"),
    ],
)
def test_a_pattern_that_is_not_bounded_is_refused(pattern: str, said: str) -> None:
    ((key, line, message),) = mistakes(f'[[rules]]\ncategory = "hate"\npattern = "{pattern}"\n')
    assert (key, line) == ("rules[0].pattern", 3)
    assert said.replace("\\\\", "\\") in message


def test_every_mistake_is_told_with_its_line() -> None:
    found = mistakes(
        """[[rules]]
category = "hatred"
phrases = ["a"]

[[rules]]
category = "hate"
weight = 2
phrases = ["!", 3]
wieght = 1

[thresholds]
violense = 0.5
hate = 0
"""
    )
    assert [(key, line) for key, line, _ in found] == [
        ("rules[0].category", 2),
        ("rules[1].weight", 7),
        ("rules[1].phrases[0]", 8),
        ("rules[1].phrases[1]", 8),
        ("rules[1].wieght", 9),
        ("thresholds.violense", 12),
        ("thresholds.hate", 13),
    ]


@pytest.mark.parametrize(
    "text", ["", "rules = 3", "[[rules]]", "rules = [3]", "x = ", "[[rules]]\ncategory = 'hate'"]
)
def test_a_file_without_rules_is_a_mistake(text: str) -> None:
    assert mistakes(text)


@pytest.mark.parametrize(
    "unit", ["a b ", "a", "a\u0301\u0316", "漢", "\ufdfa", "i will ", "\u00ad", "how to make a "]
)
def test_twice_the_text_takes_about_twice_the_steps(unit: str) -> None:
    """Counted in lines of Python that run, which no other load on the machine disturbs."""
    judge = STARTER.judge
    once, twice = (_lines_run(judge, unit * (count // len(unit))) for count in (20_000, 40_000))
    assert twice < 2.5 * once


def _lines_run(judge: Callable[[str], object], text: str) -> int:
    count = 0

    def trace(_frame: FrameType, _event: str, _value: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)
    try:
        judge(text)
    finally:
        sys.settrace(None)
    return count
