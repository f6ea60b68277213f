from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.providers import grammar_names, load_grammar
from freehold.providers.grammars.ticket import INTENTS, MOST_IDS, PRIORITIES, grammar, order_ids

LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
RULE = re.compile(r'[a-z]+ ::= (?:"(?:[^"\\\n]|\\.)*"|[a-z]+)(?: (?:\| )?(?:"(?:[^"\\\n]|\\.)*"|[a-z]+))*')

an_id = st.from_regex(r"(?:[A-Za-z]{1,3}-?)?[0-9]{3,8}(?:-[0-9A-Z]{1,4})?", fullmatch=True)


def answers_for_order(gbnf: str) -> list[object]:
    """What the order_id may be, read back out of the grammar."""
    rule = next(line for line in gbnf.splitlines() if line.startswith("order ::="))
    return [json.loads(re.sub(r"\\(.)", r"\1", literal)) for literal in LITERAL.findall(rule)]


def test_the_grammar_is_found_by_its_file_name() -> None:
    assert "ticket" in grammar_names()
    assert load_grammar("ticket") is grammar


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r'no grammar is called "tickets"; known are: .*ticket'):
        load_grammar("tickets")


@given(st.text(max_size=400))
def test_no_text_breaks_the_gbnf(text: str) -> None:
    lines = grammar(text).splitlines()
    assert [line.split(" ::=")[0] for line in lines] == ["root", "intent", "priority", "order"]
    for line in lines:
        assert RULE.fullmatch(line), line


@given(st.text(alphabet='ab01-_/.#"\\\n :', max_size=300))
def test_every_allowed_order_id_stands_in_the_text_without_a_leading_hash(text: str) -> None:
    allowed = answers_for_order(grammar(text))
    assert allowed[0] is None
    assert len(allowed) <= MOST_IDS + 1
    for found in allowed[1:]:
        assert isinstance(found, str)
        assert found in text
        assert not found.startswith("#")
        assert any(character.isdigit() for character in found)


SENTENCES = ("order #{}", "My order {} is late", "({})", "no. {}.", "PO {}, please", "{}", "Ref:{}\n", "#{}!")
HOSTILE = ("1" * 500_000, "a-" * 250_000, "#" * 500_000, "order " * 90_000, "1-1 " * 120_000)


@given(an_id, st.sampled_from(SENTENCES))
def test_an_order_id_is_found_as_it_is_written(written: str, sentence: str) -> None:
    assert written in order_ids(sentence.format(written))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#48213", "48213"),
        ("SO/77123 is late", "SO/77123"),
        ("Bestellnummer: 1204.", "1204"),
        ("no.55-1234", "55-1234"),
        ("order48213", "48213"),
        ("order 48213.Please help", "48213"),
        ("ref GB 7712", "GB 7712"),
        ("№9", "9"),
        ("302-1234567-1234567", "302-1234567-1234567"),
        ("fx9920 broke", "fx9920"),
    ],
)
def test_ids_of_many_houses_are_found(text: str, expected: str) -> None:
    assert expected in order_ids(text)


def test_an_announced_id_survives_a_crowd_of_other_numbers() -> None:
    crowd = " ".join(f"{number}" for number in range(1000, 1400))
    assert "48213" in order_ids(f"{crowd} order 48213")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_yields_a_small_grammar(hostile: str) -> None:
    assert len(grammar(hostile)) < 4_000


@given(st.sampled_from(INTENTS), st.sampled_from(PRIORITIES))
def test_every_intent_and_priority_can_be_answered(intent: str, priority: str) -> None:
    gbnf = grammar("")
    assert f'"{intent}"' in gbnf
    assert f'"{priority}"' in gbnf
    assert answers_for_order(gbnf) == [None]
