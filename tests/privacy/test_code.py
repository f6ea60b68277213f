"""Names are looked for in comments and strings of code, and in all of a prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.privacy import make_scanner
from freehold.privacy.naming import silent_code


def _silent(text: str) -> str:
    return "".join(text[start:end] for start, end in silent_code(text))


@pytest.mark.parametrize(
    "text",
    [
        "Dear Margaret Thornton,\n\nthank you (again) for your letter; we will answer soon.",
        "customer_name=Margaret Thornton",
        "name: Margaret Thornton\ncity: Leeds; status: open",
        "Meet the person(s) in charge: John Smith; then return to Mary (Monday).",
        "From: Susan Miller\nimport duties were paid by John Smith",
        "id,name,city\n1,Margaret Thornton,Leeds",
        "2024-01-02 INFO user_id 7 name Margaret Thornton logged in;",
        "see http://a.example/x?y=1&&z=f(2); said John",
        "",
    ],
)
def test_prose_and_tables_are_read_whole(text: str) -> None:
    assert silent_code(text) == []


@pytest.mark.parametrize(
    ("text", "silent", "read"),
    [
        (
            "def hi(Alice):\n    return Bob.say('Hi Carol')  # for Dave",
            ["Alice", "Bob"],
            ["Carol", "Dave"],
        ),
        ("const Mark = new Frank(Grace); // by Heidi", ["Mark", "Frank", "Grace"], ["Heidi"]),
        ('if (Ivan == "Judy") {', ["Ivan"], ["Judy"]),
        ("import Kevin from './leo'", ["Kevin"], []),
        ('{"name": "Mallory", "user_id": 7}', [], ["Mallory"]),
    ],
)
def test_of_code_comments_and_strings_are_read(text: str, silent: list[str], read: list[str]) -> None:
    said = _silent(text)
    assert all(word in said for word in silent)
    assert not any(word in said for word in read)


def test_a_question_about_a_snippet_is_prose_above_and_code_below() -> None:
    text = "My colleague Margaret Thornton wrote this:\n\ndef margaret(thornton):\n    return Thornton(1)\n"
    found = make_scanner(frozenset({"PERSON"})).spans(text)
    assert [text[span.start : span.end] for span in found] == ["Margaret Thornton"]


def test_a_name_in_a_string_of_code_is_found() -> None:
    text = 'customers = [Customer("Margaret Thornton", 7)]\nsend(customers[0].mail)  # ask Daniel O\'Connor\n'
    found = make_scanner(frozenset({"PERSON"})).spans(text)
    assert [text[span.start : span.end] for span in found] == ["Margaret Thornton", "Daniel O'Connor"]


@given(st.text("ab\"'`#/(){};= \n\\", max_size=120))
def test_stretches_lie_within_the_text_in_order(text: str) -> None:
    places = [place for stretch in silent_code(text) for place in stretch]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
