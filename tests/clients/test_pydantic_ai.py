"""Pydantic AI's agents, over chat and over responses."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel
from tests.clients.conftest import Served

pytest.importorskip("pydantic_ai", reason="pydantic-ai is not installed: `make test-clients`")

from pydantic_ai import Agent, BinaryContent, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


class Ticket(BaseModel):
    intent: Literal["refund", "other"]
    order: str


@pytest.fixture(params=[OpenAIChatModel, OpenAIResponsesModel])
def model(served: Served, request: pytest.FixtureRequest) -> Model:
    made: Model = request.param(
        served.model, provider=OpenAIProvider(base_url=served.url, api_key=served.key)
    )
    return made


async def test_an_answer_plain_and_streamed(model: Model) -> None:
    agent = Agent(model, instructions="Be brief.")
    plain = await agent.run("say “hé” 😀")
    async with agent.run_stream("say “hé” 😀") as stream:
        said = [piece async for piece in stream.stream_text(delta=True)]
        usage = stream.usage
    assert "".join(said) == plain.output
    assert "hé" in plain.output
    told = usage() if callable(usage) else usage
    assert told.output_tokens > 0


async def test_tools_are_called_and_answered(model: Model) -> None:
    agent = Agent(model)
    called: list[tuple[str, int]] = []

    @agent.tool_plain
    def weather(city: str, days: int) -> str:
        called.append((city, days))
        return "sunny"

    @agent.tool_plain
    def clock() -> str:
        return "noon"

    answer = await agent.run("weather in 'Rome' for 3 days, and the clock")
    assert called == [("Rome", 3)]
    assert "sunny" in answer.output
    assert "noon" in answer.output


@pytest.mark.parametrize("how", [ToolOutput, NativeOutput])
async def test_output_of_a_type_by_tool_and_by_schema(model: Model, how: type) -> None:
    agent = Agent(model, output_type=how(Ticket))
    answer = await agent.run("an order 'A1'")
    async with agent.run_stream("an order 'A1'") as stream:
        streamed = await stream.get_output()
    assert answer.output == streamed == Ticket(intent="refund", order="A1")


async def test_output_of_a_type_by_asking_for_json(model: Model) -> None:
    class Person(BaseModel):
        name: str
        city: str

    answer = await Agent(model, output_type=PromptedOutput(Person)).run("the 'name' and the 'city'")
    assert answer.output.name


async def test_images_and_a_conversation_reach_the_model(model: Model, served: Served) -> None:
    agent = Agent(model)
    first = await agent.run(["what is this", BinaryContent(b"\x89PNG\r\n\x1a\n", media_type="image/png")])
    await agent.run("and now?", message_history=first.all_messages())
    roles = [message["role"] for message in served.strict.seen[-1]["messages"]]
    assert roles == ["user", "assistant", "user"]


@pytest.mark.parametrize("status", [400, 429, 503])
async def test_errors_carry_their_status(served: Served, status: int) -> None:
    provider = OpenAIProvider(base_url=served.url, api_key=served.key)
    provider.client.max_retries = 0
    with pytest.raises(ModelHTTPError, match="as asked") as raised:
        await Agent(OpenAIChatModel(served.model, provider=provider)).run(f"fail {status}")
    assert raised.value.status_code == status
