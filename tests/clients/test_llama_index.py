"""LlamaIndex: `OpenAILike` as a model, OpenAI's embeddings, an agent with tools."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel
from tests.clients.conftest import Served

pytest.importorskip("llama_index.llms.openai_like", reason="LlamaIndex is not installed: `make test-clients`")

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai_like import OpenAILike


class Ticket(BaseModel):
    """A ticket."""

    intent: str
    order: str


def model(served: Served, **more: Any) -> OpenAILike:
    usual = {"is_chat_model": True, "is_function_calling_model": True, "max_retries": 0}
    return OpenAILike(model=served.model, api_base=served.url, api_key=served.key, **usual | more)


CHAT = [ChatMessage("Be brief.", role="system"), ChatMessage("say “hé” 😀", role="user")]


def test_a_chat_plain_and_streamed(served: Served) -> None:
    plain = model(served).chat(CHAT).message.content
    *_, last = model(served).stream_chat(CHAT)
    assert last.message.content == plain
    assert "hé" in str(plain)


async def test_the_same_asynchronously(served: Served) -> None:
    plain = (await model(served).achat(CHAT)).message.content
    stream = await model(served).astream_chat(CHAT)
    pieces = [piece.delta or "" async for piece in stream]
    assert "".join(pieces) == plain


@pytest.mark.parametrize("is_chat_model", [True, False])
def test_completions_plain_and_streamed(served: Served, is_chat_model: bool) -> None:  # noqa: FBT001 - a parameter of the test
    made = model(served, is_chat_model=is_chat_model)
    plain = made.complete("Once").text
    *_, last = made.stream_complete("Once")
    assert last.text == plain


def test_an_object_of_a_type(served: Served) -> None:
    for strict in (False, True):
        made = model(served, should_use_structured_outputs=strict)
        ticket = made.structured_predict(Ticket, PromptTemplate("a ticket 'refund' for 'A1'"))
        assert ticket == Ticket(intent="refund", order="A1")


async def test_an_agent_calls_its_tools(served: Served) -> None:
    called: list[str] = []

    def weather(city: str) -> str:
        """The weather in a city."""
        called.append(city)
        return "sunny"

    for streaming in (False, True):
        agent = FunctionAgent(
            tools=[FunctionTool.from_defaults(weather)], llm=model(served), streaming=streaming
        )
        answer = await agent.run("weather in 'Rome'")
        assert "sunny" in str(answer)
    assert called == ["Rome", "Rome"]


async def test_embeddings(served: Served) -> None:
    made = OpenAIEmbedding(model_name=served.model, api_base=served.url, api_key=served.key)
    rows = made.get_text_embedding_batch(["a", "b"])
    assert [len(row) for row in rows] == [4, 4]
    assert await made.aget_query_embedding("a") == rows[0]
