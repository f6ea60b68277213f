"""A request's body is kept byte for byte, and read where we must."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import Refused
from freehold.wire import Endpoint, read_ask

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
CHAT: dict[str, Any] = {"model": "support", "messages": [{"role": "user", "content": "hi"}]}


def chat(**fields: Any) -> bytes:
    return json.dumps(CHAT | fields).encode()


@given(extra=st.dictionaries(st.text().filter(lambda k: k not in ("model", "messages", "stream")), JSON))
def test_unknown_fields_pass_untouched(extra: dict[str, Any]) -> None:
    ask = read_ask(Endpoint.CHAT, json.dumps(CHAT | extra).encode())
    sent = json.loads(ask.body(model=b'"gpt-4o"'))
    assert sent == CHAT | extra | {"model": "gpt-4o"}
    assert list(sent) == list(CHAT | extra)


def test_numbers_keep_their_spelling() -> None:
    ask = read_ask(
        Endpoint.CHAT, b'{"model":"m","messages":[{}],"seed":123456789012345678901234567890,"t":1.50}'
    )
    assert b'"seed":123456789012345678901234567890,"t":1.50' in ask.body(model=b'"x"')


def test_a_field_can_be_taken_out() -> None:
    assert "stop" not in json.loads(read_ask(Endpoint.CHAT, chat(stop="x")).body(stop=None))


@given(body=st.binary(max_size=200))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    for endpoint in Endpoint:
        try:
            read_ask(endpoint, body)
        except Refused as refused:
            assert refused.status == 400  # noqa: PT017 - refused or read, nothing else


@given(value=JSON)
def test_no_json_breaks_the_reading(value: Any) -> None:
    bodies = [value, CHAT | {"model": value}, CHAT | {"messages": value}, CHAT | {"stream": value}]
    for body in bodies:
        try:
            read_ask(Endpoint.CHAT, json.dumps(body).encode())
        except Refused as refused:
            assert refused.status == 400  # noqa: PT017 - refused or read, nothing else


@pytest.mark.parametrize(
    ("fields", "needs"),
    [
        ({}, set()),
        ({"tools": [{"type": "function"}]}, {"tools"}),
        ({"tools": None}, set()),
        ({"logprobs": True}, {"logprobs"}),
        ({"logprobs": False}, set()),
        ({"response_format": {"type": "text"}}, set()),
        ({"response_format": {"type": "json_object"}}, {"json_object"}),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, {"json_schema"}),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, {"images"}),
        ({"messages": [{"role": "user", "content": 'say "image_url"'}]}, set()),
        ({"messages": [{"role": "user", "content": "image_url"}]}, set()),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
            {"audio"},
        ),
    ],
)
def test_what_a_request_needs_is_read_off_its_fields(fields: dict[str, Any], needs: set[str]) -> None:
    assert read_ask(Endpoint.CHAT, chat(**fields)).needs == needs


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "hi"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}, "b"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                    }
                ]
            },
            "a\nb",
        ),
        ({"messages": [{"role": "assistant", "content": "a"}]}, ""),
        ({"messages": [{"role": "user", "content": None}]}, ""),
        ({"messages": [{"role": "user", "content": 7}]}, ""),
    ],
)
def test_the_text_is_that_of_the_last_user_message(fields: dict[str, Any], text: str) -> None:
    assert read_ask(Endpoint.CHAT, chat(**fields)).text() == text


def test_the_answers_bound_is_the_clients() -> None:
    assert read_ask(Endpoint.CHAT, chat(max_tokens=5)).max_output_tokens == 5
    assert read_ask(Endpoint.CHAT, chat(max_tokens=5, max_completion_tokens=7)).max_output_tokens == 7
    assert read_ask(Endpoint.CHAT, chat()).max_output_tokens is None
