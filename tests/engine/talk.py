"""A client of the child's port: the standard library's HTTP, one connection a request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from freehold.engine import Engine


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def opened(
    engine: Engine,
    method: str,
    path: str,
    body: object = None,
    *,
    secret: str | None = "",
    bare: bool = False,
) -> Iterator[HTTPResponse]:
    """The response, unread. `secret` "" is the engine's own, None sends none; `bare` omits the prefix."""
    assert engine.address is not None
    address = urlsplit(engine.address)
    connection = HTTPConnection("127.0.0.1", address.port or 0, timeout=60)
    headers = {"content-type": "application/json"}
    if secret is not None:
        headers["authorization"] = f"Bearer {secret or engine.secret}"
    text = None if body is None else json.dumps(body)
    try:
        connection.request(method, path if bare else address.path + path, text, headers)
        yield connection.getresponse()
    finally:
        connection.close()


def ask(engine: Engine, method: str, path: str, body: object = None, **options: Any) -> Answer:
    with opened(engine, method, path, body, **options) as response:
        return Answer(response.status, response.read())


def chat(engine: Engine, text: str = "hello", **fields: Any) -> Answer:
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": 8, "seed": 1, **fields}
    return ask(engine, "POST", "/v1/chat/completions", body)


def events(engine: Engine, text: str = "hello", **fields: Any) -> list[str]:
    """The `data:` lines of a streamed chat."""
    answer = chat(engine, text, stream=True, **fields)
    lines = answer.body.decode().split("\n")
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


def metrics(engine: Engine) -> dict[str, float]:
    """llama.cpp's own counters, without their common prefix."""
    lines = ask(engine, "GET", "/metrics").body.decode().splitlines()
    pairs = (line.removeprefix("llamacpp:").split() for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}
