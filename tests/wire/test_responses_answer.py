from __future__ import annotations

import json
from typing import Any

import pytest
from tests.openai_document import OpenAIDocument
from tests.wire.responding import FRAME, ID, TOOL, answer, answered, asked

from freehold.errors import UpstreamError
from freehold.wire.responses import (
    deleted,
    input_items,
    item_list,
    previous_response_not_found,
    response_not_found,
    to_chat,
    to_response,
)

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
LOGPROBS = {
    "content": [
        {
            "token": "Hi",
            "logprob": -0.25,
            "bytes": None,
            "top_logprobs": [{"token": "Hi", "logprob": -0.25, "bytes": [72, 105]}],
        }
    ]
}


def test_text_becomes_one_message_and_usage_is_told_in_responses_words() -> None:
    response = answered({"content": "Hi", "refusal": None})
    assert (response["id"], response["object"], response["status"]) == (ID, "response", "completed")
    assert response["model"] == "gpt-4o-mini-2024-07-18"
    (message,) = response["output"]
    assert message == {
        "id": message["id"],
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []}],
    }
    assert message["id"].startswith("msg_68a1")
    assert response["usage"] == {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 18,
    }


def test_reasoning_text_refusal_and_calls_each_have_their_place() -> None:
    message = {
        "content": "Hi",
        "reasoning_content": "Hm.",
        "refusal": "Not that.",
        "tool_calls": [CALL, CALL | {"id": "call_2"}],
    }
    response = answered(message, "tool_calls", tools=[TOOL])
    assert [item["type"] for item in response["output"]] == [
        "reasoning", "message", "function_call", "function_call",
    ]  # fmt: skip
    reasoning, spoken, first, second = response["output"]
    assert reasoning["content"] == [{"type": "reasoning_text", "text": "Hm."}]
    assert [part["type"] for part in spoken["content"]] == ["output_text", "refusal"]
    assert (first["call_id"], first["name"], first["arguments"]) == ("call_1", "weather", '{"city":"Oslo"}')
    assert first["id"].startswith("fc_")
    assert len({first["id"], second["id"]}) == 2


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_an_answer_that_was_cut_is_incomplete_and_says_why(finish: str, reason: str) -> None:
    response = answered({"content": "Hi"}, finish)
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": reason})
    assert response["output"][-1]["status"] == "incomplete"
    assert response["completed_at"] is None


@pytest.mark.parametrize("finish", ["stop", "tool_calls", None, "eos"])
def test_any_other_end_is_complete(finish: str | None) -> None:
    assert answered({"content": "Hi"}, finish)["status"] == "completed"


def test_an_answer_without_a_word_is_an_empty_message() -> None:
    (message,) = answered({"content": None})["output"]
    assert message["content"][0]["text"] == ""


def test_unknown_usage_is_left_out_rather_than_zero() -> None:
    shapes: list[Any] = [None, {}, {"prompt_tokens": "many"}, []]
    for usage in shapes:
        body = answer({"content": "Hi"}, usage=usage)
        assert "usage" not in json.loads(to_response(body, asked(), **FRAME))


def test_log_probabilities_are_given_to_who_asked() -> None:
    body = answer({"content": "Hi"}, logprobs=LOGPROBS)
    asking = asked(include=["message.output_text.logprobs"])
    (entry,) = json.loads(to_response(body, asking, **FRAME))["output"][0]["content"][0]["logprobs"]
    assert (entry["token"], entry["bytes"], entry["top_logprobs"][0]["bytes"]) == ("Hi", [], [72, 105])
    silent = json.loads(to_response(body, asked(), **FRAME))["output"][0]["content"][0]
    assert silent["logprobs"] == []


def test_the_answer_repeats_what_was_asked_and_says_whether_it_is_kept() -> None:
    fields: dict[str, Any] = {
        "instructions": "Brief.",
        "metadata": {"a": "b"},
        "temperature": 0.5,
        "max_output_tokens": 99,
        "tools": [{"type": "function", "name": "bare"}],
        "text": {"format": {"type": "json_object"}},
        "user": "u",
        "store": True,
        "truncation": "auto",
    }
    response = answered({"content": "{}"}, **fields)
    for name in ("instructions", "metadata", "temperature", "max_output_tokens", "text", "user"):
        assert response[name] == fields[name]
    assert response["tools"] == [{"type": "function", "name": "bare", "parameters": None, "strict": False}]
    assert response["top_p"] is None
    assert response["truncation"] == "disabled"  # nobody shortens a chat's input
    assert response["store"] is False


def test_what_hosts_do_differently_is_understood() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": "Hi"},
    ]
    reasoning, message = answered({"content": parts})["output"]
    assert (reasoning["content"][0]["text"], message["content"][0]["text"]) == ("Hm.", "Hi")
    bare = {"function": {"name": "weather", "arguments": {"city": "Oslo"}}}
    calls = answered({"content": "", "tool_calls": [bare, bare]})["output"]
    assert [call["arguments"] for call in calls] == ['{"city":"Oslo"}'] * 2
    assert len({call["call_id"] for call in calls}) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"choices":[]}', b'{"choices":[{"index":0}]}',
        b'{"choices":[{"index":0,"message":{"content":5}}]}', b'{"error":{"message":"overloaded"}}',
        b'{"choices":[{"index":0,"message":{"tool_calls":[{"id":"a","function":{"arguments":"{}"}}]}}]}',
        b'{"choices":[{"index":0,"message":{"tool_calls":[{"id":"a","type":"custom","custom":{}}]}}]}',
        b'{"choices":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_chat_answer_is_the_models_failure(body: bytes) -> None:
    with pytest.raises(UpstreamError) as caught:
        to_response(body, asked(), **FRAME)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("message", "finish"),
    [
        ({"content": "Hi"}, "stop"),
        ({"content": "Hi", "refusal": "No", "reasoning": "Hm", "tool_calls": [CALL]}, "length"),
        ({"content": None}, "content_filter"),
    ],
)
def test_answers_satisfy_the_document(document: OpenAIDocument, message: dict[str, Any], finish: str) -> None:
    fields = {"tools": [TOOL], "top_logprobs": 1, "reasoning": {"effort": "low"}, "tool_choice": "required"}
    for asking in (asked(), asked(**fields)):
        body = answer(message, finish, logprobs=LOGPROBS, service_tier="default")
        response = json.loads(to_response(body, asking, **FRAME, completed_at=1_760_000_002.5))
        document.check("Response", response)
        assert response["service_tier"] == "default"


def test_a_kept_response_can_be_continued_and_its_input_listed(document: OpenAIDocument) -> None:
    first = asked(
        input=[
            {"role": "assistant", "content": "Ask me."},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Weather?"},
                    {"type": "input_image", "image_url": "http://localhost/a.png"},
                ],
            },
            {"type": "item_reference", "id": "msg_0"},
            {"type": "item_reference", "id": "msg_gone"},
        ],
        tools=[TOOL],
    )
    kept = input_items(first, ID, {"msg_0": {"role": "user", "content": "In Oslo.", "id": "msg_0"}})
    listed = json.loads(item_list(kept))
    document.check("ResponseItemList", listed)
    assert [item["type"] for item in listed["data"]] == ["message"] * 3
    assert listed["last_id"] == "msg_0"
    response = json.loads(to_response(answer({"content": None, "tool_calls": [CALL]}), first, **FRAME))
    second = asked(
        previous_response_id=ID,
        input=[{"type": "function_call_output", "call_id": "call_1", "output": "sunny"}],
    )
    messages = json.loads(to_chat(second, [*kept, *response["output"]]))["messages"]
    assert [message["role"] for message in messages] == ["assistant", "user", "user", "assistant", "tool"]
    document.check("ResponseItemList", json.loads(item_list(input_items(second, ID))))


def test_what_is_said_of_responses_that_are_not_there() -> None:
    assert json.loads(deleted(ID)) == {"id": ID, "object": "response", "deleted": True}
    assert response_not_found(ID).status == 404
    fault = previous_response_not_found(ID, "[routes.support] store = true")
    assert (fault.status, fault.param) == (404, "previous_response_id")
    assert "[routes.support] store = true" in fault.message
