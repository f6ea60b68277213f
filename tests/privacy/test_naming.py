"""Names, places and addresses by the trained model: what it finds, what it loads, how often it is right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.cli.sorting import sorting_of
from freehold.config import PrivacySettings
from freehold.privacy import Label, Scanner, Sorting, all_types, load_detector, make_scanner
from freehold.privacy.naming import read_gazetteer, sequences, tokens
from freehold.privacy.naming.model import FILE

_MOST_BYTES = 10 * 2**20


@pytest.fixture(scope="module")
def names() -> Scanner:
    return make_scanner(frozenset({"PERSON", "ADDRESS"}))


def _found(scanner: Scanner, text: str) -> list[tuple[str, str]]:
    return [(span.type, text[span.start : span.end]) for span in scanner.spans(text)]


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Draft a reply to Margaret Thornton saying we accept.", "Margaret Thornton"),
        ("my neighbour kevin wilson plays the drums at night", "kevin wilson"),
        ("DEAR MRS. PATTERSON, YOUR CLAIM WAS REFUSED.", "PATTERSON"),
        ('{"customer": "Małgorzata Wiśniewska", "status": "open"}', "Małgorzata Wiśniewska"),
        ("Thanks,\nDaniel O'Connor\nHead of Sales", "Daniel O'Connor"),
        ("# Author: Susan Miller, 2019\nimport os", "Susan Miller"),
        ("😀 Ｊohn Smith's parcel", "Ｊohn Smith"),
    ],
)
def test_a_person_is_found_where_people_write_names(names: Scanner, text: str, person: str) -> None:
    assert ("PERSON", person) in _found(names, text)


@pytest.mark.parametrize(
    "text",
    [
        "How long does a transfer to my savings account take?",
        "Write a haiku about autumn leaves.",
        "class Order(Base):\n    name = Column(String, nullable=False)",
        "Kind regards",
        "THE CARD MACHINE SWALLOWED MY CARD, WHAT NOW?",
        "May I mark the bill as paid? It will be due in June.",
        "c\nok",
        'call_x8\n{"row": "please check the weather for me"}',
        "ledger",
        "parquet",
        "Berlin",
        '{"city": "Rome", "unit": "celsius"}',
        '{"temperature": 21, "sky": "cloudy"}',
        "Plan a three day trip to Rome",
        '[models.gpt]\ntenure = "rented"\nprovider = "compatible"\nport = 8400\n',
        "Report 7 says that the shipment of 12 boxes left the harbour of Rotterdam on time. " * 3,
        "my card is 4111 1111 1111 1111 ok",
        "",
        "\n\n \n",
    ],
)
def test_an_ordinary_request_holds_no_name(names: Scanner, text: str) -> None:
    assert _found(names, text) == []


def test_an_address_is_one_span(names: Scanner) -> None:
    text = "Please send it to 4127 Willow Lane, Springfield, IL 62704 by Friday."
    assert _found(names, text) == [("ADDRESS", "4127 Willow Lane, Springfield, IL 62704")]


def test_persons_and_addresses_are_personal_where_names_are_looked_for(names: Scanner) -> None:
    spans = names.spans("Margaret Thornton lives there.")
    assert Sorting.usual(all_types()).label(spans, Label.PUBLIC) is Label.PERSONAL
    assert Sorting(frozenset({"IBAN_CODE"}), frozenset()).label(spans, Label.PUBLIC) is Label.PUBLIC


def test_the_model_is_small_and_read_only_where_a_text_is_searched_for_names() -> None:
    assert FILE.stat().st_size + len(read_gazetteer()) < _MOST_BYTES
    program = """
import sys
from freehold.privacy import all_types, make_scanner
assert all_types() >= {"PERSON", "ADDRESS", "LOCATION", "ORGANIZATION"}
make_scanner(frozenset({"IBAN_CODE"})).warm()
scanner = make_scanner(frozenset({"PERSON"}))
assert "pycrfsuite" not in sys.modules
scanner.warm()
assert "pycrfsuite" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@given(st.text(max_size=400))
def test_tokens_stand_where_they_say_and_runs_are_bounded(text: str) -> None:
    found = tokens(text)
    assert all(text[start:end] == word for start, end, word in found)
    assert [token for run in sequences(found) for token in run] == found
    assert all(0 < len(run) <= 240 for run in sequences(found))


@given(st.text(max_size=200))
def test_a_span_of_a_name_lies_within_its_text(text: str) -> None:
    for span in make_scanner(frozenset({"PERSON", "ADDRESS"})).spans(text):
        assert 0 <= span.start < span.end <= len(text)


def test_a_name_beneath_a_disguise_of_numbers_is_not_counted_twice() -> None:
    scanner = make_scanner(Sorting.usual(all_types()).types)
    text = "Margaret Thornton pays with 4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7"
    assert [kind for kind, _ in _found(scanner, text)] == ["PERSON", "CREDIT_CARD"]


def test_the_detector_says_what_it_finds() -> None:
    assert load_detector("named").types == {"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"}


def _rows(shared: Path, name: str, most: int) -> Iterator[dict[str, Any]]:
    path = shared / "data" / "privacy" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"needs the public data: {path} is not there")
    lines = path.read_text(encoding="utf-8").splitlines()
    yield from map(json.loads, lines[:: max(1, len(lines) // most)])


def test_the_shipped_model_finds_the_persons_of_tweets_that_it_was_not_trained_on(
    names: Scanner, freehold_shared: Path
) -> None:
    said = found = 0
    for row in _rows(freehold_shared, "ner_btc_h", 500):
        covered = {at for span in names.spans(row["text"]) for at in range(span.start, span.end)}
        for span in row["spans"]:
            if span["type"] == "PERSON":
                said += 1
                found += (
                    2 * len(covered.intersection(range(span["start"], span["end"])))
                    >= span["end"] - span["start"]
                )
    assert said > 300
    assert found / said >= 0.70


def test_the_shipped_model_leaves_ordinary_prompts_alone(names: Scanner, freehold_shared: Path) -> None:
    # The rows that `models/names/corpus.py` keeps from training.
    rows = [
        row for row in _rows(freehold_shared, "clean_prompts", 10_000) if crc32(row["id"].encode()) % 100 < 20
    ]
    alarms = sum(bool(names.spans(row["text"])) for row in rows)
    assert len(rows) > 1000
    assert alarms / len(rows) <= 0.03


def test_a_gateway_searches_for_names_unless_its_config_calls_them_harmless() -> None:
    assert {"PERSON", "ADDRESS"} <= sorting_of(PrivacySettings()).personal
    assert not {"ORGANIZATION", "LOCATION", "DATE_TIME", "URL"} & sorting_of(PrivacySettings()).types
    harmless = ("ORGANIZATION", "LOCATION", "DATE_TIME", "URL", "PERSON", "ADDRESS")
    assert not {"PERSON", "ADDRESS"} & sorting_of(PrivacySettings(harmless=harmless)).types


def test_what_a_surer_finding_leaves_of_a_name_has_no_blanks_at_its_ends() -> None:
    scanner = make_scanner(Sorting.usual(all_types()).types)
    for text in ("Did erika.mustermann@firma-mueller.de answer?", "my card is 4111 1111 1111 1111 ok"):
        assert len(_found(scanner, text)) == 1
