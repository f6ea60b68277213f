"""A gateway and the strict upstream behind it, standing for a whole file of tests in one loop.

The loop runs while a test asks something and rests between tests, so that generated requests need no new
gateway each.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.conformance.strict import KEY, Strict, config, strict_upstream
from tests.gateway.house import Answer, Gateway, gateway
from tests.openai_document import OpenAIDocument, openai_document

T = TypeVar("T")


@dataclass(frozen=True)
class Standing:
    """`run` lets the loop run until something is done; `ask` is one request and its answer."""

    runner: asyncio.Runner
    house: Gateway
    strict: Strict
    document: OpenAIDocument

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def ask(self, path: str, body: Any = None, method: str = "", **headers: str) -> Answer:
        return self.run(self.house.ask(f"/v1/{path}", body, method, **headers))

    def events(self, answer: Answer) -> list[dict[str, Any]]:
        """The data of a stream's events, without `[DONE]`."""
        return [json.loads(data) for data in data_lines(answer.body) if data != b"[DONE]"]


def data_lines(stream: bytes) -> list[bytes]:
    return [line[6:] for line in stream.split(b"\n") if line.startswith(b"data: ")]


@pytest.fixture(scope="session")
def document(freehold_shared: Path) -> OpenAIDocument:
    """OpenAI's own document, by which requests, answers and events are judged."""
    return openai_document(freehold_shared)


@asynccontextmanager
async def _standing(folder: Path, document: OpenAIDocument) -> AsyncIterator[tuple[Gateway, Strict]]:
    (folder / "upstream.key").write_text(KEY)
    async with strict_upstream(document) as strict, gateway(folder, config(strict.url)) as house:
        yield house, strict


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, document: OpenAIDocument) -> Iterator[Standing]:
    with asyncio.Runner() as runner:
        both = _standing(tmp_path_factory.mktemp("standing"), document)
        house, strict = runner.run(both.__aenter__())
        yield Standing(runner, house, strict, document)
        runner.run(both.__aexit__(None, None, None))


@pytest.fixture(autouse=True)
def nothing_of_ours_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test here may bring out a fault of our own, whatever the client is told."""
    with caplog.at_level(logging.WARNING):
        yield
    faults = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert faults == []
