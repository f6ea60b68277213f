"""What goes over the wire and comes back: the bytes of one request and one answer."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.egress.scripted import OK, Link, always, client_with, once, scripted, to_the_bitter_end

from freehold.egress import Client, Limits
from freehold.errors import UpstreamError

MB = 1 << 20


async def test_the_head_names_the_host_the_length_and_no_encoding(client: Client) -> None:
    heads: list[bytes] = []

    async def script(link: Link) -> None:
        received = await link.request()
        heads.append(received.head)
        await link.send(OK)

    async with scripted(script) as upstream:
        await upstream.ask(client, b"{}")
        authority = upstream.origin.authority.encode()
    assert heads == [
        b"POST /v1/x HTTP/1.1\r\nhost: "
        + authority
        + b"\r\naccept-encoding: identity\r\ncontent-length: 2\r\n\r\n"
    ]


async def test_an_answer_has_its_status_its_headers_in_lower_case_and_its_body(client: Client) -> None:
    answer = (
        b"HTTP/1.1 201 Created\r\nX-Request-ID: Abc\r\nContent-Length: 2\r\nX-Two: a\r\nX-Two: b\r\n\r\n{}"
    )
    async with scripted(always(answer)) as upstream:
        response = await upstream.ask(client)
        assert response.status == 201
        assert response.headers == [
            (b"x-request-id", b"Abc"),
            (b"content-length", b"2"),
            (b"x-two", b"a"),
            (b"x-two", b"b"),
        ]
        assert response.header(b"x-two") == b"a"
        assert response.header(b"x-three") is None
        assert response.framed
        assert await response.read(MB) == b"{}"


async def test_one_connection_serves_request_after_request(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        for _ in range(5):
            response = await upstream.ask(client, b"x")
            assert await response.read(MB) == b"hello"
        assert len(upstream.links) == 1


async def test_a_whole_answer_frees_its_connection_before_it_is_read(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        first = await upstream.ask(client)
        second = await upstream.ask(client)
        assert [await first.read(MB), await second.read(MB)] == [b"hello", b"hello"]
        assert len(upstream.links) == 1


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary Redirect"])
async def test_a_redirect_is_handed_back_and_never_followed(client: Client, status: bytes) -> None:
    elsewhere = b"HTTP/1.1 " + status + b"\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    async with scripted(always(elsewhere)) as upstream:
        response = await upstream.ask(client)
        assert response.status == int(status[:3])
        assert await response.read(MB) == b""
        assert len(upstream.links) == 1


async def test_a_cookie_is_not_sent_back(client: Client) -> None:
    heads: list[bytes] = []

    async def script(link: Link) -> None:
        while True:
            heads.append((await link.request()).head)
            await link.send(b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n")

    async with scripted(script) as upstream:
        await upstream.ask(client)
        await upstream.ask(client)
    assert len(heads) == 2
    assert heads[0] == heads[1]


async def test_a_proxy_in_the_environment_is_ignored(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with scripted(always(OK)) as upstream:
        assert await (await upstream.ask(client)).read(MB) == b"hello"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_an_answer_without_a_body_is_whole_at_once(client: Client, status: bytes) -> None:
    async with scripted(always(b"HTTP/1.1 " + status + b"\r\netag: x\r\n\r\n")) as upstream:
        for _ in range(2):
            response = await upstream.ask(client)
            assert await response.read(MB) == b""
        assert len(upstream.links) == 1


async def test_an_answer_to_head_has_a_length_but_no_body(client: Client) -> None:
    async with scripted(always(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n")) as upstream:
        for _ in range(2):
            response = await upstream.ask(client, method="HEAD")
            assert response.header(b"content-length") == b"500"
            assert response.framed
            assert await response.read(MB) == b""


@pytest.mark.parametrize("interim", [b"100 Continue", b"103 Early Hints"])
async def test_an_interim_answer_is_skipped(client: Client, interim: bytes) -> None:
    early = b"HTTP/1.1 " + interim + b"\r\nlink: </x>\r\n\r\n"
    async with scripted(always(early, early, OK)) as upstream:
        for _ in range(2):
            response = await upstream.ask(client)
            assert response.status == 200
            assert response.header(b"link") is None
            assert await response.read(MB) == b"hello"
        assert len(upstream.links) == 1


async def test_trailers_are_not_headers(client: Client) -> None:
    answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-late: 1\r\n\r\n"
    async with scripted(always(answer)) as upstream:
        for _ in range(2):
            response = await upstream.ask(client)
            assert await response.read(MB) == b"abc"
            assert response.header(b"x-late") is None
        assert len(upstream.links) == 1


async def test_chunks_come_as_they_arrive(client: Client) -> None:
    go_on = asyncio.Event()

    async def script(link: Link) -> None:
        await link.request()
        await link.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for word in (b"one", b"two", b"six"):
            await link.send(b"3\r\n" + word + b"\r\n")
            await go_on.wait()
            go_on.clear()
        await link.send(b"0\r\n\r\n")

    async with scripted(script) as upstream:
        response = await upstream.ask(client)
        seen = []
        async for piece in response.chunks():
            seen.append(piece)
            go_on.set()
        assert seen == [b"one", b"two", b"six"]


async def test_a_body_without_a_length_ends_with_the_connection_and_is_marked(client: Client) -> None:
    async with scripted(once(b"HTTP/1.0 200 OK\r\n\r\nhalf", b"whole")) as upstream:
        for _ in range(2):
            response = await upstream.ask(client)
            assert not response.framed
            assert await response.read(MB) == b"halfwhole"
        assert len(upstream.links) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok?",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n?",
    ],
    ids=["connection: close", "HTTP/1.0", "a byte too many", "half an answer too many", "an answer too many"],
)
async def test_a_connection_in_doubt_serves_no_second_request(client: Client, answer: bytes) -> None:
    async with scripted(always(answer)) as upstream:
        for _ in range(3):
            response = await upstream.ask(client)
            assert response.framed
            assert await response.read(MB) == b"ok"
        assert len(upstream.links) == 3


async def test_http_1_0_may_keep_its_connection_if_it_says_so(client: Client) -> None:
    answer = b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok"
    async with scripted(always(answer)) as upstream:
        for _ in range(2):
            assert await (await upstream.ask(client)).read(MB) == b"ok"
        assert len(upstream.links) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"<html><body>Bad gateway</body></html>",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
async def test_what_is_not_http_is_malformed(client: Client, answer: bytes) -> None:
    async with scripted(once(answer)) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client)
        assert caught.value.code == "upstream_malformed"
        assert caught.value.status == 502
        assert upstream.origin.text in caught.value.message


async def test_a_bad_chunk_is_malformed_after_what_came_before_it(client: Client) -> None:
    answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nnot a length\r\n"
    async with scripted(once(answer)) as upstream:
        response = await upstream.ask(client)
        seen, error = await to_the_bitter_end(response)
        assert seen == [b"abc"]
        assert error.code == "upstream_malformed"


@pytest.mark.parametrize("pieces", [1, 40], ids=["at once", "in pieces"])
@pytest.mark.parametrize("end", [b"", b"\r\ncontent-length: 2\r\n\r\nok"], ids=["endless", "whole"])
async def test_a_huge_head_is_refused(pieces: int, end: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"\r\n".join(b"x-%d: %s" % (n, b"v" * 500) for n in range(40)) + end
    size = len(head) // pieces + 1
    split = [head[at : at + size] for at in range(0, len(head), size)]
    async with client_with(Limits(head_bytes=8_000)) as client, scripted(once(*split)) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client)
        assert caught.value.code == "upstream_malformed"
        assert "8,000 bytes" in caught.value.message


async def test_endless_trailers_are_refused() -> None:
    start = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
    trailers = [b"x: %s\r\n" % (b"v" * 1000) for _ in range(20)]
    async with client_with(Limits(head_bytes=8_000)) as client, scripted(once(start, *trailers)) as upstream:
        response = await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await response.read(MB)
        assert caught.value.code == "upstream_malformed"


async def test_a_small_head_with_a_large_body_behind_it_is_fine() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n" + b"x" * 60_000
    async with client_with(Limits(head_bytes=8_000)) as client, scripted(always(answer)) as upstream:
        assert len(await (await upstream.ask(client)).read(MB)) == 60_000


CHUNKED = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n6\r\nabc\r\n\n\r\n1;ext=1\r\nd\r\n0\r\n\r\n"
)
SIZED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 7\r\n\r\nabc\r\n\nd"


@pytest.mark.parametrize("answer", [CHUNKED, SIZED], ids=["chunked", "sized"])
async def test_an_answer_cut_in_two_at_any_byte_is_the_same_answer(client: Client, answer: bytes) -> None:
    at = 0

    async def script(link: Link) -> None:
        while True:
            await link.request()
            await link.send(answer[:at], answer[at:])

    async with scripted(script) as upstream:
        for at in range(1, len(answer)):  # noqa: B007  # the script reads it
            response = await upstream.ask(client)
            assert response.status == 200
            assert response.header(b"content-type") == b"text/event-stream"
            pieces = [piece async for piece in response.chunks()]
            assert b"".join(pieces) == b"abc\r\n\nd"
            assert b"" not in pieces
        assert len(upstream.links) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200),
    chunks=st.lists(st.integers(1, 60), max_size=6),
    cuts=st.lists(st.integers(0, 400), max_size=5),
)
def test_any_division_of_an_answer_gives_the_same_answer(
    body: bytes, chunks: list[int], cuts: list[int]
) -> None:
    answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-a: 1\r\n\r\n" + _chunked(body, chunks)
    places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    pieces = [answer[a:b] for a, b in pairwise(places)]

    async def exchange() -> tuple[int, list[tuple[bytes, bytes]], bytes, bytes]:
        client = Client()
        async with scripted(always(*pieces)) as upstream:
            whole = await upstream.ask(client)
            streamed = await upstream.ask(client)
            read = await whole.read(MB)
            seen = b"".join([piece async for piece in streamed.chunks()])
            assert len(upstream.links) <= 2
            await client.close()
            return streamed.status, streamed.headers, read, seen

    headers = [(b"transfer-encoding", b"chunked"), (b"x-a", b"1")]
    assert asyncio.run(exchange()) == (200, headers, body, body)


def _chunked(body: bytes, sizes: list[int]) -> bytes:
    encoded = b""
    for size in [*sizes, len(body)]:
        piece, body = body[:size], body[size:]
        if piece:
            encoded += b"%x\r\n%b\r\n" % (len(piece), piece)
    return encoded + b"0\r\n\r\n"
