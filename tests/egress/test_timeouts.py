"""Four clocks, each of which names itself when it runs out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from tests.egress.scripted import OK, Link, Upstream, always, client_with, scripted, to_the_bitter_end

from freehold.egress import Client, Limits, Origin, Timeouts
from freehold.errors import UpstreamError

MB = 1 << 20
START = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@contextlib.asynccontextmanager
async def _deaf() -> AsyncIterator[Origin]:
    """An address whose queue of connections is full: it neither accepts nor refuses."""
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(3):
            filler = held.enter_context(socket.socket())
            filler.setblocking(False)  # noqa: FBT003  # the standard library's own signature
            with contextlib.suppress(BlockingIOError, TimeoutError):
                await asyncio.wait_for(loop.sock_connect(filler, address), 0.05)
        yield Origin("http", "127.0.0.1", address[1])


async def _quiet(link: Link) -> None:
    await link.request()
    await link.until_gone()


def _check(error: UpstreamError, words: str) -> None:
    assert (error.code, error.status, error.retryable) == ("upstream_timeout", 504, True)
    assert words in error.message


async def test_a_connect_that_hangs(client: Client) -> None:
    async with _deaf() as origin:
        with pytest.raises(UpstreamError) as caught:
            await Upstream(origin).ask(client, timeouts=Timeouts(0.1, 5, 5))
        _check(caught.value, "no connection within 0.1 s")


async def test_no_first_byte(client: Client) -> None:
    async with scripted(_quiet) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, timeouts=Timeouts(5, 0.1, 5))
        _check(caught.value, "no first byte within 0.1 s")
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)


async def test_a_head_that_drips_does_not_move_the_clock(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            await link.send(b"x: y\r\n")
            await asyncio.sleep(0.02)

    async with scripted(script) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, timeouts=Timeouts(5, 0.15, 5))
        _check(caught.value, "no first byte")


async def test_a_head_without_a_body_is_not_yet_a_first_byte(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(START)
        await link.until_gone()

    async with scripted(script) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await (await upstream.ask(client, timeouts=Timeouts(5, 0.1, 0.05))).read(MB)
        _check(caught.value, "no first byte within 0.1 s")


async def test_silence_between_bytes(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(START, b"1\r\na\r\n", b"1\r\nb\r\n")
        await link.until_gone()

    async with scripted(script) as upstream:
        response = await upstream.ask(client, timeouts=Timeouts(5, 5, 0.5))
        seen, error = await to_the_bitter_end(response)
        assert b"".join(seen) == b"ab"
        _check(error, "nothing more came for 0.5 s")


async def test_a_steady_stream_outlives_the_clocks_that_it_keeps_winding(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(START)
        for _ in range(20):
            await link.send(b"1\r\na\r\n")
            await asyncio.sleep(0.1)
        await link.send(b"0\r\n\r\n")

    async with scripted(script) as upstream:
        response = await upstream.ask(client, timeouts=Timeouts(5, 1.5, 1.5))
        assert await response.read(MB) == b"a" * 20


async def test_the_total_is_a_bound_that_no_stream_outlives(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(START)
        while True:
            await link.send(b"1\r\na\r\n")
            await asyncio.sleep(0.01)

    async with scripted(script) as upstream:
        response = await upstream.ask(client, timeouts=Timeouts(5, 5, 5, 0.6))
        _, error = await to_the_bitter_end(response)
        _check(error, "not whole within 0.")


async def test_the_total_counts_the_wait_for_a_connection(client: Client) -> None:
    async with _deaf() as origin:
        with pytest.raises(UpstreamError) as caught:
            await Upstream(origin).ask(client, timeouts=Timeouts(30, 30, 30, 0.1))
        _check(caught.value, "no connection within 0.1 s")


async def test_a_short_clock_after_a_long_one_on_the_same_connection_is_kept(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(OK)
        await link.request()
        await link.until_gone()

    async with scripted(script) as upstream:
        await (await upstream.ask(client, timeouts=Timeouts(5, 60, 60))).read(MB)
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, timeouts=Timeouts(5, 0.1, 60))
        _check(caught.value, "no first byte within 0.1 s")
        assert len(upstream.links) == 1


async def test_a_connection_idle_for_too_long_is_closed() -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(OK)
        await link.until_gone()

    async with client_with(Limits(idle_seconds=0.05)) as client, scripted(script) as upstream:
        await upstream.ask(client)
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        await upstream.ask(client)
        assert len(upstream.links) == 2


async def test_an_idle_clock_does_not_end_the_next_request() -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(OK)
        await link.request()
        await asyncio.sleep(0.8)
        await link.send(OK)

    async with client_with(Limits(idle_seconds=0.5)) as client, scripted(script) as upstream:
        await upstream.ask(client)
        assert await (await upstream.ask(client)).read(MB) == b"hello"
        assert len(upstream.links) == 1


async def test_a_reader_that_takes_its_time_is_not_an_upstream_that_is_silent() -> None:
    size = 2_000_000
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size
    async with client_with(Limits(buffered_bytes=10_000)) as client, scripted(always(answer)) as upstream:
        response = await upstream.ask(client, timeouts=Timeouts(5, 1, 1))
        await asyncio.sleep(1.3)
        total = 0
        async for piece in response.chunks():
            total += len(piece)
        assert total == size
