"""A real gateway before the strict upstream, for clients that nobody here wrote.

`freehold serve` runs as a process of its own, as it does for them; the upstream runs in a thread of the
tests, so that what reached it can be looked at.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conformance.strict import KEY, Strict, config, strict_upstream
from tests.conftest import _free_port, serving
from tests.openai_document import OpenAIDocument, openai_document


@dataclass(frozen=True)
class Served:
    """What a client is configured with. `url` ends in `/v1`; `model` is the route's name."""

    url: str
    key: str
    model: str
    strict: Strict
    document: OpenAIDocument


@contextmanager
def _in_a_thread(document: OpenAIDocument) -> Iterator[Strict]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    upstream = strict_upstream(document)
    try:
        yield asyncio.run_coroutine_threadsafe(upstream.__aenter__(), loop).result(10)
        asyncio.run_coroutine_threadsafe(upstream.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, freehold_shared: Path) -> Iterator[Served]:
    """One gateway for all clients; it requires a key."""
    folder = tmp_path_factory.mktemp("served")
    document = openai_document(freehold_shared)
    with _in_a_thread(document) as strict:
        (folder / "upstream.key").write_text(KEY)
        (folder / "freehold.toml").write_text(config(strict.url, top="[server]\nrequire_keys = true"))
        with serving(folder, _free_port()) as running:
            made = subprocess.run(
                ["freehold", "keys", "create", "--json"],
                cwd=folder, env=dict(running.environment), check=True, capture_output=True,
            )  # fmt: skip
            yield Served(running.url, json.loads(made.stdout)["key"], "support", strict, document)


@pytest.fixture(autouse=True)
def nothing_but_requests_of_the_document_reaches_the_model(served: Served) -> Iterator[None]:
    served.strict.faults.clear()
    yield
    assert served.strict.faults == []
