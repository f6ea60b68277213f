"""Requests drawn from OpenAI's document, and damaged ones: answered as it says or refused as it says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Standing
from tests.conformance.generating import Generator, Schemas

ENDPOINTS = {
    "chat/completions": ("CreateChatCompletionRequest", "CreateChatCompletionResponse"),
    "completions": ("CreateCompletionRequest", "CreateCompletionResponse"),
    "embeddings": ("CreateEmbeddingRequest", "CreateEmbeddingResponse"),
    "moderations": ("CreateModerationRequest", "CreateModerationResponse"),
    "responses": ("CreateResponse", "Response"),
}
several = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def schemas(freehold_shared: Path) -> Schemas:
    file = freehold_shared / "data" / "wire" / "openapi.json.gz"
    return Schemas(json.loads(gzip.decompress(file.read_bytes()))["components"]["schemas"])


def model(endpoint: str) -> str:
    return "moderator" if endpoint == "moderations" else "support"


def check(standing: Standing, endpoint: str, body: Any) -> None:
    answer = standing.ask(endpoint, body)
    if answer.status != 200:
        assert 400 <= answer.status < 500, answer.body[:500]
        standing.document.check("ErrorResponse", answer.json)
    elif endpoint == "embeddings" and standing.strict.seen[-1].get("encoding_format") == "base64":
        assert answer.json["data"]
    elif not body.get("stream"):
        standing.document.check(ENDPOINTS[endpoint][1], answer.json)
    elif endpoint == "responses":
        for event in standing.events(answer):
            standing.document.check_event(event)
    else:
        assert answer.whole


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@several
@given(seed=seeds)
def test_what_the_document_allows_is_answered_or_refused_as_it_says(
    standing: Standing, schemas: Schemas, endpoint: str, seed: int
) -> None:
    check(standing, endpoint, Generator(schemas, seed).valid(ENDPOINTS[endpoint][0], model=model(endpoint)))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@several
@given(seed=seeds)
def test_what_is_just_beside_the_document_breaks_nothing(
    standing: Standing, schemas: Schemas, endpoint: str, seed: int
) -> None:
    check(standing, endpoint, Generator(schemas, seed).odd(ENDPOINTS[endpoint][0], model=model(endpoint)))
