"""Terms, forms and allowed values in a config: as they are written, and each mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import CONFIG

from freehold.config import ConfigErrors, Settings, parse

BASE = Path("/there")


def settings(text: str) -> Settings:
    return parse(text + "\n" + CONFIG, source="freehold.toml", base=BASE, environ={})


def mistakes(text: str) -> list[tuple[str, int | None, str, str | None]]:
    with pytest.raises(ConfigErrors) as raised:
        settings(text)
    return [(error.key, error.line, error.message, error.hint) for error in raised.value.errors]


def test_a_text_alone_is_a_term_or_an_allowed_value() -> None:
    read = settings('[privacy]\nterms = "Falcon"\nallow = ["a@b.example", {pattern = "x{1,3}"}]').privacy
    assert [(part.terms, part.type) for part in read.terms] == [(("Falcon",), "SECRET")]
    assert [(part.values, part.pattern) for part in read.allow] == [(("a@b.example",), None), ((), "x{1,3}")]


def test_tables_name_files_and_types() -> None:
    text = """\
[[privacy.terms]]
terms = ["Falcon", "Heron"]
file = "terms.txt"
type = "PROJECT"
[[privacy.terms]]
file = "/else/where.txt"
[[privacy.patterns]]
pattern = 'KD-[0-9]{6}'
type = "CUSTOMER_ID"
context = "customer"
check = "luhn"
"""
    read = settings(text).privacy
    assert [(part.terms, part.file, part.type) for part in read.terms] == [
        (("Falcon", "Heron"), BASE / "terms.txt", "PROJECT"),
        ((), Path("/else/where.txt"), "SECRET"),
    ]
    (form,) = read.patterns
    assert (form.pattern, form.type, form.context, form.check) == (
        "KD-[0-9]{6}",
        "CUSTOMER_ID",
        ("customer",),
        "luhn",
    )


def test_every_mistake_has_its_key_its_line_and_a_hint_where_there_is_one() -> None:
    text = """\
[privacy]
terms = ["Falcon", {fil = "x"}, 5, {type = "PROJECT"}, {terms = "x", type = "project"}]
allow = [{}]
[[privacy.patterns]]
pattern = "x"
[[privacy.patterns]]
pattern = 5
type = "A_B"
check = "lune"
"""
    told = mistakes(text)
    assert told[:4] == [
        ("privacy.terms[1].fil", 2, "there is no such key", 'did you mean "file"?'),
        ("privacy.terms[2]", 2, "takes a table, and this is a whole number", None),
        ("privacy.terms[3]", 2, "takes terms, or a file with one a line", None),
        ("privacy.terms[4].type", 2, "takes capitals, digits and _, such as PROJECT", None),
    ]
    assert told[4:] == [
        ("privacy.allow[0]", 3, "takes values, a pattern, or a file with a value a line", None),
        ("privacy.patterns[0].type", 4, "type is missing", 'such as type = "CUSTOMER_ID"'),
        ("privacy.patterns[1].pattern", 7, "takes text, and this is a whole number", "put it in quotes"),
        ("privacy.patterns[1].check", 9, "takes one of luhn, mod97", 'did you mean "luhn"?'),
    ]
