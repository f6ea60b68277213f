"""A strict upstream on a real socket: what is no request by OpenAI's document is a fault, and is kept.

Its answers come in every framing that HTTP allows: with a length, chunked, cut in the middle of a character.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.conformance import shapes
from tests.conformance.speaking import Json, last_text
from tests.gateway import upstream as up
from tests.openai_document import OpenAIDocument

KEY = "sk-strict-upstream-0123456789"
UPSTREAM_NAME = "strict-upstream-name"
MODERATION_NAME = "omni-moderation-strict"

_SCHEMAS = {
    "/v1/chat/completions": "CreateChatCompletionRequest",
    "/v1/completions": "CreateCompletionRequest",
    "/v1/embeddings": "CreateEmbeddingRequest",
    "/v1/moderations": "CreateModerationRequest",
}
_ANSWERS: dict[str, Callable[[Json], Json]] = {
    "/v1/chat/completions": shapes.chat,
    "/v1/completions": shapes.completion,
    "/v1/embeddings": shapes.embeddings,
    "/v1/moderations": shapes.moderation,
}
# A prompt that asks for an error: `fail 429 retry-after=3`, and `once` where the next try may succeed.
_FAIL = re.compile(r"fail (?P<status>\d{3})(?: retry-after=(?P<wait>\S+))?(?P<once> once)?")


class Strict:
    """`seen` holds the decoded bodies in order, `faults` what was wrong with requests."""

    def __init__(self, document: OpenAIDocument) -> None:
        self._document = document
        self._framing = random.Random(7)  # noqa: S311 - seeded, so that a run can be repeated
        self.url = ""
        self.seen: list[Json] = []
        self.raw: list[bytes] = []
        self.faults: list[str] = []
        self._failed: set[str] = set()

    async def answer(self, exchange: up.Exchange) -> None:
        """One step of a scripted upstream, again and again."""
        path = exchange.head.split(" ", 2)[1]
        self.raw.append(exchange.body)
        try:
            asked = self._read(exchange, path)
        except (ValueError, RecursionError) as error:
            self.faults.append(f"{path}: {error}")
            await _refuse(exchange, "400 Bad Request", str(error))
            return
        self.seen.append(asked)
        failing = _FAIL.match(last_text(asked)) if path.endswith("/chat/completions") else None
        if failing is not None and not (failing["once"] and failing.string in self._failed):
            self._failed.add(failing.string)
            waits = f"retry-after: {failing['wait']}\r\n" if failing["wait"] else ""
            await _refuse(exchange, f"{failing['status']} No", "as asked", waits)
            return
        try:
            answers = _answers(asked, path)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # The document allows what no model takes: a tool choice without its tool, a schema of nothing.
            await _refuse(exchange, "400 Bad Request", f"this script has no answer: {error!r}")
            return
        await (self._stream if asked.get("stream") else self._whole)(exchange, b"".join(answers))

    def _read(self, exchange: up.Exchange, path: str) -> Json:
        headers = dict(line.lower().split(": ", 1) for line in exchange.head.split("\r\n")[1:] if line)
        if headers.get("authorization") != f"bearer {KEY}":
            raise ValueError("the key is not ours")
        if headers.get("content-type") != "application/json":
            raise ValueError(f"a content type of {headers.get('content-type')}")
        if path not in _SCHEMAS:
            raise ValueError("no such path")
        asked: Json = json.loads(exchange.body, object_pairs_hook=_once, parse_constant=_no_constant)
        if asked["model"] != (MODERATION_NAME if path == "/v1/moderations" else UPSTREAM_NAME):
            raise ValueError(f"a model called {asked['model']}")
        fault = self._document.fault(_SCHEMAS[path], asked)
        if fault is not None:
            raise ValueError(fault)
        return asked

    async def _stream(self, exchange: up.Exchange, whole: bytes) -> None:
        """Chunks that heed neither events nor characters."""
        await exchange.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        at = 0
        while at < len(whole):
            piece = whole[at : at + self._framing.randint(1, 400)]
            await exchange.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            at += len(piece)
            if self._framing.random() < 0.1:
                await asyncio.sleep(0)
        await exchange.send(b"0\r\n\r\n")

    async def _whole(self, exchange: up.Exchange, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nX-Upstream: y\r\n"
        if self._framing.random() < 0.5:
            await exchange.send(head + b"content-length: %d\r\n\r\n%b" % (len(body), body))
            return
        half = len(body) // 2
        await exchange.send(head + b"transfer-encoding: chunked\r\n\r\n")
        for piece in (body[:half], body[half:]):
            await exchange.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        await exchange.send(b"0\r\n\r\n")


def _answers(asked: Json, path: str) -> list[bytes]:
    if asked.get("stream"):
        return shapes.events(asked, path)
    return [json.dumps(_ANSWERS[path](asked), ensure_ascii=False).encode()]


async def _refuse(exchange: up.Exchange, status: str, message: str, headers: str = "") -> None:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    await up.says({"error": error}, status, headers)(exchange)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key stands there twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@asynccontextmanager
async def strict_upstream(document: OpenAIDocument) -> AsyncIterator[Strict]:
    strict = Strict(document)
    async with up.upstream(strict.answer) as served:
        strict.url = served.url
        yield strict


def config(url: str, key_file: str = "upstream.key", top: str = "", more: str = "", route: str = "") -> str:
    """A route `support` to one model `gpt`, which can do everything but moderate, as `moderator` does."""
    return f"""
{top}
[models.gpt]
tenure = "rented"
provider = "openai"
url = "{url}"
model = "{UPSTREAM_NAME}"
key_file = "{key_file}"
input_usd_per_million = 1
output_usd_per_million = 10
retries = 0
breaker = false
{more}
[models.moderator]
tenure = "rented"
provider = "openai"
url = "{url}"
model = "{MODERATION_NAME}"
key_file = "{key_file}"
retries = 0
breaker = false
[privacy]
# What is tested here is the wire: its made-up users and tools may be called as they like.
harmless = ["ORGANIZATION", "LOCATION", "DATE_TIME", "URL", "PERSON", "ADDRESS"]
[routes.support]
rent = "gpt"
{route}
"""
