from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.openai_document import OpenAIDocument
from tests.wire.responding import FRAME, TOOL, answer, asked, chat_of

from freehold.errors import Refused
from freehold.wire.responses import read_response_ask, to_chat, to_response


def refusal(**fields: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        to_chat(asked(**fields))
    return caught.value


def test_a_string_is_one_message_of_the_user() -> None:
    assert chat_of() == {"model": "support", "messages": [{"role": "user", "content": "Hello"}]}


def test_instructions_come_first_as_the_system_speaks() -> None:
    messages = chat_of(instructions="Be brief.")["messages"]
    assert messages == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]


def test_items_of_a_conversation_become_its_messages() -> None:
    items = [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": [{"type": "input_text", "text": "One"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "role": "assistant",
            "id": "msg_1",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Two", "annotations": [], "logprobs": []}],
        },
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
    ]
    assert chat_of(input=items)["messages"] == [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "assistant", "content": "No."},
    ]


def test_images_and_files_travel_as_parts() -> None:
    content = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "original"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
    ]
    (message,) = chat_of(input=[{"role": "user", "content": content}])["messages"]
    assert message["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "high"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="}},
    ]


def call(call_id: str, arguments: str = "{}") -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": "weather", "arguments": arguments}


def output(call_id: str, text: Any = "sunny") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def test_what_the_assistant_said_and_its_parallel_calls_are_one_message() -> None:
    items = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "Let me see."},
        call("a"),
        call("b"),
        output("a"),
        output("b", [{"type": "input_text", "text": "rain"}]),
        call("c"),
        output("c"),
    ]
    messages = chat_of(input=items, tools=[TOOL])["messages"]
    assert [message["role"] for message in messages] == [
        "user", "assistant", "tool", "tool", "assistant", "tool",
    ]  # fmt: skip
    assert messages[1]["content"] == "Let me see."
    assert [c["id"] for c in messages[1]["tool_calls"]] == ["a", "b"]
    assert messages[3] == {"role": "tool", "tool_call_id": "b", "content": "rain"}


def test_the_history_of_earlier_responses_comes_before_the_input_and_after_the_instructions() -> None:
    history = [{"role": "user", "content": "Weather?"}, call("a")]
    asking = asked(input=[output("a")], instructions="Brief.", previous_response_id="resp_1")
    roles = [message["role"] for message in json.loads(to_chat(asking, history))["messages"]]
    assert roles == ["system", "user", "assistant", "tool"]


def test_an_item_named_by_its_id_is_taken_from_the_history_or_the_store() -> None:
    ask = asked(input=[{"type": "item_reference", "id": "msg_1"}, {"id": "msg_2"}])
    assert ask.references == ("msg_1", "msg_2")
    history = [{"role": "user", "content": "One", "id": "msg_1"}]
    stored = {"msg_2": {"role": "assistant", "content": "Two"}}
    messages = json.loads(to_chat(ask, history, stored))["messages"]
    assert [message["content"] for message in messages] == ["One", "One", "Two"]
    with pytest.raises(Refused, match="'msg_2' not found") as caught:
        to_chat(ask, history)
    assert caught.value.status == 404


def test_tools_and_the_form_of_the_answer_are_said_in_chats_words() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    body = chat_of(
        tools=[TOOL, {"type": "function", "name": "bare"}],
        tool_choice={"type": "function", "name": "weather"},
        parallel_tool_calls=False,
        text={
            "format": {"type": "json_schema", "name": "T", "schema": schema, "strict": True},
            "verbosity": "low",
        },
        reasoning={"effort": "high", "summary": "auto"},
        max_output_tokens=64,
        top_logprobs=3,
        include=["message.output_text.logprobs"],
        temperature=0.5,
        top_p=1,
        user="u1",
        service_tier="flex",
    )
    function = {name: value for name, value in TOOL.items() if name != "type"}
    assert body == {
        "model": "support",
        "messages": [{"role": "user", "content": "Hello"}],
        "tools": [
            {"type": "function", "function": function},
            {"type": "function", "function": {"name": "bare"}},
        ],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "parallel_tool_calls": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "T", "schema": schema, "strict": True},
        },
        "verbosity": "low",
        "reasoning_effort": "high",
        "max_completion_tokens": 64,
        "logprobs": True,
        "top_logprobs": 3,
        "temperature": 0.5,
        "top_p": 1,
        "user": "u1",
        "service_tier": "flex",
    }  # fmt: skip


def test_allowed_tools_are_the_only_tools_that_the_model_sees() -> None:
    other = TOOL | {"name": "time"}
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "time"}]}
    body = chat_of(tools=[TOOL, other], tool_choice=allowed)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["time"]
    assert body["tool_choice"] == "required"


def test_fields_that_we_do_not_know_reach_the_model_as_they_were_sent() -> None:
    body = b'{"model":"m","input":"x","seed":1.50,"chat_template_kwargs":{ "a":1e3 },"nothing":null}'
    chat = to_chat(read_response_ask(body))
    assert b'"seed":1.50' in chat
    assert b'"chat_template_kwargs":{ "a":1e3 }' in chat
    assert b"nothing" not in chat


def test_what_belongs_to_the_kept_answer_does_not_go_to_the_model() -> None:
    fields = {"metadata": {"a": "b"}, "store": True, "truncation": "auto", "max_tool_calls": 3}
    assert chat_of(**fields, tool_choice="auto", parallel_tool_calls=True) == chat_of()


@pytest.mark.parametrize(
    "type_",
    ["web_search", "file_search", "code_interpreter", "mcp", "image_generation", "custom", "nonsense"],
)
def test_a_tool_that_nobody_runs_is_refused_by_its_name(type_: str) -> None:
    fault = refusal(tools=[TOOL, {"type": type_, "server_label": "x"}])
    assert (fault.status, fault.param) == (400, "tools[1].type")
    assert f"'{type_}'" in fault.message


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"background": True}, "background", "unsupported_value"),
        ({"conversation": "conv_1"}, "conversation", "unsupported_value"),
        ({"conversation": {"id": "conv_1"}}, "conversation", "unsupported_value"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt", "unsupported_value"),
        ({"messages": []}, "messages", "unsupported_parameter"),
        ({"response_format": {}}, "response_format", "unsupported_parameter"),
        ({"max_tokens": 5}, "max_tokens", "unsupported_parameter"),
        ({"model": None}, "model", "missing_required_parameter"),
        ({"model": 5}, "model", "invalid_type"),
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": 5}, "input", "invalid_type"),
        ({"input": []}, "input", "missing_required_parameter"),
        ({"input": ["x"]}, "input[0]", "invalid_type"),
        ({"input": [{"role": "user"}]}, "input[0].content", "missing_required_parameter"),
        ({"input": [{"role": "king", "content": ""}]}, "input[0].role", "invalid_value"),
        ({"input": [{"role": "user", "content": 5}]}, "input[0].content", "invalid_type"),
        ({"input": [{"role": "user", "content": [{"type": "text"}]}]}, "input[0].content[0].type",
         "invalid_value"),
        ({"input": [{"type": "nonsense"}]}, "input[0].type", "invalid_value"),
        ({"input": [{"type": "web_search_call"}]}, "input[0].type", "unsupported_value"),
        ({"input": [{"content": "x"}]}, "input[0].type", "missing_required_parameter"),
        ({"input": [output("a")]}, "input", None),
        ({"input": [call("a")]}, "input", None),
        ({"temperature": 3}, "temperature", "decimal_above_max_value"),
        ({"temperature": "1"}, "temperature", "invalid_type"),
        ({"temperature": True}, "temperature", "invalid_type"),
        ({"top_p": -0.5}, "top_p", "decimal_below_min_value"),
        ({"max_output_tokens": 3}, "max_output_tokens", "integer_below_min_value"),
        ({"max_output_tokens": 16.5}, "max_output_tokens", "invalid_type"),
        ({"top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
        ({"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
        ({"include": ["x"]}, "include[0]", "invalid_value"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": {}}, "stream_options", None),
        ({"safety_identifier": "x" * 65}, "safety_identifier", "string_above_max_length"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort", "invalid_value"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type", "invalid_value"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema",
         "missing_required_parameter"),
        ({"tools": {}}, "tools", "invalid_type"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter"),
        ({"tool_choice": "maybe"}, "tool_choice", "invalid_value"),
        ({"tool_choice": "required"}, "tool_choice", "invalid_value"),
        ({"tool_choice": {"type": "function", "name": "x"}}, "tool_choice", "invalid_value"),
        ({"tool_choice": {"type": "web_search_preview"}}, "tool_choice.type", "unsupported_value"),
    ],
)  # fmt: skip
def test_what_openai_refuses_is_refused_with_its_path_and_code(
    fields: dict[str, Any], param: str, code: str | None
) -> None:
    fault = refusal(**fields)
    assert (fault.status, fault.type, fault.param, fault.code) == (400, "invalid_request_error", param, code)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"x"', b"5", b"{", b'{"model":"m","input":"\xff"}', b"\x00",
        b'{"model":"m","input":"\\ud800"}', b'{"model":"m","input":"x","temperature":1e999}',
        b'{"model":"m","input":' + b"[" * 100_000,
        b'{"model":"m","input":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"model":"m","input":"x","metadata":' + b'{"a":' * 400 + b"1" + b"}" * 401,
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_response_ask(body)
    assert caught.value.status == 400


@pytest.mark.parametrize(("levels", "taken"), [(200, True), (300, False)])
def test_a_schema_may_be_deep_but_not_a_tower(levels: int, *, taken: bool) -> None:
    schema = json.loads('{"a":' * levels + "1" + "}" * levels)
    tools = [TOOL | {"parameters": schema}]
    if taken:
        assert chat_of(tools=tools)["tools"][0]["function"]["parameters"] == schema
    else:
        assert refusal(tools=tools).param == "tools"


def test_ten_megabytes_are_read() -> None:
    text = "x" * 10_000_000
    assert chat_of(input=text)["messages"][0]["content"] == text


RICH: dict[str, Any] = {
    "model": "support",
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [
            {"type": "input_text", "text": "Hello"},
            {"type": "input_image", "image_url": "http://localhost/a.png", "detail": "low"},
        ]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        call("a"),
        output("a"),
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "content": [
            {"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []},
        ]},
    ],
    "tools": [TOOL],
    "tool_choice": {
        "type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "weather"}],
    },
    "text": {
        "format": {"type": "json_schema", "name": "T", "schema": {}, "strict": None}, "verbosity": "low",
    },
    "reasoning": {"effort": "low", "summary": None},
    "include": ["message.output_text.logprobs"],
    "metadata": {"k": "v"},
    "temperature": 1,
    "top_p": 0.5,
    "top_logprobs": 2,
    "max_output_tokens": 100,
    "parallel_tool_calls": True,
    "stream": True,
    "stream_options": {"include_obfuscation": False},
    "store": False,
    "truncation": "auto",
    "background": False,
    "service_tier": "auto",
    "user": "u",
    "safety_identifier": "s",
    "prompt_cache_key": "p",
    "max_tool_calls": 4,
}  # fmt: skip

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, child in inner for deeper in paths_in(child, (*path, key)))]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    """The rich request with one thing in it replaced."""
    body = copy.deepcopy(RICH)
    if not path:
        return value
    parent: Any = body
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return body


def judge(body: Any, document: OpenAIDocument) -> None:
    """Refused, or what the model is asked and what the client is told satisfy the document."""
    try:
        ask = read_response_ask(json.dumps(body).encode())
        chat = to_chat(ask)
    except Refused:
        return
    document.check("CreateChatCompletionRequest", json.loads(chat))
    document.check("Response", json.loads(to_response(answer({"content": "Hi"}), ask, **FRAME)))


def test_a_rich_request_satisfies_the_document_on_both_sides(document: OpenAIDocument) -> None:
    document.check("CreateResponse", RICH)
    assert chat_of(**RICH)["messages"][0] == {"role": "system", "content": "Be brief."}
    judge(RICH, document)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(paths_in(RICH)), value=json_values)
def test_any_one_wrong_thing_is_refused_or_harmless(
    document: OpenAIDocument, path: tuple[Any, ...], value: Any
) -> None:
    judge(changed(path, value), document)


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_does_worse_than_be_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        read_response_ask(body)
