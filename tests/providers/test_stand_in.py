from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import struct
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from string import ascii_letters
from typing import Any

import openai
import pytest

from freehold.providers.stand_in import StandIn, StandInModel
from freehold.providers.stand_in.tokens import count

QUICK = StandInModel(ttft_seconds=0.0, tokens_per_second=100_000)
TICKET = StandInModel(ttft_seconds=0.0, tokens_per_second=100_000, plays="ticket")
SLOW = StandInModel(ttft_seconds=0.01, tokens_per_second=2)
QUESTION = {"role": "user", "content": "How do I prune a pear tree in winter? The tree is old."}
LATE = {"role": "user", "content": "My parcel for order #A-10234 has not been delivered. There is no rush."}


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    server = StandIn({"gpt": QUICK, "clerk": TICKET, "snail": SLOW}, seed=3)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(stand_in: StandIn) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=stand_in.address, api_key=stand_in.secret, max_retries=0
    ) as client:
        yield client


async def ask(client: openai.AsyncOpenAI, **fields: Any) -> Any:
    return await client.chat.completions.create(**{"model": "gpt", "messages": [QUESTION], **fields})


async def test_every_answer_says_that_it_is_simulated(client: openai.AsyncOpenAI) -> None:
    raw = await client.chat.completions.with_raw_response.create(
        model="gpt", messages=[{"role": "user", "content": QUESTION["content"]}]
    )
    answer = raw.parse()
    assert raw.headers["x-simulated"] == "true"
    assert answer.model == "gpt-simulated"
    assert answer.system_fingerprint == "simulated"
    assert (answer.choices[0].message.content or "").startswith("[simulated] ")
    assert answer.choices[0].finish_reason == "stop"


async def test_an_answer_restates_what_was_asked_and_pretends_no_more(client: openai.AsyncOpenAI) -> None:
    text = (await ask(client)).choices[0].message.content
    assert "13 words in 2 sentences" in text
    assert "tree" in text
    assert "No language model" in text


async def test_a_stream_says_the_same_as_a_plain_answer(client: openai.AsyncOpenAI) -> None:
    plain = await ask(client)
    chunks = [c async for c in await ask(client, stream=True, stream_options={"include_usage": True})]
    *spoken, last = chunks
    assert "".join(c.choices[0].delta.content or "" for c in spoken) == plain.choices[0].message.content
    assert [c.choices[0].finish_reason for c in spoken][-2:] == [None, "stop"]
    assert last.choices == []
    assert last.usage == plain.usage
    assert {c.id for c in chunks} == {last.id}


async def test_a_stream_without_the_option_carries_no_usage(client: openai.AsyncOpenAI) -> None:
    chunks = [c async for c in await ask(client, stream=True)]
    assert all(c.usage is None and c.choices for c in chunks)
    assert len(chunks) > 20


async def test_usage_adds_up(client: openai.AsyncOpenAI) -> None:
    usage = (await ask(client, max_tokens=7, n=2)).usage
    assert usage.completion_tokens == 14
    assert usage.prompt_tokens == count(QUESTION["content"]) + 7
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.prompt_tokens_details.cached_tokens == 0


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_bound_on_the_length_cuts_and_says_so(client: openai.AsyncOpenAI, name: str) -> None:
    answer = await ask(client, **{name: 3})
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3


async def test_a_stop_sequence_ends_the_answer_before_it(client: openai.AsyncOpenAI) -> None:
    choice = (await ask(client, stop=["model", "stands"])).choices[0]
    assert choice.message.content == "[simulated] No language "
    assert choice.finish_reason == "stop"


async def test_several_choices_are_streamed_side_by_side(client: openai.AsyncOpenAI) -> None:
    said = {0: "", 1: "", 2: ""}
    ends: list[int] = []
    async for chunk in await ask(client, stream=True, n=3):
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
            ends += [choice.index] if choice.finish_reason else []
    assert len(set(said.values())) == 1
    assert ends == [0, 1, 2]


async def test_a_text_completion_answers_each_prompt(client: openai.AsyncOpenAI) -> None:
    answer = await client.completions.create(model="gpt", prompt=["One pear.", "Two plums, please."])
    assert answer.object == "text_completion"
    assert ["pear" in c.text for c in answer.choices] == [True, False]
    streamed = ""
    async for chunk in await client.completions.create(model="gpt", prompt="One pear.", stream=True):
        streamed += chunk.choices[0].text
    assert streamed == answer.choices[0].text


async def test_a_ticket_is_sorted_by_rules(client: openai.AsyncOpenAI) -> None:
    answer = await ask(client, model="clerk", messages=[QUESTION, LATE])
    assert answer.choices[0].message.content == (
        '{"intent":"delivery","priority":"low","order_id":"A-10234"}'
    )
    assert answer.model == "clerk-simulated"


async def test_json_is_json(client: openai.AsyncOpenAI) -> None:
    answer = await ask(client, response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content)["simulated"] is True


SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 20},
        "when": {"type": "string", "format": "date"},
        "mood": {"enum": ["glad", "sad"]},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        "parent": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        "note": {"type": ["string", "null"]},
    },
    "required": ["title", "when", "mood", "stars", "share", "tags", "parent", "note"],
    "additionalProperties": False,
}


async def test_a_schema_is_followed(client: openai.AsyncOpenAI) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "review", "strict": True, "schema": SCHEMA}}
    made = json.loads((await ask(client, response_format=shape)).choices[0].message.content)
    assert list(made) == SCHEMA["required"]
    assert made["title"].startswith("[simulated]")
    assert len(made["title"]) <= 20
    assert made["mood"] == "glad"
    assert 1 <= made["stars"] <= 5
    assert 0 < made["share"] <= 1
    assert len(made["tags"]) == 2
    while made["parent"] is not None:
        made = made["parent"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^a$"},
        {"type": "object", "properties": 3},
        {"type": "array", "items": {"$ref": "#/nowhere"}},
        {"$ref": "#"},
        {"type": "object", "properties": {c: {"$ref": "#"} for c in ascii_letters}},
        {"type": "string", "minLength": 10**12},
        {"type": "array", "items": {}, "minItems": 10**12},
        {"type": "integer", "minimum": "a"},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "banana"},
    ],
)
async def test_a_schema_that_cannot_be_followed_is_a_clean_400(
    client: openai.AsyncOpenAI, schema: dict[str, Any]
) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "odd", "schema": schema}}
    with pytest.raises(openai.BadRequestError, match="simulated model"):
        await ask(client, response_format=shape)


TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


async def test_tools_may_be_offered_but_not_demanded(client: openai.AsyncOpenAI) -> None:
    assert (await ask(client, tools=[TOOL])).choices[0].message.tool_calls is None
    for choice in ("required", {"type": "function", "function": {"name": "look"}}):
        with pytest.raises(openai.BadRequestError, match="calling a tool"):
            await ask(client, tools=[TOOL], tool_choice=choice)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"logprobs": True}, "logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": "many"}, "an integer"),
        ({"n": 1000}, "choices"),
        ({"stop": 3}, "stop"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"extra_body": {"grammar": "root ::= [a]"}}, "grammar"),
        ({"messages": []}, "messages"),
    ],
)
async def test_what_it_cannot_do_is_refused(
    client: openai.AsyncOpenAI, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=words) as caught:
        await ask(client, **fields)
    assert caught.value.response.headers["x-simulated"] == "true"


async def test_a_wrong_secret_is_a_401(stand_in: StandIn) -> None:
    async with openai.AsyncOpenAI(base_url=stand_in.address, api_key="wrong", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided") as caught:
            await ask(stranger)
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize("line", ["", "authorization: Basic eDp5\r\n", "authorization: Bearer \r\n"])
async def test_no_secret_is_a_401(stand_in: StandIn, line: str) -> None:
    reader, writer = await asyncio.open_connection(*_place(stand_in))
    writer.write(f"GET /v1/models HTTP/1.1\r\nhost: x\r\n{line}\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()


async def test_a_secret_of_odd_letters_is_a_401(stand_in: StandIn) -> None:
    reader, writer = await asyncio.open_connection(*_place(stand_in))
    writer.write("GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer öäü\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()


async def test_other_paths_are_a_404(stand_in: StandIn, client: openai.AsyncOpenAI) -> None:
    assert stand_in.address.endswith("/v1")
    with pytest.raises(openai.NotFoundError, match="Invalid URL"):
        await client.files.list()


async def test_an_unknown_model_is_a_404_in_openais_words(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="does not exist") as caught:
        await ask(client, model="llama")
    assert caught.value.code == "model_not_found"


async def test_models_are_listed_and_shown(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["gpt", "clerk", "snail"]
    assert (await client.models.retrieve("gpt")).owned_by == "simulated"


def _likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_embeddings_come_as_floats_and_as_base64(client: openai.AsyncOpenAI) -> None:
    texts = ["refund for my order", "a refund of the orders", "how tall is a giraffe"]
    plain = await client.embeddings.create(model="gpt", input=texts, encoding_format="float")
    packed = await client.embeddings.create(model="gpt", input=texts[0], encoding_format="base64")
    one, near, far = (item.embedding for item in plain.data)
    assert len(one) == 256
    assert _likeness(one, one) == pytest.approx(1)
    assert _likeness(one, near) > _likeness(one, far) + 0.3
    raw = b64decode(str(packed.data[0].embedding))
    assert struct.unpack("<256f", raw) == pytest.approx(one)
    assert (plain.usage.prompt_tokens, plain.model) == (sum(map(count, texts)), "gpt-simulated")


async def test_embeddings_may_be_shorter_but_not_of_nothing(client: openai.AsyncOpenAI) -> None:
    short = await client.embeddings.create(model="gpt", input="pear", dimensions=8)
    assert len(short.data[0].embedding) == 8
    for nothing in ("", [], ["pear", ""]):
        with pytest.raises(openai.BadRequestError):
            await client.embeddings.create(model="gpt", input=nothing)


def _place(stand_in: StandIn) -> tuple[str, int]:
    host, port = stand_in.address.removeprefix("http://").removesuffix("/v1").split(":")
    return host, int(port)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_hangs_up_stops_the_answer(stand_in: StandIn, *, stream: bool) -> None:
    reader, writer = await asyncio.open_connection(*_place(stand_in))
    body = json.dumps({"model": "snail", "messages": [QUESTION], "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {stand_in.secret}\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    under_way = stand_in._uvicorn.tasks  # noqa: SLF001 - the only witness of work that goes on unseen
    async with asyncio.timeout(60):
        while not under_way:  # noqa: ASYNC110 - the server has no event for "a request has come"
            await asyncio.sleep(0.01)
        if stream:
            await reader.readuntil(b"data: ")
    writer.close()
    # The whole answer would take half a minute.
    _, going_on = await asyncio.wait(under_way, timeout=20)
    assert not going_on


async def test_stopping_cuts_what_is_under_way(stand_in: StandIn) -> None:
    reader, writer = await asyncio.open_connection(*_place(stand_in))
    body = json.dumps({"model": "snail", "messages": [QUESTION], "stream": True}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {stand_in.secret}\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    await reader.readuntil(b"data: ")
    await stand_in.stop()
    with contextlib.suppress(ConnectionResetError):
        assert b"[DONE]" not in await reader.read()
    writer.close()


async def test_it_needs_to_be_started_once() -> None:
    server = StandIn({"gpt": QUICK})
    with pytest.raises(RuntimeError, match="not been started"):
        assert server.address
    await server.stop()
    await server.start()
    with pytest.raises(RuntimeError, match="is running"):
        await server.start()
    await server.stop()
    await server.start()
    await server.stop()


def _openapi() -> dict[str, Any]:
    shared = Path(os.environ.get("FREEHOLD_SHARED", Path(__file__).parents[2].parent / "shared"))
    path = shared / "data" / "wire" / "openapi.json.gz"
    if not path.exists():
        pytest.skip(f"OpenAI's document is not at {path}; FREEHOLD_SHARED names the folder of public data")
    document: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return document


@pytest.mark.parametrize(
    ("schema", "path", "fields"),
    [
        ("CreateChatCompletionResponse", "chat/completions", {"messages": [QUESTION]}),
        ("CreateCompletionResponse", "completions", {"prompt": "One pear."}),
        ("CreateEmbeddingResponse", "embeddings", {"input": "One pear."}),
    ],
)
async def test_answers_have_every_field_that_openai_requires(
    client: openai.AsyncOpenAI, schema: str, path: str, fields: dict[str, Any]
) -> None:
    schemas = _openapi()["components"]["schemas"]
    answer = await client.post(f"/{path}", body={"model": "gpt", **fields}, cast_to=dict[str, Any])
    assert _missing(answer, schemas[schema], schemas) == []


def _missing(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str = "") -> list[str]:
    """Paths of required properties that `value` lacks."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list) and "items" in schema:
        return [m for item in value for m in _missing(item, schema["items"], schemas, f"{at}[]")]
    if not isinstance(value, dict):
        return []
    found = [f"{at}.{name}" for name in schema.get("required", []) if name not in value]
    for name, part in schema.get("properties", {}).items():
        if name in value:
            found += _missing(value[name], part, schemas, f"{at}.{name}")
    return found
