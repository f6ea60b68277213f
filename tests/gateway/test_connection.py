"""What clients may do on a connection, byte by byte, against an app that tells what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.waiting import until

from freehold.gateway.bodies import Bodies
from freehold.gateway.connection import Connection
from freehold.gateway.exchange import Exchange
from freehold.gateway.reception import Reception
from freehold.gateway.valve import Valve

App = Callable[..., Awaitable[None]]
SMALL = b"POST /a?b=c HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nhello"


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the whole body and answers with what it understood."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    said = {name: scope[name] for name in ("method", "path")} | {
        "query": scope["query_string"].decode(),
        "headers": [name.decode() for name, _ in scope["headers"]],
        "size": len(body),
        "body": body[:20].decode(),
    }
    answer = json.dumps(said).encode()
    await start(send, 200, (b"content-length", b"%d" % len(answer)))
    await send({"type": "http.response.body", "body": answer})


async def start(send: Any, status: int, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[bytes, bytes]:
        """The next answer's head and its body, by its content-length."""
        async with asyncio.timeout(60):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            return head, await self.reader.readexactly(length)

    async def said(self) -> dict[str, Any]:
        head, body = await self.answer()
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        return dict(json.loads(body))

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        async with asyncio.timeout(60):
            return await self.reader.read()


@asynccontextmanager
async def serving(app: App, within_seconds: float = 60) -> AsyncIterator[tuple[Client, Reception]]:
    """The app on a socket, with one client connected. A request has so long to arrive."""
    loop = asyncio.get_running_loop()

    async def answer(exchange: Exchange) -> None:
        await app(exchange.scope, exchange.receive, exchange.send)

    reception = Reception(
        answer,
        within_seconds=within_seconds,
        idle_seconds=75,
        leaving_seconds=5,
        stalled_seconds=60,
        most_connections=10,
        valve=Valve(),
        bodies=Bodies(10_000_000),
        connections=set(),
        tasks=set(),
    )
    server = await loop.create_server(lambda: Connection(reception, loop), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield Client(reader, writer), reception
    finally:
        writer.close()
        server.close()
        await server.wait_closed()
        async with asyncio.timeout(60):
            while reception.connections or reception.tasks:
                reception.now += 1  # nobody ticks here
                reception.wake_rested()
                await asyncio.sleep(0.01)


async def test_one_connection_serves_request_after_request() -> None:
    async with serving(echo) as (client, _):
        for _ in range(3):
            client.writer.write(SMALL)
            said = await client.said()
            assert (said["method"], said["path"], said["query"], said["body"]) == (
                "POST",
                "/a",
                "b=c",
                "hello",
            )


async def test_requests_sent_ahead_are_answered_in_their_order() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(b"".join(SMALL.replace(b"/a", b"/%d" % n) for n in range(5)))
        assert [(await client.said())["path"] for _ in range(5)] == ["/0", "/1", "/2", "/3", "/4"]


@pytest.mark.parametrize("step", [1, 7])
async def test_a_request_may_come_in_small_pieces(step: int) -> None:
    async with serving(echo) as (client, _):
        for begin in range(0, len(SMALL), step):
            client.writer.write(SMALL[begin : begin + step])
            await client.writer.drain()
            await asyncio.sleep(0.001)
        assert (await client.said())["body"] == "hello"


async def test_chunked_bodies_are_read_and_their_trailers_never_become_headers_of_the_next_request() -> None:
    chunked = b"POST /c HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n"
    async with serving(echo) as (client, _):
        client.writer.write(chunked + b"3\r\nhel\r\n2\r\nlo\r\n0\r\nauthorization: Bearer x\r\n\r\n" + SMALL)
        assert (await client.said())["body"] == "hello"
        assert "authorization" not in (await client.said())["headers"]


async def test_a_large_body_arrives_whole() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(
            b"POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 5000000\r\n\r\n" + b"x" * 5_000_000
        )
        assert (await client.said())["size"] == 5_000_000


async def test_a_body_that_waits_for_leave_gets_it_once_the_app_reads() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(SMALL.split(b"\r\n\r\n")[0] + b"\r\nexpect: 100-continue\r\n\r\n")
        async with asyncio.timeout(60):
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.writer.write(b"hello")
        assert (await client.said())["body"] == "hello"


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers without a look at the body."""
    del scope, receive
    await start(send, 413, (b"content-length", b"2"))
    await send({"type": "http.response.body", "body": b"no"})


async def test_a_refused_body_that_waited_for_leave_ends_the_connection() -> None:
    async with serving(refuse) as (client, _):
        client.writer.write(SMALL.split(b"\r\n\r\n")[0] + b"\r\nexpect: 100-continue\r\n\r\n")
        head, _ = await client.answer()
        assert b"connection: close" in head
        client.writer.write(SMALL)  # whoever takes the refusal for the end may send anything now
        assert await client.rest() == b""


async def test_what_follows_the_last_request_is_ignored() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(SMALL.replace(b"host: t", b"connection: close") + SMALL + b"\0\0")
        assert (await client.said())["body"] == "hello"
        assert await client.rest() == b""


@pytest.mark.parametrize("name", [b"upgrade", b"Upgrade", b"UPGRADE"])
async def test_an_offer_of_another_protocol_is_ignored(name: bytes) -> None:
    offer = b"connection: upgrade, http2-settings\r\n%b: h2c\r\nhttp2-settings: AAE" % name
    async with serving(echo) as (client, _):
        client.writer.write(SMALL.replace(b"host: t", offer) + SMALL)
        said = await client.said()
        assert (said["body"], "upgrade" in said["headers"]) == ("hello", False)
        assert (await client.said())["body"] == "hello"


async def test_a_client_that_offers_another_protocol_byte_by_byte_is_answered_too() -> None:
    sent = SMALL.replace(b"host: t", b"connection: upgrade\r\nUpgrade: h2c")
    async with serving(echo) as (client, _):
        for byte in sent:
            client.writer.write(bytes([byte]))
            await asyncio.sleep(0.001)
        assert (await client.said())["body"] == "hello"


async def test_requests_without_end_that_are_sent_ahead_are_not_all_taken() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(SMALL * 1000)
        answers = (await client.rest()).count(b"HTTP/1.1 200 OK")
        assert 30 < answers < 1000


async def test_http_1_0_is_answered_and_closed() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(b"GET / HTTP/1.0\r\n\r\n")
        answer = await client.rest()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"connection: close\r\n" in answer


async def test_a_head_request_has_no_body() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(b"HEAD / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert b"content-length: " in head
        assert body == b""


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"G\xffT / HTTP/1.1\r\n\r\n"]
)
async def test_what_is_not_http_gets_an_error_object_and_the_end(garbage: bytes) -> None:
    async with serving(echo) as (client, _):
        client.writer.write(garbage)
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 Bad Request")
        assert json.loads(body)["error"]["type"] == "invalid_request_error"


async def test_a_head_without_end_is_refused() -> None:
    async with serving(echo) as (client, _):
        client.writer.write(b"GET / HTTP/1.1\r\nx: " + b"y" * 66_000)
        assert (await client.rest()).startswith(b"HTTP/1.1 431 ")


async def test_an_answer_without_a_length_is_chunked_and_cut_where_the_app_stops_short() -> None:
    async def half(scope: dict[str, Any], receive: Any, send: Any) -> None:
        del scope, receive
        await start(send, 200)
        await send({"type": "http.response.body", "body": b"one", "more_body": True})

    async with serving(half) as (client, _):
        client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        answer = await client.rest()
        assert answer.endswith(b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n")  # and no last chunk


async def test_a_line_break_in_a_header_never_leaves() -> None:
    async def split(scope: dict[str, Any], receive: Any, send: Any) -> None:
        del scope, receive
        await start(send, 200, (b"x", b"a\r\nset-cookie: b"))

    async with serving(split) as (client, _):
        client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        answer = await client.rest()
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"set-cookie" not in answer


async def test_the_app_learns_that_the_client_left() -> None:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    asked = asyncio.Event()

    async def wait(scope: dict[str, Any], receive: Any, send: Any) -> None:
        del scope, send
        await receive()
        asked.set()
        told.set_result((await receive())["type"])

    async with serving(wait) as (client, _):
        client.writer.write(SMALL)
        await asked.wait()
        client.writer.close()
        async with asyncio.timeout(60):
            assert await told == "http.disconnect"


async def test_a_slow_reader_holds_its_app_back() -> None:
    written = 0

    async def pour(scope: dict[str, Any], receive: Any, send: Any) -> None:
        nonlocal written
        del scope, receive
        await start(send, 200)
        while True:
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            written += 65_536

    async with serving(pour) as (client, state):
        client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        before = -1
        async with asyncio.timeout(60):
            while before != written or not written:
                before = written
                await asyncio.sleep(0.3)
        assert written < 16_000_000  # the kernel's buffers hold some of it
        for task in list(state.tasks):
            task.cancel()


async def test_a_draining_server_ends_idle_connections_at_once_and_busy_ones_after_their_answer() -> None:
    go = asyncio.Event()

    async def later(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await go.wait()
        await echo(scope, receive, send)

    async with serving(later) as (client, state):
        client.writer.write(SMALL)
        await until(lambda: state.tasks)
        for connection in list(state.connections):
            connection.shutdown()
        go.set()
        head, _ = await client.answer()
        assert b"connection: close" in head
        assert await client.rest() == b""
    async with serving(echo) as (client, state):
        await until(lambda: state.connections)
        for connection in list(state.connections):
            connection.shutdown()
        assert await client.rest() == b""


async def test_idle_connections_are_closed_and_used_ones_are_not() -> None:
    async with serving(echo) as (client, reception):
        await until(lambda: reception.connections)
        [connection] = reception.connections
        reception.now = 70
        client.writer.write(SMALL)
        await client.said()
        connection.look(80)
        client.writer.write(SMALL)
        await client.said()
        connection.look(146)
        assert await client.rest() == b""


@pytest.mark.parametrize("sent", [SMALL[:10], SMALL + SMALL[:10]])
async def test_a_head_that_does_not_end_is_refused_in_time(sent: bytes) -> None:
    async with serving(echo, within_seconds=0.5) as (client, _):
        client.writer.write(sent)
        assert b"HTTP/1.1 408 Request Timeout" in await client.rest()
