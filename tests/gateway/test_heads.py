"""A head that came before is not parsed again, and nobody can tell by what is understood or answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.gateway.bodies import Bodies
from freehold.gateway.call import Call
from freehold.gateway.connection import Connection
from freehold.gateway.exchange import Exchange
from freehold.gateway.heads import Head, Heads, take_apart
from freehold.gateway.reception import Reception
from freehold.gateway.valve import Valve

SMALL = b"POST /v1/a?b=c HTTP/1.1\r\nhost: t\r\nContent-Length: 5\r\n\r\nhello"


class Wire(asyncio.Transport):
    """What was written, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


class Desk:
    """Connections of one server that share its known heads; `understood` is what its app was asked."""

    def __init__(self) -> None:
        self.understood: list[tuple[object, ...]] = []
        self.reception = Reception(
            self.answer,
            within_seconds=60,
            idle_seconds=75,
            leaving_seconds=5,
            stalled_seconds=60,
            most_connections=10,
            valve=Valve(),
            bodies=Bodies(1_000_000),
            connections=set(),
            tasks=set(),
        )

    async def answer(self, exchange: Exchange) -> None:
        body = exchange.body_at_hand()
        if body is None:
            body, more = b"", True
            while more:
                message = await exchange.receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
        asked = (exchange.method, exchange.version, exchange.path, exchange.scope["query_string"])
        self.understood.append((*asked, exchange.keep, list(exchange.headers), body))
        assert exchange.answer(200, [(b"x-asked", exchange.path.encode("latin-1"))], body)

    def connect(self) -> tuple[Connection, Wire]:
        connection, wire = Connection(self.reception, asyncio.get_running_loop()), Wire()
        connection.connection_made(wire)
        return connection, wire

    async def end(self) -> None:
        for task in list(self.reception.tasks):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def ask(connection: Connection, *pieces: bytes) -> None:
    for piece in pieces:
        connection.data_received(piece)
        for _ in range(4):
            await asyncio.sleep(0)


names = st.sampled_from(
    [b"Content-Length", b"content-length", b"CONTENT-LENGTH", b"x", b"Connection", b"Expect", b"Host"]
)
values = st.sampled_from(
    [b"0", b"1", b"5", b"05", b"5 ", b"close", b"keep-alive", b"100-continue", b"t", b""]
)
headers = st.lists(st.tuples(names, values), max_size=3)
bodies = st.sampled_from([b"", b"a", b"hello", b"0\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\nx"])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """One request, right or wrong, mostly with the length of its body."""
    body = draw(bodies)
    rest = [b"%b: %b" % header for header in draw(headers)]
    if draw(st.booleans()):
        rest.insert(
            draw(st.integers(0, len(rest))),
            draw(st.sampled_from([b"Content-Length", b"content-length"])) + b": %d" % len(body),
        )
    if draw(st.integers(0, 9)) == 0:
        rest.append(b"Transfer-Encoding: chunked")
    line = draw(
        st.sampled_from(
            [b"POST /v1/a HTTP/1.1", b"POST /%76?b=c HTTP/1.1", b"GET / HTTP/1.1", b"POST /v1/a HTTP/1.0"]
        )
    )
    return b"\r\n".join([line, *rest, b"", b""]) + body


@given(st.lists(requests(), min_size=1, max_size=4))
def test_whoever_asks_twice_is_understood_twice_alike(asked: list[bytes]) -> None:
    async def run() -> None:
        knowing = Desk()
        for request in [*asked, *asked]:
            told = []
            fresh = Desk()  # knows no head
            for desk in (knowing, fresh):
                before = len(desk.understood)
                connection, wire = desk.connect()
                await ask(connection, request)
                told.append((desk.understood[before:], wire.written.split(b"x-request-id")[0], wire.closed))
            assert told[0] == told[1]
            await fresh.end()
        await knowing.end()

    asyncio.run(run())


async def test_the_second_request_with_a_head_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    await ask(desk.connect()[0], SMALL)
    monkeypatch.setattr("freehold.gateway.connection.HttpRequestParser", None)
    await ask(desk.connect()[0], SMALL.replace(b"5", b"7").replace(b"hello", b"goodbye"))
    assert [asked[-1] for asked in desk.understood] == [b"hello", b"goodbye"]
    assert desk.understood[1][-2] == [(b"host", b"t"), (b"content-length", b"7")]
    await desk.end()


async def test_a_request_in_pieces_between_two_whole_ones_is_understood() -> None:
    desk = Desk()
    connection, wire = desk.connect()
    await ask(connection, SMALL, SMALL[:30], SMALL[30:], SMALL, SMALL[:-2], SMALL[-2:], SMALL)
    assert [asked[-1] for asked in desk.understood] == [b"hello"] * 5
    assert wire.written.count(b"HTTP/1.1 200 OK") == 5
    await desk.end()


async def test_a_known_head_is_refused_under_overload_as_any_other_and_nothing_of_it_is_begun() -> None:
    desk = Desk()
    connection, wire = desk.connect()
    await ask(connection, SMALL)
    valve = desk.reception.valve
    valve.waiting = valve.most
    await ask(connection, SMALL)
    assert wire.written.count(b"HTTP/1.1 503") == 1
    assert b'"code":"server_overloaded"' in wire.written.replace(b" ", b"")
    assert (valve.refused, len(desk.understood)) == (1, 1)
    await desk.end()


async def test_the_body_of_a_known_head_counts_as_any_other() -> None:
    desk = Desk()
    connection, _ = desk.connect()
    held = []
    answer = desk.answer

    async def look(exchange: Exchange) -> None:
        held.append(desk.reception.bodies.held)
        await answer(exchange)

    desk.reception.app = look
    await ask(connection, SMALL, SMALL)
    assert held == [5, 5]
    assert desk.reception.bodies.held == 0
    await desk.end()


async def test_heads_that_differ_each_time_are_not_remembered_and_the_others_are_bounded() -> None:
    desk = Desk()
    traced = SMALL.replace(b"host: t", b"traceparent: 00-1")
    heads = Heads()
    desk.reception.heads = heads
    connection, _ = desk.connect()
    await ask(connection, traced)
    parts = take_apart(traced)
    assert parts is not None
    assert heads.find(parts[0]) is None
    for n in range(600):
        await ask(connection, SMALL.replace(b"host: t", b"host: %d" % n))
    assert 0 < len(heads) <= 512
    await desk.end()


def test_a_request_under_way_shows_neither_key_nor_words() -> None:
    line: Any = None
    headers = [(b"authorization", b"Bearer fh-planted")]
    url = b"/v1/x?q=planted"
    exchange = Exchange("POST", "1.1", url, "/v1/x", headers, line, keep=True, asks_first=False)
    exchange.pieces = [b"planted"]
    call = Call(exchange, "req_1", 0.0, 0.0, dict(headers))
    for thing in (exchange, call, Head("POST", url, "/v1/x", headers, 0)):
        assert "planted" not in repr(thing)
