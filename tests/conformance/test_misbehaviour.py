"""What backends get wrong, on a real socket: the client is told by an error with a type, never by rubbish."""

from __future__ import annotations

import asyncio
import gzip
import json
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.conftest import data_lines
from tests.conformance.strict import config
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway
from tests.openai_document import OpenAIDocument

GOOD = json.dumps(up.ANSWER).encode()
JSON = b"content-type: application/json\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"


@dataclass(frozen=True)
class Odd:
    """A gateway before an upstream that plays whatever it is told."""

    runner: asyncio.Runner
    house: Gateway
    upstream: up.Upstream
    document: OpenAIDocument

    def chat(self, *steps: up.Step, **fields: Any) -> Answer:
        self.upstream.steps = list(steps)
        return self.runner.run(self.house.chat(**fields))

    def ask(self, path: str, step: up.Step, **body: Any) -> Answer:
        self.upstream.steps = [step]
        return self.runner.run(self.house.ask(f"/v1/{path}", {"model": "support"} | body))

    def check_error(self, answer: Answer, *codes: str) -> None:
        assert answer.headers["content-type"] == "application/json"
        self.document.check("ErrorResponse", answer.json)
        assert answer.error["code"] in codes, answer.error
        assert answer.status == (504 if answer.error["code"] == "upstream_timeout" else 502)
        assert answer.error["type"] == "upstream_error"


@asynccontextmanager
async def _odd(folder: Path) -> AsyncIterator[tuple[Gateway, up.Upstream]]:
    (folder / "upstream.key").write_text("sk-1")
    more = "timeout_seconds = 0.5\nattempt_seconds = 3.0"
    async with up.upstream(up.says()) as server, gateway(folder, config(server.url, more=more)) as house:
        yield house, server


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory, document: OpenAIDocument) -> Iterator[Odd]:
    with asyncio.Runner() as runner:
        both = _odd(tmp_path_factory.mktemp("odd"))
        house, server = runner.run(both.__aenter__())
        yield Odd(runner, house, server, document)
        runner.run(both.__aexit__(None, None, None))


def raw(*pieces: bytes, close: bool = True, pause_seconds: float = 0.0) -> up.Step:
    """Exactly these bytes, then the connection's end."""

    async def step(exchange: up.Exchange) -> None:
        for piece in pieces:
            await exchange.send(piece)
            await asyncio.sleep(pause_seconds)
        if close:
            exchange.writer.close()

    return step


async def resets(exchange: up.Exchange) -> None:
    sock = exchange.writer.get_extra_info("socket")
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: closing sends a reset
    exchange.writer.transport.abort()


def ok(body: bytes, head: bytes = JSON, length: int | None = None) -> bytes:
    count = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\n%bcontent-length: %d\r\n\r\n%b" % (head, count, body)


def answer_with(**changes: Any) -> bytes:
    return json.dumps(up.ANSWER | changes).encode()


BROKEN: dict[str, tuple[up.Step, str]] = {
    "HTML": (up.says(b"<html>Login</html>", kind="text/html"), "upstream_malformed"),
    "HTML that says it is JSON": (up.says(b"<html>Login</html>"), "upstream_malformed"),
    "nothing": (up.says(b""), "upstream_malformed"),
    "a 204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "upstream_not_found"),
    "null": (up.says(b"null"), "upstream_malformed"),
    "an array": (up.says(b"[]"), "upstream_malformed"),
    "an object of nothing": (up.says(b"{}"), "upstream_malformed"),
    "choices of null": (up.says(answer_with(choices=None)), "upstream_malformed"),
    "choices that are none": (up.says(answer_with(choices="x")), "upstream_malformed"),
    "an error that says 200": (up.says({"error": {"message": "no", "code": 1}}), "upstream_malformed"),
    "half the JSON": (up.says(GOOD[: len(GOOD) // 2]), "upstream_malformed"),
    "JSON and more": (up.says(GOOD + b"}"), "upstream_malformed"),
    "NaN": (up.says(GOOD.replace(b"110", b"NaN")), "upstream_malformed"),
    "Infinity": (up.says(answer_with(x=float("inf"))), "upstream_malformed"),
    "an odd usage and half of JSON": (up.says(b'{"usage":"x","choices":['), "upstream_malformed"),
    "an odd usage and a tower": (up.says(b'{"usage":"x","choices":' + b"[" * 100_000), "upstream_malformed"),
    "broken UTF-8": (up.says(GOOD.replace(b"hello", b"\xff\xfe")), "upstream_malformed"),
    "gzip that nobody asked for": (
        up.says(gzip.compress(GOOD), headers="content-encoding: gzip\r\n"),
        "upstream_malformed",
    ),
    "a length too short": (raw(ok(GOOD, length=len(GOOD) - 5)), "upstream_malformed"),
    "a length too long": (raw(ok(GOOD, length=len(GOOD) + 5)), "upstream_cut"),
    "a length that is no number": (raw(ok(GOOD).replace(b"length: ", b"length: x")), "upstream_malformed"),
    "two lengths": (raw(ok(GOOD, JSON + b"content-length: 3\r\n")), "upstream_malformed"),
    "chunks without an end": (up.streams(GOOD, end=False), "upstream_cut"),
    "a chunk of no size": (raw(STREAM_HEAD, b"zz\r\n"), "upstream_malformed"),
    "a redirect": (up.says(b"", "302 Found", "location: https://example.org/\r\n"), "upstream_not_found"),
    "a redirect to stay": (up.says(b"", "308 Permanent Redirect", "location: /v2\r\n"), "upstream_not_found"),
    "a switch of protocols": (raw(SWITCH), "upstream_malformed"),
    "no HTTP": (raw(b"hello\r\n\r\n"), "upstream_malformed"),
    "HTTP/2": (raw(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64"), "upstream_malformed"),
    "a head too large": (raw(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000), "upstream_malformed"),
    "half a head": (raw(b"HTTP/1.1 200 OK\r\ncontent-"), "upstream_cut"),
    "a header with a NUL": (raw(b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"), "upstream_malformed"),
    "a closed connection": (up.cuts, "upstream_cut"),
    "a reset": (resets, "upstream_cut"),
    "silence": (up.hangs, "upstream_timeout"),
    "a head that drips": (raw(*[bytes([b]) for b in ok(GOOD)], pause_seconds=0.1), "upstream_timeout"),
    "a body that drips": (raw(ok(GOOD)[:-60], *[b"x"] * 60, pause_seconds=0.1), "upstream_timeout"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_answer_is_an_error_with_a_type(odd: Odd, what: str) -> None:
    step, code = BROKEN[what]
    odd.check_error(odd.chat(step), code)
    assert odd.chat(up.says()).status == 200, "what follows is not harmed"


FINE: dict[str, up.Step] = {
    "informational answers before": raw(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + ok(GOOD)
    ),
    "an end by closing": raw(b"HTTP/1.0 200 OK\r\n" + JSON + b"\r\n" + GOOD),
    "no content type": raw(ok(GOOD, b"")),
    "another content type": up.says(GOOD, kind="text/plain"),
    "a usage below nothing": up.says(
        answer_with(usage={"prompt_tokens": -5, "completion_tokens": 1, "total_tokens": -4})
    ),
    "a usage beyond counting": up.says(answer_with(usage={"prompt_tokens": 10**30, "completion_tokens": 1})),
    "a usage of words": up.says(answer_with(usage="much")),
    "a usage of null": up.says(answer_with(usage=None)),
    "more cached than given": up.says(
        answer_with(
            usage={
                "prompt_tokens": 1,
                "completion_tokens": 0,
                "total_tokens": 1,
                "prompt_tokens_details": {"cached_tokens": 1000},
            }
        )
    ),
    "no model": up.says({name: value for name, value in up.ANSWER.items() if name != "model"}),
    "a model that is no text": up.says(answer_with(model=5)),
    "many headers": up.says(GOOD, headers="".join(f"x-{n}: {n}\r\n" for n in range(500))),
}


@pytest.mark.parametrize("what", FINE)
def test_an_odd_answer_is_passed_on_and_never_costs_less_than_nothing(odd: Odd, what: str) -> None:
    answer = odd.chat(FINE[what])
    assert answer.status == 200
    assert answer.json["choices"] == up.ANSWER["choices"]
    record = odd.runner.run(odd.house.record(answer))
    assert record.cost_usd is None or record.cost_usd >= 0


def stream_of(*events: bytes, head: bytes = STREAM_HEAD, end: bytes = b"0\r\n\r\n") -> up.Step:
    return raw(head, *[b"%x\r\n%b\r\n" % (len(e), e) for e in events], end)


BROKEN_AT_ONCE: dict[str, tuple[up.Step, str]] = {
    "HTML": (up.says(b"<html></html>", kind="text/html"), "upstream_malformed"),
    "a plain answer": (up.says(), "upstream_malformed"),
    "nothing": (stream_of(), "upstream_cut"),
    "comments alone": (stream_of(b": hi\n\n"), "upstream_cut"),
    "no event": (stream_of(GOOD), "upstream_cut"),
    "HTML that says it is a stream": (stream_of(b"<html>\n\n</html>\n\n"), "upstream_malformed"),
    "lines without a field": (stream_of(GOOD + b"\n\n"), "upstream_malformed"),
    "an event that is no JSON": (stream_of(b"data: hello\n\n"), "upstream_malformed"),
    "an event that is half JSON": (stream_of(b'data: {"choices": [\n\n'), "upstream_malformed"),
    "an event that is an array": (stream_of(b"data: []\n\n"), "upstream_malformed"),
    "an event that is null": (stream_of(b"data: null\n\n"), "upstream_malformed"),
    "an error": (stream_of(b'data: {"error": {"message": "no"}}\n\n'), "upstream_error"),
    "an error by name": (stream_of(b'event: error\ndata: {"message": "no"}\n\n'), "upstream_error"),
    "half an event": (stream_of(b'data: {"cho', end=b""), "upstream_cut"),
}


@pytest.mark.parametrize("what", BROKEN_AT_ONCE)
@pytest.mark.parametrize("path", ["chat/completions", "responses"])
def test_a_stream_broken_from_its_start_is_an_error_with_a_type(odd: Odd, what: str, path: str) -> None:
    step, code = BROKEN_AT_ONCE[what]
    asked = {"input": "hi"} if path == "responses" else {"messages": [{"role": "user", "content": "hi"}]}
    odd.check_error(odd.ask(path, step, stream=True, **asked), code)


FIRST = up.chunk("hel")
LAST = up.chunk(finish="stop")
BROKEN_LATER: dict[str, tuple[bytes, ...]] = {
    "the end": (),
    "no JSON": (b"data: hello\n\n", LAST, up.DONE),
    "half JSON": (b'data: {"choices":[{"delta"\n\n', LAST, up.DONE),
    "JSON that ends too late": (b'data: {"choices":[]}}\n\n', LAST, up.DONE),
    "NaN": (up.chunk("x", x=1.5).replace(b"1.5", b"NaN"), LAST, up.DONE),
    "broken UTF-8": (up.chunk("@").replace(b"@", b"\xe2\x82"), LAST, up.DONE),
    "lines without a field": (GOOD + b"\n\n", LAST, up.DONE),
    "half an event": (up.chunk("lo")[:30],),
    "an error": (b'data: {"error":{"message":"overloaded"}}\n\n', up.DONE),
}


@pytest.mark.parametrize("what", BROKEN_LATER)
@pytest.mark.parametrize("path", ["chat/completions", "responses"])
def test_a_stream_that_breaks_later_ends_in_an_error_event_and_not_cleanly(
    odd: Odd, what: str, path: str
) -> None:
    asked = {"input": "hi"} if path == "responses" else {"messages": [{"role": "user", "content": "hi"}]}
    answer = odd.ask(path, stream_of(FIRST, *BROKEN_LATER[what]), stream=True, **asked)
    assert (answer.status, answer.whole) == (200, False)
    events = [json.loads(data) for data in data_lines(answer.body)]
    if path == "responses":
        for event in events:
            odd.document.check_event(event)
        assert events[-1]["type"] == "response.failed"
    else:
        odd.document.check("ErrorResponse", events[-1])
        assert events[-1]["error"]["code"] in ("upstream_cut", "upstream_malformed", "upstream_error")
    assert b"[DONE]" not in answer.body


def lines_of(end: bytes, *events: bytes) -> tuple[bytes, ...]:
    return tuple(event.replace(b"\n", end) for event in events)


FINE_STREAMS: dict[str, tuple[bytes, ...]] = {
    "CRLF": lines_of(b"\r\n", FIRST, LAST, up.DONE),
    "CR": lines_of(b"\r", FIRST, LAST, up.DONE),
    "no space after the colon": tuple(e.replace(b"data: ", b"data:") for e in (FIRST, LAST, up.DONE)),
    "comments between": (b": hi\n\n", FIRST, b":\n\n", LAST, up.DONE),
    "names, ids and retries": (b"retry: 10\n\n", b"event: message\nid: 1\n" + FIRST, LAST, up.DONE),
    "data over two lines": (FIRST.replace(b'"object"', b'\ndata: "object"'), LAST, up.DONE),
    "every byte on its own": tuple(bytes([b]) for b in FIRST + LAST + up.DONE),
    "all at once": (FIRST + LAST + up.DONE,),
    "no DONE": (FIRST, LAST),
    "DONE without its blank line": (FIRST, LAST, up.DONE.strip()),
    "a last event without its blank line": (FIRST, LAST.strip()),
    "something after DONE": (FIRST, LAST, up.DONE, b"data: hello\n\n"),
    "no choices first": (up.chunk(choices=[], prompt_filter_results=[]), FIRST, LAST, up.DONE),
    "usage of null": (up.chunk("hel", usage=None), LAST, up.DONE),
    "usage in every event": (
        up.chunk("hel", usage=up.ANSWER["usage"]),
        up.chunk(finish="stop", usage=up.ANSWER["usage"]),
        up.DONE,
    ),
    "a word with the mark of an error": (up.chunk('{"error"'), LAST, up.DONE),
}  # fmt: skip


@pytest.mark.parametrize("what", FINE_STREAMS)
def test_any_stream_that_the_standard_allows_is_passed_on(odd: Odd, what: str) -> None:
    events = FINE_STREAMS[what]
    answer = odd.chat(stream_of(*events), stream=True)
    assert (answer.status, answer.whole) == (200, True)
    text = answer.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    joined = [
        b"".join(x[5:] for x in event.split(b"\n") if x[:5] == b"data:") for event in text.split(b"\n\n")
    ]
    events_read = [json.loads(data) for data in joined if data.strip() not in (b"", b"[DONE]")]
    said = [c["delta"].get("content") for event in events_read for c in event["choices"]]
    assert said[0] in ("hel", '{"error"')
    assert text.rstrip().endswith(b"[DONE]")


BODIES: dict[str, Any] = {
    "OpenAI's": {"error": {"message": "no", "type": "invalid_request_error", "param": "n", "code": "bad"}},
    "half of OpenAI's": {"error": {"message": "no"}},
    "vLLM's": {"error": {"message": "no", "type": "BadRequestError", "param": None, "code": 400}},
    "words": {"error": "no"},
    "FastAPI's": {"detail": [{"loc": ["body"], "msg": "no"}]},
    "HTML": b"<html>\xff</html>",
    "nothing": b"",
}
STATUSES = {
    400: 400, 401: 502, 402: 502, 403: 502, 404: 502, 405: 502, 408: 408, 409: 409, 413: 413, 415: 415,
    422: 422, 418: 502, 429: 429, 500: 500, 501: 502, 502: 502, 503: 503, 504: 504, 529: 502, 201: 502,
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_every_error_of_a_backend_is_one_of_openais(odd: Odd, body: str) -> None:
    for status, told in STATUSES.items():
        answer = odd.chat(up.says(BODIES[body], f"{status} Odd"))
        assert answer.status == told, status
        odd.document.check("ErrorResponse", answer.json)
        if body == "OpenAI's" and told == status:
            assert answer.json == BODIES[body]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("retry-after: 17", "17"),
        ("retry-after: 0", "0"),
        ("retry-after-ms: 20", "1"),
        ("retry-after-ms: 1500", "2"),
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT", "0"),
        ("retry-after: soon", None),
        ("retry-after: -5", None),
        ("retry-after: " + "9" * 400, None),
        ("retry-after-ms: inf", None),
        ("retry-after-ms: nan", None),
        ("x-nothing: 1", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_backends_retry_after_is_kept(odd: Odd, status: str, header: str, told: str | None) -> None:
    answer = odd.chat(up.fails(status, f"{header}\r\n"))
    assert answer.status == int(status[:3])
    assert answer.headers.get("retry-after") == told
