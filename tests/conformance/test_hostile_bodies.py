"""No body that a client can send yields a 5xx or a hang: it is answered, or refused as OpenAI would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Standing
from tests.gateway.house import Answer

ENDPOINTS = ("chat/completions", "completions", "embeddings", "moderations", "responses")
GOOD: dict[str, dict[str, Any]] = {
    "chat/completions": {"model": "support", "messages": [{"role": "user", "content": "hi"}]},
    "completions": {"model": "support", "prompt": "hi"},
    "embeddings": {"model": "support", "input": "hi"},
    "moderations": {"model": "moderator", "input": "hi"},
    "responses": {"model": "support", "input": "hi"},
}
# What the gateway reads in any request, and what it reads in a Responses request.
READ = """
    model messages prompt input stream stream_options logprobs tools functions response_format grammar
    max_tokens max_completion_tokens user safety_identifier
""".split()  # noqa: SIM905 - the words are easier to read than as a list of fifteen lines
READ_IN_RESPONSES = """
    model input stream stream_options tools tool_choice temperature top_p top_logprobs max_output_tokens user
    safety_identifier metadata text reasoning instructions include store previous_response_id truncation
    background conversation prompt prompt_cache_key service_tier parallel_tool_calls messages
""".split()  # noqa: SIM905 - likewise
ODD: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "a number": b"-1",
    "a huge number": b"1e99999",
    "a long number": b"9" * 5000,
    "a fraction": b"0.5",
    "a text": b'"x"',
    "an empty text": b'""',
    "a lone surrogate": b'"\\ud800"',
    "a NUL": b'"\\u0000"',
    "an array": b"[]",
    "an array of null": b"[null]",
    "an array of numbers": b"[1,2]",
    "an array of arrays": b"[[[[1]]]]",
    "an object": b"{}",
    "an object of null": b'{"type":null,"role":null,"content":null}',
    "an object of objects": b'{"type":{"type":{}}}',
    "a deep array": b"[" * 5000 + b"]" * 5000,
    "a deep object": b'{"a":' * 5000 + b"1" + b"}" * 5000,
}
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"x"',
    "an array": b"[]",
    "an empty object": b"{}",
    "half an object": b'{"model":"support"',
    "two objects": b'{"model":"support"}{"model":"support"}',
    "a trailing comma": b'{"model":"support",}',
    "single quotes": b"{'model':'support'}",
    "NaN": b'{"model":"support","messages":[{"role":"user","content":NaN}]}',
    "a form": b"model=support&messages=hi",
    "invalid UTF-8": b'{"model":"support","messages":[{"role":"user","content":"\xff\xfe"}]}',
    "half a character": b'{"model":"support","messages":[{"role":"user","content":"\xe2\x82"}]}',
    "an encoded surrogate": b'{"model":"support","messages":[{"role":"user","content":"\xed\xa0\x80"}]}',
    "UTF-16": '{"model":"support"}'.encode("utf-16"),
    "NUL bytes": b"\0" * 100,
    "a NUL inside": b'{"model":"sup\0port","messages":[{"role":"user"}]}',
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "deep arrays": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 1_000_000,
    "deep and closed": b'{"model":"support","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "ten megabytes of nothing": b" " * 10_000_000,
}


def check_refusal(standing: Standing, answer: Answer) -> None:
    """A 4xx with an error object that suits the document."""
    assert 400 <= answer.status < 500, answer.body[:300]
    assert answer.headers["content-type"].startswith("application/json")
    standing.document.check("ErrorResponse", answer.json)
    assert answer.error["message"]
    # What is drawn may be a card's number, which the upstream is not cleared for.
    private = answer.error["code"] == "label_above_clearance"
    assert answer.error["type"] == ("permission_error" if private else "invalid_request_error")


def check_answer(standing: Standing, answer: Answer) -> None:
    """What is not refused was asked of the strict upstream, which refuses what is no request."""
    if answer.status != 200:
        check_refusal(standing, answer)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("body", BODIES)
def test_what_is_no_request_is_refused(standing: Standing, endpoint: str, body: str) -> None:
    answer = standing.ask(endpoint, BODIES[body])
    check_refusal(standing, answer)
    assert answer.status == 400


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("odd", ODD)
def test_no_odd_value_in_any_field_breaks_anything(standing: Standing, endpoint: str, odd: str) -> None:
    bad = []
    for field in READ_IN_RESPONSES if endpoint == "responses" else READ:
        good = {name: json.dumps(value).encode() for name, value in GOOD[endpoint].items()}
        fields = good | {field: ODD[odd]}
        body = b"{" + b",".join(b'"%b":%b' % (n.encode(), v) for n, v in fields.items()) + b"}"
        answer = standing.ask(endpoint, body)
        if answer.status != 200 and (not 400 <= answer.status < 500 or _fault(standing, answer)):
            bad.append((field, answer.status, answer.body[:200]))
    assert bad == []


def _fault(standing: Standing, answer: Answer) -> str | None:
    return standing.document.fault("ErrorResponse", answer.json)


def test_a_byte_order_mark_is_not_json(standing: Standing) -> None:
    check_refusal(
        standing,
        standing.ask("chat/completions", b"\xef\xbb\xbf" + json.dumps(GOOD["chat/completions"]).encode()),
    )


def test_of_keys_that_stand_there_twice_the_model_sees_one(standing: Standing) -> None:
    body = b'{"model":"nope","model":"support","messages":[{"role":"user","content":"hi"}],"n":2,"n":1}'
    assert standing.ask("chat/completions", body).status == 200
    assert standing.strict.raw[-1].count(b'"n"') == 1


def test_ten_megabytes_of_text_are_answered(standing: Standing) -> None:
    body = {"model": "support", "input": ["x" * 10_000_000]}
    answer = standing.ask("embeddings", body)
    assert answer.status == 200
    assert standing.strict.seen[-1]["input"] == body["input"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(READ), inner, max_size=4)
    ),
    max_leaves=12,
)
relaxed = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@relaxed
@given(
    changes=st.dictionaries(st.sampled_from(READ + READ_IN_RESPONSES), json_values, min_size=1, max_size=4)
)
def test_no_combination_of_values_breaks_anything(
    standing: Standing, endpoint: str, changes: dict[str, Any]
) -> None:
    check_answer(standing, standing.ask(endpoint, GOOD[endpoint] | changes))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@relaxed
@given(body=st.binary(max_size=200))
def test_no_bytes_break_anything(standing: Standing, endpoint: str, body: bytes) -> None:
    check_refusal(standing, standing.ask(endpoint, body))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@relaxed
@given(data=st.data())
def test_no_damage_to_a_good_request_breaks_anything(
    standing: Standing, endpoint: str, data: st.DataObject
) -> None:
    good = json.dumps(GOOD[endpoint]).encode()
    at = data.draw(st.integers(0, len(good)))
    until = data.draw(st.integers(at, len(good)))
    body = good[:at] + data.draw(st.binary(max_size=4)) + good[until:]
    check_answer(standing, standing.ask(endpoint, body))
