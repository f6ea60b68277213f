"""Requests that no client library would send, byte by byte: refused in OpenAI's shape, and nothing hangs."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from tests.conformance.conftest import Standing
from tests.conformance.strict import config
from tests.conformance.test_hostile_bodies import GOOD, check_refusal
from tests.conformance.wire_raw import answers, exchange, head
from tests.gateway import upstream as up
from tests.gateway.house import gateway, parse

BODY = json.dumps(GOOD["chat/completions"]).encode()
LENGTH = f"content-length: {len(BODY)}"
CLOSE = "connection: close"
CHUNKED = "transfer-encoding: chunked"

BROKEN: dict[str, bytes] = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a NUL in a header": head("x-a: a\0b", LENGTH) + BODY,
    "a header without a colon": head("nonsense", LENGTH) + BODY,
    "a folded header": head("x-a: a\r\n b", "content-length: -1") + BODY,
    "two lengths": head(LENGTH, "content-length: 3") + BODY,
    "a length and chunks": head(LENGTH, CHUNKED) + BODY,
    "a length that is no number": head("content-length: ten") + BODY,
    "a negative length": head("content-length: -1") + BODY,
    "a huge length": head("content-length: 99999999999999999999999999"),
    "a chunk's size that is no number": head(CHUNKED) + b"zz\r\nhello\r\n0\r\n\r\n",
    "a chunk longer than its size": head(CHUNKED) + b"2\r\nhello\r\n0\r\n\r\n",
    "a chunk of a huge size": head(CHUNKED) + b"fffffffffffffffffff\r\n",
    "a request line without an end": b"GET " + b"/a" * 200_000,
    "a header without an end": b"GET / HTTP/1.1\r\nx-a: " + b"a" * 400_000,
    "headers without an end": b"GET / HTTP/1.1\r\n" + b"x-a: a\r\n" * 50_000,
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_http_is_refused_and_the_connection_closed(standing: Standing, what: str) -> None:
    answer = standing.run(answers(standing.house, BROKEN[what]))
    check_refusal(standing, answer)
    assert answer.status in (400, 431)
    assert answer.headers["connection"] == "close"
    assert re.fullmatch(r"req_[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize(
    "lines",
    [
        ("content-type: application/json",),
        ("content-type: application/json; charset=utf-8",),
        ("content-type: application/x-www-form-urlencoded",),
        ("content-type: text/plain",),
        ("content-type: \xff",),
        (),
        ("content-encoding: identity",),
        ("Content-Type: application/json", "authorization: Bearer " + "k" * 5000),
        ("x-a: " + "a" * 30_000,),
        tuple(f"x-{number}: {number}" for number in range(1000)),
        ("expect: 100-continue",),
        ("connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA"),
        ("x-freehold-label: internal",),
        ("openai-organization: org", "openai-project: p", "x-stainless-lang: python"),
    ],
)
def test_json_is_taken_whatever_the_headers_say_of_it(standing: Standing, lines: tuple[str, ...]) -> None:
    raw = standing.run(exchange(standing.house, head(*lines, LENGTH, CLOSE) + BODY))
    answer = parse(raw.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"))
    assert answer.status == 200


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "deflate, gzip", "\xe9"])
def test_a_compressed_body_is_a_415(standing: Standing, encoding: str) -> None:
    lines = head(f"content-encoding: {encoding}", LENGTH, CLOSE)
    answer = standing.run(answers(standing.house, lines + BODY))
    check_refusal(standing, answer)
    assert (answer.status, answer.error["code"]) == (415, "unsupported_content_encoding")


@pytest.mark.parametrize(
    "value", ["secret\tx", "é", "x" * 20_000, "internal, secret", "%0d%0aset-cookie: a", "\\r\\nx: y"]
)
def test_no_label_reaches_a_header_of_the_answer(standing: Standing, value: str) -> None:
    lines = head(f"x-freehold-label: {value}", f"x-freehold-home: {value}", LENGTH, CLOSE)
    answer = standing.run(answers(standing.house, lines + BODY))
    check_refusal(standing, answer)
    assert answer.error["code"] == "invalid_label"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", 405),
        ("DELETE", "/v1/embeddings", 405),
        ("OPTIONS", "/v1/responses", 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/gpt", 405),
        ("PUT", "/v1/responses/resp_1", 405),
        ("POST", "/v1/responses/resp_1/input_items", 405),
        ("GET", "/v1/responses/resp_1", 404),
        ("GET", "/v1/responses/resp_1/nothing", 404),
        ("GET", "/v1/models/nope", 404),
        ("GET", "/v1/models/" + "a" * 30_000, 404),
        ("GET", "/v1/models/%00%0d%0a%ff%F0%9F%98%80", 404),
        ("GET", "/v1/" + "a/" * 10_000, 404),
        ("POST", "/v1/chat/completions/", 404),
        ("POST", "/v1//chat/completions", 404),
        ("GET", "/v1", 404),
        ("POST", "/chat/completions", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/v1/models?" + "a=b&" * 5000, 200),
        ("HEAD", "/v1/models", 200),
    ],
)
def test_paths_and_methods_are_answered_as_openai_would(
    standing: Standing, method: str, path: str, status: int
) -> None:
    answer = standing.run(answers(standing.house, head("content-length: 0", CLOSE, path=path, method=method)))
    assert answer.status == status
    if status != 200:
        check_refusal(standing, answer)
        assert len(answer.body) < 1000
    if status == 405:
        assert set(answer.headers["allow"].split(", ")) <= {"GET", "HEAD", "POST", "DELETE"}


def test_chunks_of_any_size_make_a_body(standing: Standing) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\nx-trailer: a\r\n\r\n"
    answer = standing.run(answers(standing.house, head(CHUNKED, CLOSE) + chunks))
    assert answer.status == 200


def test_a_body_in_many_pieces_is_a_body(standing: Standing) -> None:
    pieces = [bytes([byte]) for byte in head(LENGTH, CLOSE) + BODY]
    assert standing.run(answers(standing.house, *pieces)).status == 200


def test_requests_in_a_row_are_answered_in_a_row(standing: Standing) -> None:
    """Pipelined: the second and third are sent before the first is answered."""
    one = head(LENGTH) + BODY
    missing = head("content-length: 2", CLOSE) + b"{}"
    raw = standing.run(exchange(standing.house, one + one + missing))
    statuses = [part.split(b" ", 1)[0] for part in raw.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"400"]


@pytest.mark.parametrize("stream", [b"true", b"false"])
def test_rubbish_behind_a_request_harms_no_other(standing: Standing, stream: bytes) -> None:
    body = BODY[:-1] + b',"stream":' + stream + b"}"
    standing.run(exchange(standing.house, head(f"content-length: {len(body)}") + body + b"rubbish\r\n\r\n"))
    assert standing.ask("chat/completions", GOOD["chat/completions"]).status == 200


@pytest.mark.parametrize("sent", [0, 1, len(BODY) - 1])
def test_a_client_that_leaves_in_its_body_leaves_a_record(standing: Standing, sent: int) -> None:
    async def leaves() -> int:
        before = len(await standing.house.records())
        _, writer = await asyncio.open_connection("127.0.0.1", standing.house.port)
        writer.write(head(LENGTH) + BODY[:sent])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
        while len(records := await standing.house.records()) == before:  # noqa: ASYNC110 - polled from outside
            await asyncio.sleep(0.02)
        return records[0].status

    assert standing.run(leaves()) == 499


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/nope"])
def test_a_refusal_arrives_even_where_the_body_is_still_being_sent(standing: Standing, path: str) -> None:
    """Thirty megabytes are too many; the client is told, though it has not sent them all."""
    body = b"x" * 30_000_000
    answer = standing.run(
        answers(standing.house, head(f"content-length: {len(body)}", CLOSE, path=path), body)
    )
    check_refusal(standing, answer)
    assert answer.status == (413 if path.endswith("completions") else 404)


def test_a_body_whose_size_is_not_told_is_bounded_too(standing: Standing) -> None:
    chunk = b"%x\r\n%b\r\n" % (1_000_000, b"x" * 1_000_000)
    answer = standing.run(answers(standing.house, head(CHUNKED, CLOSE), *[chunk] * 25, b"0\r\n\r\n"))
    check_refusal(standing, answer)
    assert answer.status == 413


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /v1/chat/comp",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n",
        head(LENGTH),
        head(LENGTH) + BODY[:-1],
        head(CHUNKED) + b"5\r\nhello\r\n",
        head(LENGTH, path="/v1/nope") + BODY[:-1],
        head(LENGTH) + BODY + b"POST /v1",
    ],
)
async def test_what_does_not_arrive_in_time_is_a_408(tmp_path: Path, sent: bytes) -> None:
    (tmp_path / "upstream.key").write_text("sk-1")
    top = "[server]\nrequest_seconds = 0.3"
    async with up.upstream(up.says()) as server, gateway(tmp_path, config(server.url, top=top)) as house:
        raw = await exchange(house, sent)
    last = parse(b"HTTP/1.1 " + raw.split(b"HTTP/1.1 ")[-1])
    assert last.headers["connection"] == "close"
    if b"nope" in sent:
        assert last.status == 404
    else:
        assert (last.status, last.error["code"]) == (408, "request_timeout")
    assert (b"HTTP/1.1 200" in raw) == sent.startswith(head(LENGTH) + BODY)


async def test_a_request_without_a_good_key_is_refused_with_its_body_unread(tmp_path: Path) -> None:
    (tmp_path / "upstream.key").write_text("sk-1")
    top = "[server]\nrequire_keys = true"
    async with gateway(tmp_path, config("http://127.0.0.1:9/v1", top=top)) as house:
        none = await house.ask("/v1/chat/completions", b"x" * 5_000_000)
        wrong = await house.ask("/v1/chat/completions", BODY, authorization="Bearer sk-nope")
        odd = await house.ask("/v1/models", authorization="Basic \xe9 x y")
    assert [a.status for a in (none, wrong, odd)] == [401, 401, 401]
    assert wrong.error["code"] == "invalid_api_key"
