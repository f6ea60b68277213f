"""Disguises do not get past, and what is found is where it stood in the text as it was sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.privacy.found import found, usual_scanner

CARD, IBAN, PHONE = "4539 1488 0343 6467", "GB29 NWBK 6016 1331 9268 19", "+49 151 23456789"
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _with(between: str) -> Callable[[str], str]:
    return lambda text: between.join(text.replace(" ", ""))


def _spelled(text: str) -> str:
    return " ".join(_WORDS[int(c)] if c.isdigit() else c for c in text.replace(" ", ""))


def _looking_alike(text: str) -> str:
    return text.translate(str.maketrans("BKNW", "ВК\u039dԜ"))


DISGUISES: dict[str, Callable[[str], str]] = {
    "full width": _full_width,
    "zero width": _with("\u200b"),
    "soft hyphens": _with("\u00ad"),
    "mathematical": lambda text: "".join(chr(0x1D7CE + int(c)) if c.isdigit() else c for c in text),
    "arabic": lambda text: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in text),
    "spaced": _with(" "),
    "underscored": _with("_"),
    "dotted": _with("."),
    "in lines": lambda text: text.replace(" ", "\n"),
    "spelled": _spelled,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 of a sentence": lambda text: b64encode(f"the number is {text}, thanks".encode()).decode(),
    "url": lambda text: quote(text, safe=""),
    "url of all": lambda text: "".join(f"%{b:02X}" for b in text.encode()),
    "hex": lambda text: text.encode().hex(),
    "json": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "html": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "base64 of url": lambda text: b64encode(quote(text).encode()).decode(),
    "base64 of full width": lambda text: b64encode(_full_width(text).encode()).decode(),
    "look-alikes": _looking_alike,
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(
    ("value", "text", "type_"),
    [
        (CARD, "My credit card is {} until May.", "CREDIT_CARD"),
        (IBAN, "Please pay to {} today.", "IBAN_CODE"),
        (PHONE, "You can call me at {} tonight.", "PHONE_NUMBER"),
    ],
)
def test_a_disguised_value_is_found(disguise: str, value: str, text: str, type_: str) -> None:
    hidden = DISGUISES[disguise](value)
    whole = text.format(hidden)
    start = text.index("{")
    (span,) = usual_scanner().spans(whole)
    assert span.type == type_
    assert span.start <= start + len("+")
    assert span.end >= start + len(hidden)
    assert span.end <= start + len(hidden) + 1


@pytest.mark.parametrize(
    "text",
    [
        "Я живу в Москве, дом 12, квартира 34.",
        "Ｔｈｅ ｙｅａｒ ２０２４ ｗａｓ ｇｏｏｄ．",
        "One two three four five, once I caught a fish alive; six seven eight nine ten.",
        "Encode 'hello world' as base64: aGVsbG8gd29ybGQgaG93IGFyZSB5b3U=",
        "https://example.com/search?q=hello%20world%2C%20how%20are%20you",
        "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
        "Sort these: 9 3 7 1 8 2 6 4 5 0 11 23",
        "五千年的历史和三月的天气",
    ],
)
def test_false_alarms_do_not_come_with_it(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "card", ["3752\n612603\n59190", "4661\u00a08306\u00a03441\u00a00627", "4780%25204380"]
)
def test_a_number_at_the_end_of_a_text_ends_with_it(card: str) -> None:
    text = f"Use this card number: {card}"
    assert all(span.end <= len(text) for span in usual_scanner().spans(text))


@given(st.text(max_size=200), st.sampled_from(sorted(DISGUISES)), st.text(max_size=50))
def test_spans_lie_within_the_text_in_order_and_apart(before: str, disguise: str, after: str) -> None:
    text = f"{before} {DISGUISES[disguise](CARD)} {after} jane@example.com"
    past = 0
    for span in usual_scanner().spans(text):
        assert past <= span.start < span.end <= len(text)
        past = span.end


@pytest.mark.parametrize("card", ["4858 6459 2723 5355", "4532 7243 6465 3232"])
def test_a_number_beneath_base64_that_reads_as_hexadecimal_is_a_number(card: str) -> None:
    """Its pairs of digits are printable signs as well: taken for those it would be gone."""
    assert bytes.fromhex(card).decode().isprintable()
    written = b64encode(f"My data: {card}.".encode()).decode()
    assert "CREDIT_CARD" in {span.type for span in usual_scanner().spans(written)}
