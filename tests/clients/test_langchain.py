"""LangChain, by its own standard tests for chat models and embeddings."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from tests.clients.conftest import Served

pytest.importorskip("langchain_openai", reason="LangChain is not installed: `make test-clients`")
pytest.importorskip(
    "langchain_tests", reason="LangChain's standard tests are not installed: `make test-clients`"
)

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langchain_tests.integration_tests import ChatModelIntegrationTests, EmbeddingsIntegrationTests

# The client keeps connections from test to test, so that the tests share a loop.
pytestmark = pytest.mark.asyncio(loop_scope="module")


class _Chat(ChatModelIntegrationTests):
    """The standard tests of a chat model; what differs between the two is the API that they speak."""

    more: ClassVar[dict[str, Any]] = {}
    where: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(autouse=True)
    def _at_the_gateway(self, served: Served) -> None:
        self.where.update(model=served.model, base_url=served.url, api_key=served.key, max_retries=0)

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return self.where | self.more

    @property
    def supports_json_mode(self) -> bool:
        return True


class TestChat(_Chat):
    more: ClassVar[dict[str, Any]] = {"stream_usage": True}


class TestResponses(_Chat):
    more: ClassVar[dict[str, Any]] = {"use_responses_api": True, "output_version": "responses/v1"}

    @property
    def supports_json_mode(self) -> bool:
        return False


class TestEmbeddings(EmbeddingsIntegrationTests):
    where: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(autouse=True)
    def _at_the_gateway(self, served: Served) -> None:
        self.where.update(
            model=served.model, base_url=served.url, api_key=served.key, check_embedding_ctx_length=False
        )

    @property
    def embeddings_class(self) -> type[OpenAIEmbeddings]:
        return OpenAIEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return self.where


@pytest.mark.parametrize("more", [TestChat.more, TestResponses.more])
def test_images_reach_the_model(served: Served, more: dict[str, Any]) -> None:
    """The standard tests fetch theirs from the internet."""
    image = {"type": "image", "base64": "iVBORw0KGgo=", "mime_type": "image/png"}
    model = ChatOpenAI(model=served.model, base_url=served.url, api_key=served.key, **more)
    assert model.invoke([HumanMessage([{"type": "text", "text": "what is this"}, image])]).text
    assert served.strict.seen[-1]["messages"][0]["content"][1]["type"] == "image_url"


def test_logprobs_seeds_and_stops_pass(served: Served) -> None:
    model = ChatOpenAI(model=served.model, base_url=served.url, api_key=served.key, logprobs=True, seed=7)
    answer = model.invoke([HumanMessage("hi")], stop=["grüße"])
    assert answer.response_metadata["logprobs"]["content"]
    assert served.strict.seen[-1]["seed"] == 7
    assert "grüße" not in answer.content
