"""DSPy, which asks through LiteLLM's own client."""

from __future__ import annotations

from typing import Any

import pytest
from tests.clients.conftest import Served

dspy: Any = pytest.importorskip("dspy", reason="DSPy is not installed: `make test-clients`")


def model(served: Served, **more: Any) -> Any:
    return dspy.LM(
        f"openai/{served.model}", api_base=served.url, api_key=served.key, cache=False, num_retries=0, **more
    )


@pytest.mark.parametrize("kind", ["chat", "text", "responses"])
def test_a_model_answers(served: Served, kind: str) -> None:
    assert model(served, model_type=kind)("say “hé”")


def test_a_signature_is_filled_in(served: Served) -> None:
    with dspy.context(lm=model(served), adapter=dspy.JSONAdapter()):
        answer = dspy.Predict("question -> answer")(question="what?")
    assert answer.answer


async def test_a_stream_of_a_signature(served: Served) -> None:
    with dspy.context(lm=model(served), adapter=dspy.JSONAdapter()):
        stream = dspy.streamify(dspy.Predict("question -> answer"))(question="what?")
        *_, last = [part async for part in stream]
    assert last.answer


def test_usage_is_counted(served: Served) -> None:
    with dspy.context(lm=model(served), adapter=dspy.JSONAdapter(), track_usage=True):
        answer = dspy.Predict("question -> answer")(question="what?")
    assert answer.get_lm_usage()[f"openai/{served.model}"]["total_tokens"] > 0


def test_embeddings(served: Served) -> None:
    made = dspy.Embedder(f"openai/{served.model}", api_base=served.url, api_key=served.key, caching=False)
    assert made(["a", "b"]).shape == (2, 4)


def test_an_error_is_told(served: Served) -> None:
    with pytest.raises(Exception, match="as asked"):
        model(served)("fail 400")
