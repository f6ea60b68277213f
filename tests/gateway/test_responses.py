"""`/v1/responses` through the gateway: the official client, streams, and responses that a route keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openai
import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway

from freehold.access import create_key


def config(url: str, store: str = "true", top: str = "") -> str:
    return f"""
{top}
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
input_usd_per_million = 1
output_usd_per_million = 10
retries = 0
[routes.support]
rent = "gpt"
store = {store}
"""


async def respond(house: Gateway, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return await house.ask("/v1/responses", {"model": "support", "input": "hi"} | fields, **(headers or {}))


async def both(exchange: up.Exchange) -> None:
    await (up.streams(*up.WHOLE) if exchange.json.get("stream") else up.says())(exchange)


async def test_the_official_client_creates_streams_and_parses(tmp_path: Path) -> None:
    async with up.upstream(both) as server, gateway(tmp_path, config(server.url, "false")) as house:
        async with openai.AsyncOpenAI(
            base_url=f"http://127.0.0.1:{house.port}/v1", api_key="none", max_retries=0
        ) as client:
            plain = await client.responses.create(model="support", input="hi", instructions="be kind")
            async with client.responses.stream(model="support", input="hi") as stream:
                texts = [e.delta async for e in stream if e.type == "response.output_text.delta"]
                final = await stream.get_final_response()
        records = await house.records()
    assert plain.output_text == "hello"
    assert plain.to_dict()["store"] is False
    assert plain.usage is not None
    assert plain.usage.input_tokens_details.cached_tokens == 40
    assert texts == ["hel", "lo"]
    assert final.output_text == "hello"
    assert [r.endpoint for r in records] == ["responses", "responses"]
    assert all(r.cost_usd is not None and r.usage is not None for r in records)
    assert server.requests[0].json["messages"][0] == {"role": "system", "content": "be kind"}


async def test_a_stream_of_events_has_no_done_and_a_cut_one_says_so(tmp_path: Path) -> None:
    cut = up.streams(up.chunk("hel"), end=False)
    async with up.upstream(up.streams(*up.WHOLE), cut) as server:
        async with gateway(tmp_path, config(server.url)) as house:
            whole = await respond(house, stream=True)
            broken = await respond(house, stream=True)
    assert whole.whole
    assert b"[DONE]" not in whole.body
    assert b"event: response.completed" in whole.body
    assert not broken.whole
    assert b"event: error" in broken.body
    assert b"event: response.failed" in broken.body


@pytest.mark.parametrize("stream", [False, True])
async def test_a_kept_response_is_continued_shown_and_deleted(tmp_path: Path, stream: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with up.upstream(both) as server, gateway(tmp_path, config(server.url)) as house:
        first = await respond(house, input="my order is late", stream=stream)
        id_ = f"resp_{first.headers['x-request-id'].removeprefix('req_')}"
        assert id_ in first.body.decode()
        shown = await house.ask(f"/v1/responses/{id_}")
        inputs = await house.ask(f"/v1/responses/{id_}/input_items")
        second = await respond(house, input="who am I?", previous_response_id=id_)
        third = await respond(house, input="and again?", previous_response_id=second.json["id"])
        gone = await house.ask(f"/v1/responses/{id_}", method="DELETE")
        after = await house.ask(f"/v1/responses/{id_}")
        orphan = await respond(house, previous_response_id=id_)
    assert shown.json["output"][0]["content"][0]["text"] == "hello"
    assert shown.json["store"] is True
    assert inputs.json["data"][0]["content"][0]["text"] == "my order is late"
    assert [m["content"] for m in server.requests[1].json["messages"]] == [
        "my order is late",
        "hello",
        "who am I?",
    ]
    assert len(server.requests[2].json["messages"]) == 5
    assert third.json["previous_response_id"] == second.json["id"]
    assert gone.json["deleted"] is True
    assert after.status == 404
    assert (orphan.status, orphan.error["code"]) == (404, "previous_response_not_found")


async def test_without_store_the_setting_is_named(tmp_path: Path) -> None:
    async with up.upstream(both) as server, gateway(tmp_path, config(server.url, "false")) as house:
        first = await respond(house)
        second = await respond(house, previous_response_id=first.json["id"])
        shown = await house.ask(f"/v1/responses/{first.json['id']}")
    assert first.json["store"] is False
    assert second.status == 404
    assert "[routes.support] store = true" in second.error["message"]
    assert shown.status == 404


async def test_a_client_that_asks_not_to_be_stored_is_not(tmp_path: Path) -> None:
    async with up.upstream(both) as server, gateway(tmp_path, config(server.url)) as house:
        first = await respond(house, store=False, input="the eagle has landed")
    assert first.json["store"] is False
    assert not [p for p in tmp_path.iterdir() if b"the eagle" in p.read_bytes()]


async def test_one_keys_responses_are_not_anothers(tmp_path: Path) -> None:
    top = "[server]\nrequire_keys = true"
    async with up.upstream(both) as server, gateway(tmp_path, config(server.url, top=top)) as house:
        keys = [create_key(house.running.ledger_path, who="test")[1] for _ in range(2)]
        mine, yours = ({"authorization": f"Bearer {key}"} for key in keys)
        first = await respond(house, mine)
        path = f"/v1/responses/{first.json['id']}"
        assert (await house.ask(path, **mine)).status == 200
        assert (await house.ask(path, **yours)).status == 404
        assert (await house.ask(path)).status == 401
        assert (await respond(house, yours, previous_response_id=first.json["id"])).status == 404


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": 7}, "input"),
        ({"tools": [{"type": "web_search"}]}, "tools[0]"),
        ({"background": True}, "background"),
        ({"model": None}, "model"),
    ],
)
async def test_what_cannot_be_put_to_a_chat_model_is_a_400(tmp_path: Path, fields: Any, param: str) -> None:
    async with gateway(tmp_path, config("http://127.0.0.1:9/v1")) as house:
        answer = await respond(house, **fields)
    assert answer.status == 400
    assert str(answer.error["param"]).startswith(param)


async def test_a_tool_call_goes_there_and_back(tmp_path: Path) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    asks = up.ANSWER | {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    tool = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}}
    async with (
        up.upstream(up.says(asks), up.says()) as server,
        gateway(tmp_path, config(server.url)) as house,
    ):
        first = await respond(house, tools=[tool])
        (item,) = [i for i in first.json["output"] if i["type"] == "function_call"]
        output = {"type": "function_call_output", "call_id": item["call_id"], "output": "rain"}
        second = await respond(house, input=[output], tools=[tool], previous_response_id=first.json["id"])
    assert second.status == 200
    messages = json.loads(server.requests[1].body)["messages"]
    assert messages[-1] == {"role": "tool", "tool_call_id": "call_1", "content": "rain"}
