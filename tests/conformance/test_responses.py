"""Every kind of Responses request: the chat request made of it and all that comes back suit the document."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conformance.conftest import Standing, data_lines
from tests.conformance.test_chat import PIXEL, TICKET

WEATHER = {
    "type": "function",
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
CLOCK = {"type": "function", "name": "clock", "parameters": None, "strict": None}

CASES: dict[str, dict[str, Any]] = {
    "text": {},
    "text of every kind": {"input": "tab\t nul\u0000 é 漢 😀 \u2028 </script>"},
    "instructions": {"instructions": "Be kind.", "input": [{"role": "developer", "content": "Be brief."}]},
    "messages": {
        "input": [
            {"role": "system", "content": [{"type": "input_text", "text": "Be kind."}]},
            {"type": "message", "role": "user", "content": "hi"},
            {"role": "assistant", "content": [{"type": "output_text", "text": "hello", "annotations": []}]},
            {"role": "user", "content": [{"type": "input_text", "text": "again"}]},
        ]
    },
    "tools in parallel": {"tools": [WEATHER, CLOCK], "parallel_tool_calls": True},
    "one tool after another": {"tools": [WEATHER, CLOCK], "parallel_tool_calls": False},
    "a named tool": {"tools": [WEATHER, CLOCK], "tool_choice": {"type": "function", "name": "clock"}},
    "tools of which some are allowed": {
        "tools": [WEATHER, CLOCK],
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "clock"}],
        },
    },
    "tools that must not be called": {"tools": [WEATHER], "tool_choice": "none"},
    "a conversation with tools": {
        "tools": [WEATHER, CLOCK],
        "input": [
            {"role": "user", "content": "weather and clock"},
            {"type": "function_call", "call_id": "a", "name": "weather", "arguments": "{}"},
            {"type": "function_call", "call_id": "b", "name": "clock", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": "sunny"},
            {"type": "function_call_output", "call_id": "b", "output": "noon"},
        ],
    },
    "a schema": {"text": {"format": {"type": "json_schema", **TICKET}}},
    "any JSON": {"text": {"format": {"type": "json_object"}, "verbosity": "low"}},
    "logprobs": {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
    "a bound": {"max_output_tokens": 16, "input": "word " * 40},
    "an image": {
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "what is this"},
                    {"type": "input_image", "image_url": PIXEL, "detail": "low"},
                ],
            }
        ]
    },
    "a refusal": {"input": "refuse this"},
    "numbers": {"temperature": 0, "top_p": 0.5, "metadata": {"team": "a"}, "user": "ann"},
    "reasoning": {"reasoning": {"effort": "low", "summary": "auto"}},
    "accounting": {"safety_identifier": "a1", "prompt_cache_key": "k", "service_tier": "flex"},
    "nulls": dict.fromkeys(("instructions", "tools", "temperature", "metadata", "text", "reasoning")),
}


def body_of(case: str) -> dict[str, Any]:
    return {"model": "support", "input": "say something"} | CASES[case]


@pytest.mark.parametrize("case", CASES)
def test_a_response_is_as_the_document_says(standing: Standing, case: str) -> None:
    answer = standing.ask("responses", body_of(case))
    assert (answer.status, standing.strict.faults) == (200, [])
    standing.document.check("Response", answer.json)


@pytest.mark.parametrize("case", CASES)
def test_a_streamed_response_is_as_the_document_says_and_ends_in_what_was_said(
    standing: Standing, case: str
) -> None:
    answer = standing.ask("responses", body_of(case) | {"stream": True})
    assert (answer.status, answer.whole, standing.strict.faults) == (200, True, [])
    events = standing.events(answer)
    for event in events:
        standing.document.check_event(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert data_lines(answer.body)[-1] != b"[DONE]"
    plain = standing.ask("responses", body_of(case)).json
    assert _said(events[-1]["response"]) == _said(plain)
    assert events[-1]["type"] == f"response.{plain['status']}"


def _said(response: dict[str, Any]) -> list[dict[str, Any]]:
    """The output without the ids that are made anew each time."""
    return [{name: value for name, value in item.items() if name != "id"} for item in response["output"]]
