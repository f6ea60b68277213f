"""A model of random weights, and engines that run it in a loop of their own, so that tests can block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.engine.tiny_gguf import Shape, write_gguf

from freehold.engine import Engine, EngineSpec

CONTEXT_TOKENS = 8192


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.gguf"
    return write_gguf(path, Shape(context_tokens=CONTEXT_TOKENS))


def spec_for(weights: Path, **fields: Any) -> EngineSpec:
    """A spec on one thread: tests share their cores."""
    return EngineSpec("llama", weights, threads=1, **fields)


@contextmanager
def running(spec: EngineSpec) -> Iterator[Engine]:
    """A started engine, whose event loop lives in another thread for as long as the block lasts."""
    with _loop() as run:
        engine = Engine(spec)
        run(engine.start())
        try:
            yield engine
        finally:
            run(engine.stop())


@contextmanager
def _loop() -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Iterator[Engine]:
    """Four slots of 2048 tokens, chat and embeddings."""
    with running(spec_for(tiny, slots=4, context_tokens=2048, embeddings=True)) as started:
        yield started
