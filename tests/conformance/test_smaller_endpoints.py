"""The older and smaller endpoints through the gateway, judged by OpenAI's document."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from tests.conformance import shapes
from tests.conformance.conftest import Standing, data_lines
from tests.conformance.strict import MODERATION_NAME, UPSTREAM_NAME

PROMPTS: dict[str, dict[str, Any]] = {
    "text": {"prompt": "Once é 😀"},
    "texts": {"prompt": ["a", "b"]},
    "tokens": {"prompt": [1, 2, 3]},
    "rows of tokens": {"prompt": [[1, 2], [3]]},
    "an empty text": {"prompt": ""},
    "choices": {"prompt": "x", "n": 2, "best_of": 3, "logprobs": 1},
    "a suffix and echo": {"prompt": "x", "suffix": "y", "echo": True, "stop": ["a"], "max_tokens": 3},
    "numbers": {"prompt": "x", "seed": 1, "temperature": 0, "logit_bias": {"50256": -100}, "user": "ann"},
}
INPUTS: dict[str, dict[str, Any]] = {
    "text": {"input": "a é 😀"},
    "texts": {"input": ["a", "b", "c"]},
    "tokens": {"input": [1, 2, 3]},
    "rows of tokens": {"input": [[1, 2], [3]]},
    "fewer dimensions": {"input": "a", "dimensions": 2},
    "floats by name": {"input": "a", "encoding_format": "float", "user": "ann"},
}


@pytest.mark.parametrize("case", PROMPTS)
def test_a_completion_is_what_the_model_said(standing: Standing, case: str) -> None:
    body = {"model": "support"} | PROMPTS[case]
    answer = standing.ask("completions", body)
    assert (answer.status, standing.strict.faults) == (200, [])
    sent = body | {"model": UPSTREAM_NAME}
    assert standing.strict.seen[-1] == sent
    assert answer.json == shapes.completion(sent)
    standing.document.check("CreateCompletionResponse", answer.json)


@pytest.mark.parametrize("usage", [False, True])
@pytest.mark.parametrize("case", PROMPTS)
def test_a_streamed_completion_is_what_the_model_said(standing: Standing, case: str, usage: bool) -> None:  # noqa: FBT001 - a parameter of the test
    body = {"model": "support", "stream": True} | PROMPTS[case]
    if usage:
        body["stream_options"] = {"include_usage": True}
    answer = standing.ask("completions", body)
    assert (answer.status, answer.whole, standing.strict.faults) == (200, True, [])
    *said, last = shapes.completion_events(
        body | {"model": UPSTREAM_NAME, "stream_options": {"include_usage": True}}
    )
    events = standing.events(answer)
    assert events == ([*said, last] if usage else said)
    for event in events:
        # The document has no shape of its own for these; OpenAI's hold nulls where a whole answer has words.
        standing.document.check("CreateCompletionResponse", _as_whole(event))
    assert data_lines(answer.body)[-1] == b"[DONE]"


def _as_whole(event: dict[str, Any]) -> dict[str, Any]:
    choices = [c | {"finish_reason": c["finish_reason"] or "stop"} for c in event["choices"]]
    known = {name: value for name, value in event.items() if value is not None}
    return known | {"choices": choices}


@pytest.mark.parametrize("case", INPUTS)
def test_embeddings_as_floats_are_what_the_model_said(standing: Standing, case: str) -> None:
    body = {"model": "support"} | INPUTS[case]
    answer = standing.ask("embeddings", body)
    assert (answer.status, standing.strict.faults) == (200, [])
    assert standing.strict.seen[-1] == body | {"model": UPSTREAM_NAME}
    assert answer.json == shapes.embeddings(body)
    standing.document.check("CreateEmbeddingResponse", answer.json)


def test_embeddings_in_base64_hold_the_same_numbers(standing: Standing) -> None:
    body = {"model": "support", "input": ["a", "b"]}
    floats = standing.ask("embeddings", body).json
    packed = standing.ask("embeddings", body | {"encoding_format": "base64"}).json
    for one, other in zip(floats["data"], packed["data"], strict=True):
        raw = base64.b64decode(other["embedding"])
        assert list(struct.unpack(f"<{len(raw) // 4}f", raw)) == one["embedding"]
    # The document knows floats alone, though `encoding_format` is its own field.
    standing.document.check(
        "CreateEmbeddingResponse", packed | {"data": [d | {"embedding": [0.5]} for d in packed["data"]]}
    )


MODERATED: dict[str, dict[str, Any]] = {
    "text": {"input": "a é 😀"},
    "texts": {"input": ["a", "b"]},
    "parts": {
        "input": [
            {"type": "text", "text": "a"},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        ]
    },
}


@pytest.mark.parametrize("model", [{"model": "moderator"}, {}])
@pytest.mark.parametrize("case", MODERATED)
def test_a_moderation_is_what_the_model_said(standing: Standing, case: str, model: dict[str, str]) -> None:
    answer = standing.ask("moderations", MODERATED[case] | model)
    assert (answer.status, standing.strict.faults) == (200, [])
    assert standing.strict.seen[-1] == MODERATED[case] | {"model": MODERATION_NAME}
    assert answer.json == shapes.moderation(MODERATED[case])
    standing.document.check("CreateModerationResponse", answer.json)


def test_models_and_one_model_are_as_the_document_says(standing: Standing) -> None:
    listed = standing.ask("models").json
    standing.document.check("ListModelsResponse", listed)
    for model in listed["data"]:
        one = standing.ask(f"models/{model['id']}")
        assert one.json == model
        standing.document.check("Model", one.json)
