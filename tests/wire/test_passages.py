"""Whatever a request's body says is among its passages, wherever it stands and however it is written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from freehold.wire import Ask, Endpoint, is_word, passages, read_ask

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | TEXTS
    | st.sampled_from(['a"b', "\\", '\\"']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


def asked(fields: str) -> Ask:
    body = f'{{"model": "m", "messages": [{{"role": "user", "content": "hi"}}], {fields}}}'
    return read_ask(Endpoint.CHAT, body.encode())


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in strings(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def parts(ask: Ask) -> list[str]:
    return [part for passage in passages(ask) for part in passage.parts]


@given(value=VALUES, ascii_=st.booleans(), name=TEXTS)
def test_every_string_is_in_a_passage_and_none_comes_twice(*, value: Any, ascii_: bool, name: str) -> None:
    named = json.dumps(name, ensure_ascii=ascii_)
    written = json.dumps({"deep": value}, ensure_ascii=ascii_)
    ask = asked(f'"odd": {written}, {named}: 1')
    said = parts(ask)
    texts = strings(value)
    for text in [*texts, name]:
        assert text in said or is_word(text)
    if name not in ("odd", "model", "messages"):
        assert sum(passage.field == "" for passage in passages(ask)) <= 2


@given(first=TEXTS, last=TEXTS, name=st.sampled_from(["content", "x y", 'q"', "\\"]), ascii_=st.booleans())
def test_of_two_fields_with_one_name_both_are_read(*, first: str, last: str, name: str, ascii_: bool) -> None:
    one, two, key = (json.dumps(text, ensure_ascii=ascii_) for text in (first, last, name))
    said = parts(asked(f'"metadata": {{{key}: {one}, {key} : {two}}}'))
    assert first in said
    assert last in said


def test_quotes_written_as_escapes_do_not_hide_a_second_field() -> None:
    ask = asked(r'"metadata": {"a": "one", "a": "\u0022 two \u0022\u0022 \\", "b": "\u0022"}')
    assert {"one", '" two "" \\', '"'} <= set(parts(ask))


def test_a_passage_tells_its_place_by_words_of_the_protocol() -> None:
    ask = asked('"stop": ["Jane Doe"], "Jane Doe": "her file", "tools": [{"type": "function"}]')
    assert [(passage.text, passage.field, passage.number) for passage in passages(ask)] == [
        ("hi", "messages", 0),
        ("Jane Doe", "stop", None),
        ("Jane Doe", "", None),
        ("her file", "", None),
    ]


def test_a_word_is_short_and_of_letters() -> None:
    assert all(map(is_word, ["messages", "top_p", "toolChoice"]))
    assert not any(map(is_word, ["Jane Doe", "a@b.de", "AKIAABCDEFGHIJKLMNOP", "x1", "ghp_" + "a" * 36, "é"]))
