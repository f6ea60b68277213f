"""OpenAI's own client for Python: all that it offers for the endpoints that Freehold has."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel, Field
from tests.clients.conftest import Served


class Weather(BaseModel):
    """The weather in a city."""

    city: str
    days: int = Field(description="How many days ahead.")


class Ticket(BaseModel):
    intent: Literal["refund", "other"]
    order: str | None


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.url, api_key=served.key, max_retries=0) as made:
        yield made


ASK: Any = {"model": "support", "messages": [{"role": "user", "content": "say “hé” 😀"}]}


def test_a_plain_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK, n=2, logprobs=True, top_logprobs=1, seed=7)
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert "hé" in str(answer.choices[1].message.content)
    assert answer.choices[0].logprobs is not None
    assert answer.usage is not None
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.prompt_tokens_details.cached_tokens == 3
    assert str(answer._request_id).startswith("req_")  # noqa: SLF001 - the documented name of it


def test_a_stream_is_the_plain_answer_in_pieces(client: openai.OpenAI) -> None:
    plain = client.chat.completions.create(**ASK)
    with client.chat.completions.create(**ASK, stream=True) as stream:
        chunks = list(stream)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert said == plain.choices[0].message.content
    assert all(chunk.choices for chunk in chunks), "nobody asked for the usage"
    last = list(client.chat.completions.create(**ASK, stream=True, stream_options={"include_usage": True}))[
        -1
    ]
    assert last.usage == plain.usage


async def test_the_asynchronous_client_does_the_same(served: Served) -> None:
    async with openai.AsyncOpenAI(base_url=served.url, api_key=served.key, max_retries=0) as client:
        plain = await client.chat.completions.create(**ASK)
        stream = await client.chat.completions.create(**ASK, stream=True)
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        response = await client.responses.create(model="support", input="hi")
        rows = await client.embeddings.create(model="support", input=["a", "b"])
    assert said == plain.choices[0].message.content
    assert response.output_text
    assert len(rows.data) == 2


def test_a_stream_left_early_leaves_the_client_usable(client: openai.OpenAI) -> None:
    for _ in range(3):
        with client.chat.completions.create(**ASK, stream=True) as stream:
            next(iter(stream))
    assert client.chat.completions.create(**ASK).choices


def test_the_helper_for_streams_collects_the_answer(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(**ASK) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert "hé" in str(final.choices[0].message.content)


def test_the_helper_for_schemas_parses_plain_answers_and_streams(client: openai.OpenAI) -> None:
    parsed = client.chat.completions.parse(**ASK, response_format=Ticket).choices[0].message.parsed
    with client.chat.completions.stream(**ASK, response_format=Ticket) as stream:
        for _ in stream:
            pass
        streamed = stream.get_final_completion().choices[0].message.parsed
    assert parsed == streamed == Ticket(intent="refund", order="hé")


def test_tools_are_called_in_parallel_and_their_results_answered(client: openai.OpenAI) -> None:
    tools: list[Any] = [
        openai.pydantic_function_tool(Weather),
        {
            "type": "function",
            "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}},
        },
    ]
    messages: list[Any] = [{"role": "user", "content": "Weather in 'Rome' for 3 days, and the clock"}]
    first = client.chat.completions.create(model="support", messages=messages, tools=tools)
    calls = first.choices[0].message.tool_calls or []
    assert first.choices[0].finish_reason == "tool_calls"
    assert [call.type == "function" and call.function.name for call in calls] == ["Weather", "clock"]
    messages += [first.choices[0].message]
    messages += [{"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in calls]
    second = client.chat.completions.create(model="support", messages=messages, tools=tools)
    assert "sunny" in str(second.choices[0].message.content)


def test_streamed_calls_of_tools_are_put_together(client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "'Rome' 3"}]
    with client.chat.completions.stream(
        model="support", messages=messages, tools=[openai.pydantic_function_tool(Weather)]
    ) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        message = stream.get_final_completion().choices[0].message
    assert [event.parsed_arguments for event in done] == [Weather(city="Rome", days=3)]
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.parsed_arguments == Weather(city="Rome", days=3)


def test_a_refusal_is_one_plain_and_streamed(client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "refuse it"}]
    plain = client.chat.completions.create(model="support", messages=messages).choices[0].message
    with client.chat.completions.stream(model="support", messages=messages) as stream:
        streamed = stream.get_final_completion().choices[0].message
    assert plain.refusal == streamed.refusal is not None
    assert plain.content is None


def test_raw_and_streaming_responses_show_the_headers(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(**ASK)
    assert raw.headers["x-freehold-model"] == "gpt"
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse().choices
    with client.chat.completions.with_streaming_response.create(**ASK, stream=True) as streaming:
        lines = [line for line in streaming.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"


def test_fields_and_headers_that_openai_does_not_have_pass(client: openai.OpenAI, served: Served) -> None:
    client.chat.completions.create(**ASK, extra_body={"guided_choice": ["a", "b"]}, extra_query={"x": "1"})
    assert served.strict.seen[-1]["guided_choice"] == ["a", "b"]


def test_embeddings_come_as_floats_though_the_client_asks_for_base64(
    client: openai.OpenAI, served: Served
) -> None:
    rows = client.embeddings.create(model="support", input=["a", "b"], dimensions=8).data
    assert served.strict.seen[-1]["encoding_format"] == "base64"
    floats = client.embeddings.create(
        model="support", input=["a", "b"], dimensions=8, encoding_format="float"
    )
    assert [row.embedding for row in rows] == [row.embedding for row in floats.data]
    assert len(rows[0].embedding) == 8


def test_completions_plain_and_streamed(client: openai.OpenAI) -> None:
    plain = client.completions.create(model="support", prompt=["Once", "Twice"], logprobs=1)
    streamed = client.completions.create(model="support", prompt=["Once", "Twice"], stream=True)
    said = ["", ""]
    for chunk in streamed:
        said[chunk.choices[0].index] += chunk.choices[0].text
    assert [choice.text for choice in plain.choices] == said


def test_models_are_listed_and_retrieved(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["support", "gpt", "moderator"]
    assert client.models.retrieve("gpt").owned_by == "freehold:rented"


def test_moderations_with_and_without_a_model(client: openai.OpenAI) -> None:
    one = client.moderations.create(input="hi")
    two = client.moderations.create(model="moderator", input=["hi", "ho"])
    assert [result.categories.violence for result in (*one.results, *two.results)] == [True] * 3


def test_responses_plain_streamed_and_parsed(client: openai.OpenAI) -> None:
    plain = client.responses.create(model="support", input="say “hé”", instructions="Be brief.")
    with client.responses.stream(model="support", input="say “hé”") as stream:
        said = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert plain.output_text == said == final.output_text
    parsed = client.responses.parse(model="support", input="an order 'A1'", text_format=Ticket)
    assert parsed.output_parsed == Ticket(intent="refund", order="A1")


def test_responses_call_tools_and_take_their_results(client: openai.OpenAI) -> None:
    tools: list[Any] = [openai.pydantic_function_tool(Weather)["function"] | {"type": "function"}]
    items: list[Any] = [{"role": "user", "content": "Weather in 'Rome' for 3 days"}]
    first = client.responses.create(model="support", input=items, tools=tools)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [{"city": "Rome", "days": 3}]
    items += first.output
    items += [{"type": "function_call_output", "call_id": calls[0].call_id, "output": "sunny"}]
    assert "sunny" in client.responses.create(model="support", input=items, tools=tools).output_text


def headers(name: str, value: str) -> dict[str, Any]:
    return {"extra_headers": {name: value}}


@pytest.mark.parametrize(
    ("change", "error", "code", "param"),
    [
        ({"model": "nope"}, openai.NotFoundError, "model_not_found", "model"),
        ({"messages": []}, openai.BadRequestError, "invalid_type", "messages"),
        ({"messages": "hi"}, openai.BadRequestError, "invalid_type", "messages"),
        (headers("x-freehold-label", "secret"), openai.PermissionDeniedError, "label_above_clearance", None),
        (headers("x-freehold-label", "x"), openai.BadRequestError, "invalid_label", None),
        (headers("content-encoding", "gzip"), openai.APIStatusError, "unsupported_content_encoding", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
def test_our_refusals_are_the_clients_own_errors(
    client: openai.OpenAI,
    change: dict[str, Any],
    error: type[openai.APIStatusError],
    code: str,
    param: str | None,
    stream: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    with pytest.raises(error) as raised:
        client.chat.completions.create(**ASK | {"stream": stream} | change)
    assert (raised.value.code, raised.value.param) == (code, param)
    assert raised.value.type in ("invalid_request_error", "permission_error")
    assert str(raised.value.request_id).startswith("req_")


@pytest.mark.parametrize("key", ["sk-nope", "x", "sk-" + "a" * 200])
def test_a_wrong_key_is_an_authentication_error_in_openais_words(served: Served, key: str) -> None:
    with openai.OpenAI(base_url=served.url, api_key=key, max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided") as raised:
            client.models.list()
        assert raised.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_models_errors_are_the_clients_own(
    client: openai.OpenAI,
    status: int,
    error: type[openai.APIStatusError],
    stream: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    messages: list[Any] = [{"role": "user", "content": f"fail {status} retry-after=7"}]
    with pytest.raises(error, match="as asked") as raised:
        client.chat.completions.create(model="support", messages=messages, stream=stream)
    assert raised.value.status_code == status
    if status in (429, 503):
        assert raised.value.response.headers["retry-after"] == "7"


def test_the_client_waits_as_long_as_the_model_asks_and_tries_again(served: Served) -> None:
    messages: list[Any] = [{"role": "user", "content": "fail 429 retry-after=1 once"}]
    with openai.OpenAI(base_url=served.url, api_key=served.key, max_retries=1) as client:
        began = time.monotonic()
        answer = client.chat.completions.create(model="support", messages=messages)
    assert answer.choices
    assert time.monotonic() - began >= 1.0
