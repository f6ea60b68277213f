"""A hundred ways to hide a number, each with values of its own: found, and nothing of them left over."""

from __future__ import annotations

import re

import pytest
from bench.disguises import SENTENCES, drawn, hidden, judged
from bench.values import IBANS, card_number, digits_of, grouped_iban, iban_number, seeded
from bench.ways import WAYS
from tests.privacy.found import found, usual_scanner

# Said to be open in docs/reference/detection.md.
_OPEN = {"character codes"}
_EACH = 3


def test_of_disguised_cards_ibans_and_phones_at_least_95_of_100_are_found() -> None:
    verdicts = {type_: [] for type_ in SENTENCES}  # type: dict[str, list[tuple[bool, bool]]]
    for _, each in drawn(seed=7, each=_EACH):
        verdicts[each.type].append(judged(usual_scanner(), each))
    for type_, said in verdicts.items():
        assert sum(seen for seen, _ in said) >= 0.95 * len(said), type_
        assert sum(whole for _, whole in said) >= 0.94 * len(said), type_


@pytest.mark.parametrize("way", sorted(set(WAYS) - _OPEN))
def test_no_way_hides_a_card(way: str) -> None:
    rng = seeded(way)
    each = [hidden(rng, "CREDIT_CARD", WAYS[way]) for _ in range(5)]
    assert sum(judged(usual_scanner(), one)[0] for one in each) >= 4


@pytest.mark.parametrize("country", sorted(IBANS))
def test_an_iban_of_every_country_is_found_by_its_own_form(country: str) -> None:
    iban = iban_number(seeded(country), country)
    for written in (iban, grouped_iban(iban), iban.lower(), "-".join(iban)):
        assert found(f"Pay {written} now.") == [("IBAN_CODE", written)]


def test_an_iban_with_a_wrong_check_digit_is_none() -> None:
    rng = seeded("wrong")
    for _ in range(200):
        iban = iban_number(rng, rng.choice(["DE", "ES", "GB", "NL", "PL", "SE", "LC", "YE"]))
        wrong = iban[:-1] + str((int(iban[-1], 36) + 1) % 10)
        assert ("IBAN_CODE", wrong) not in found(f"Pay {wrong} now.")


def test_words_that_begin_like_an_iban_are_none() -> None:
    assert (
        found("At 10 o'clock the meeting of all teams begins, md 12 rooms are free in no 17 as ever.") == []
    )


@pytest.mark.parametrize("prefix", ["99", "810000", "630000", "459000", "000000"])
def test_a_long_number_that_is_no_identity_number_fails_no_detector(prefix: str) -> None:
    rng = seeded(prefix)
    for _ in range(50):
        number = prefix + digits_of(rng, 18 - len(prefix))
        assert all(
            type_ != "CN_RESIDENT_ID" or number[6:8] in ("19", "20") for type_, _ in found(f"id {number}")
        )


@pytest.mark.parametrize("length", range(12, 20))
def test_a_card_of_any_length_fails_no_detector(length: int) -> None:
    rng = seeded(str(length))
    for _ in range(20):
        number = card_number(rng, "Maestro", length)
        assert [said for _, said in found(f"My card is {number}.")] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "<b>4539</b> 1488 <i>0343</i> <span class='x'>6467</span>",
        "4539<!-- a -->1488<!-- b -->0343<wbr>6467",
        "<td>4539</td><td>1488</td><td>0343</td><td>6467</td>",
    ],
)
def test_a_number_with_tags_within_is_covered_with_them(text: str) -> None:
    (span,) = usual_scanner().spans(f"my card: {text} thanks")
    covered = f"my card: {text} thanks"[span.start : span.end]
    assert re.sub(r"\D", "", re.sub("<[^>]*>", "", covered)) == "4539148803436467"


@pytest.mark.parametrize(
    "text",
    [
        "if (a < 10 && b > 20) return c < 4539 || d > 1488;",
        "<td>12</td><td>1999</td><td>4.5</td><td>77</td>",
        "GET /search?q=50%25&page=2&size=20 HTTP/1.1",
        "x=20 y=41 z=7F",
        "width=10&height=20&depth=30",
        "Tom &amp; Jerry, 3 &lt; 5",
        "one 2 three 4",
        "734.12,123456,2026-05-12,99.50,4711",
        "[0.8474337369372327, 0.763774618976614, 0.2550690257394217]",
        r"C:\users\043\files\101",
        "data:image/png;base64,iVBORw0KGgo=\nhttps://example.org/a.png",
        "API_KEY=\nDEBUG=true\nPASSWORD=\nHOST=db",
    ],
)
def test_markup_and_escapes_of_every_day_are_no_disguise(text: str) -> None:
    assert found(text) == []
