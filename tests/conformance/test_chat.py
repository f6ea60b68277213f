"""Every kind of chat request through the gateway: it reaches the model as sent, the answer comes as given."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conformance import shapes
from tests.conformance.conftest import Standing, data_lines
from tests.conformance.strict import UPSTREAM_NAME

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": ["integer", "null"]}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
CLOCK = {"type": "function", "function": {"name": "clock"}}
GRAMMAR = {
    "type": "custom",
    "custom": {
        "name": "sql",
        "description": "Runs a query.",
        "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /.+/"}},
    },
}
TICKET: dict[str, Any] = {
    "name": "ticket",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"intent": {"enum": ["refund", "other"]}, "order": {"$ref": "#/$defs/order"}},
        "required": ["intent", "order"],
        "additionalProperties": False,
        "$defs": {"order": {"type": "string", "minLength": 2}},
    },
}
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def user(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": content} | more


def called(tool: str, id_: str) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": tool, "arguments": "{}"}}


TURNS = [
    {"role": "developer", "content": "Be brief.", "name": "boss"},
    {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
    user("weather and clock", name="ann"),
    {"role": "assistant", "content": None, "tool_calls": [called("weather", "a"), called("clock", "b")]},
    {"role": "tool", "tool_call_id": "a", "content": "sunny"},
    {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "noon"}]},
]

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "text of every kind": {"messages": [user("tab\t nul\u0000 é 漢 😀 \u2028 </script>")]},
    "tools in parallel": {"tools": [WEATHER, CLOCK], "parallel_tool_calls": True},
    "one tool after another": {"tools": [WEATHER, CLOCK], "parallel_tool_calls": False},
    "a named tool": {
        "tools": [WEATHER, CLOCK],
        "tool_choice": {"type": "function", "function": {"name": "clock"}},
    },
    "tools of which some are allowed": {
        "tools": [WEATHER, CLOCK],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "clock"}}],
            },
        },
    },
    "tools that must not be called": {"tools": [WEATHER], "tool_choice": "none"},
    "a custom tool": {"tools": [GRAMMAR], "tool_choice": "required"},
    "a conversation with tools": {"messages": TURNS, "tools": [WEATHER, CLOCK]},
    "functions, the old way": {
        "functions": [{"name": "clock", "parameters": {"type": "object"}}],
        "function_call": "none",
    },
    "an old conversation": {
        "messages": [
            user("x"),
            {"role": "assistant", "content": None, "function_call": {"name": "clock", "arguments": "{}"}},
            {"role": "function", "name": "clock", "content": "noon"},
        ]
    },
    "a schema": {"response_format": {"type": "json_schema", "json_schema": TICKET}},
    "any JSON": {"response_format": {"type": "json_object"}},
    "text as the format": {"response_format": {"type": "text"}},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "three choices": {"n": 3},
    "three choices with tools": {"n": 3, "tools": [WEATHER, CLOCK]},
    "one stop": {"stop": "grüße"},
    "four stops": {"stop": ["a", "b", "c", "zz"]},
    "a seed and numbers": {
        "seed": -9007199254740991,
        "temperature": 0.1,
        "top_p": 1e-3,
        "presence_penalty": -2,
        "frequency_penalty": 2.0,
        "logit_bias": {"50256": -100},
    },
    "a bound": {"max_completion_tokens": 3},
    "the old bound": {"max_tokens": 3},
    "a prediction": {"prediction": {"type": "content", "content": [{"type": "text", "text": "You said"}]}},
    "usage in the stream": {"stream_options": {"include_usage": True}},
    "no obfuscation": {"stream_options": {"include_obfuscation": False}},
    "images": {
        "messages": [
            user(
                [
                    {"type": "text", "text": "what is this"},
                    {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
                    {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
                ]
            )
        ]
    },
    "a file": {"messages": [user([{"type": "file", "file": {"file_id": "file-1"}}])]},
    "speech in and out": {
        "messages": [
            user([{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}]),
            {"role": "assistant", "audio": {"id": "audio_0"}},
            user("and?"),
        ],
        "modalities": ["text", "audio"],
        "audio": {"voice": "alloy", "format": "wav"},
    },
    "a refusal": {"messages": [user("refuse this")]},
    "a refusal before": {
        "messages": [user("x"), {"role": "assistant", "content": None, "refusal": "no"}, user("y")]
    },
    "web search": {"web_search_options": {"search_context_size": "low"}},
    "accounting": {
        "user": "ann",
        "safety_identifier": "a1",
        "metadata": {"team": "a"},
        "service_tier": "flex",
        "store": False,
        "prompt_cache_key": "k",
    },
    "reasoning": {"reasoning_effort": "minimal", "verbosity": "low"},
    "fields of nobody": {"x_custom": {"deep": [1, {"a": None}]}, "guided_json": {}, "éa": "\u0000"},
    "nulls": dict.fromkeys(("stop", "n", "logprobs", "stream_options", "temperature", "seed")),
}


def body_of(case: str, stream: bool | None) -> dict[str, Any]:  # noqa: FBT001 - a field of the request
    body = {"model": "support", "messages": [user("say something")]} | CASES[case]
    if stream is not None:
        body["stream"] = stream
    return body


def only_streams_may(fields: dict[str, Any]) -> bool:
    return bool(fields.get("stream_options"))


PLAIN = [name for name, fields in CASES.items() if not only_streams_may(fields)]
# The document's chunks of tool calls know functions alone.
STREAMED = [name for name in CASES if name != "a custom tool"]


@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_answer_is_what_the_model_said_and_as_the_document_says(
    standing: Standing, case: str
) -> None:
    body = body_of(case, None)
    answer = standing.ask("chat/completions", body)
    assert (answer.status, standing.strict.faults) == (200, [])
    sent = body | {"model": UPSTREAM_NAME}
    assert standing.strict.seen[-1] == sent
    assert answer.json == shapes.chat(sent)
    standing.document.check("CreateChatCompletionResponse", answer.json)


@pytest.mark.parametrize("case", STREAMED)
def test_a_stream_is_what_the_model_said_and_as_the_document_says(standing: Standing, case: str) -> None:
    body = body_of(case, stream=True)
    answer = standing.ask("chat/completions", body)
    assert (answer.status, answer.whole, standing.strict.faults) == (200, True, [])
    options = {"stream_options": (body.get("stream_options") or {}) | {"include_usage": True}}
    sent = body | {"model": UPSTREAM_NAME} | options
    assert standing.strict.seen[-1] == sent
    *said, usage = shapes.chat_events(sent)
    wanted = (body.get("stream_options") or {}).get("include_usage")
    events = standing.events(answer)
    assert events == ([*said, usage] if wanted else said)
    for event in events:
        standing.document.check("CreateChatCompletionStreamResponse", event)
    assert data_lines(answer.body)[-1] == b"[DONE]"


def test_what_is_sent_before_an_answer_keeps_its_bytes(standing: Standing) -> None:
    value = b'{"b":1.50,"a":[ 1e400, -0, 12345678901234567890 ],"\\u00e9":"\\ud83d\\ude00"}'
    raw = b'{"messages":[{"content":"x","role":"user"}],"x":%b,"model":"support"}' % value
    assert standing.ask("chat/completions", raw).status == 200
    assert b'"x":' + value in standing.strict.raw[-1]
