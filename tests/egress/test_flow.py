"""Large bodies and slow ends: what is held in between stays small, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256

import pytest
from tests.egress.scripted import OK, Link, scripted

from freehold.egress import Client, Timeouts
from freehold.errors import UpstreamError

MB = 1 << 20
FIVE = bytes(range(256)) * (5 * MB // 256)


@pytest.fixture
def memory() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def test_five_megabytes_each_way(client: Client) -> None:
    async def script(link: Link) -> None:
        while True:
            received = await link.request()
            await link.send(
                b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(received.body) + received.body
            )

    async with scripted(script) as upstream:
        for _ in range(2):
            response = await upstream.ask(client, FIVE)
            assert sha256(await response.read(10 * MB)).digest() == sha256(FIVE).digest()
        assert len(upstream.links) == 1


async def test_an_echo_that_answers_while_it_is_still_being_asked(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.reader.readuntil(b"\r\n\r\n")
        await link.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(FIVE))
        left = len(FIVE)
        while left:
            piece = await link.reader.read(65_536)
            left -= len(piece)
            await link.send(piece)

    async with scripted(script) as upstream:
        response = await upstream.ask(client, FIVE)
        digest = sha256()
        async for piece in response.chunks():
            digest.update(piece)
        assert digest.digest() == sha256(FIVE).digest()


@pytest.mark.parametrize("closes", [True, False], ids=["and closes", "and waits"])
async def test_a_refusal_before_the_body_is_sent_is_heard(client: Client, closes: bool) -> None:  # noqa: FBT001  # a parameter of the case
    async def script(link: Link) -> None:
        await link.reader.readuntil(b"\r\n\r\n")
        await link.send(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 7\r\n\r\ntoo big")
        if closes:
            await asyncio.sleep(0.05)
        else:
            await link.until_gone()

    async with scripted(script) as upstream:
        for _ in range(2):
            response = await upstream.ask(client, FIVE * 3)
            assert response.status == 413
            assert await response.read(MB) == b"too big"
        assert len(upstream.links) == 2


async def test_an_upstream_that_does_not_read_holds_nothing_but_the_body(
    client: Client, memory: None
) -> None:
    del memory

    async def script(link: Link) -> None:
        link.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a stream's transport reads too
        await asyncio.sleep(30)

    async with scripted(script) as upstream:
        body = FIVE * 4
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, body, timeouts=Timeouts(5, 0.3, 5))
        _, peak = tracemalloc.get_traced_memory()
        assert caught.value.code == "upstream_timeout"
        assert peak - before < 2 * MB


async def test_a_slow_upload_that_goes_on_is_not_a_timeout(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.reader.readuntil(b"\r\n\r\n")
        left = len(FIVE) * 4
        while left:
            piece = await link.reader.read(MB)
            left -= len(piece)
            await asyncio.sleep(0.016)
        await link.send(OK)

    async with scripted(script) as upstream:
        response = await upstream.ask(client, FIVE * 4, timeouts=Timeouts(5, 1.5, 5))
        assert await response.read(MB) == b"hello"


async def test_a_slow_reader_slows_its_own_stream_only_and_holds_little(client: Client, memory: None) -> None:
    del memory
    size = 40 * MB
    sent = 0

    async def script(link: Link) -> None:
        nonlocal sent
        await link.request()
        if link.number > 1:
            await link.send(OK)
            return
        await link.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        while sent < size:
            await link.send(FIVE[:65_536])
            sent += 65_536

    async with scripted(script) as upstream:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        slow = await upstream.ask(client)
        await asyncio.sleep(0.3)
        assert sent < size // 2, "the upstream was not held back"
        assert await (await upstream.ask(client)).read(MB) == b"hello"
        total = 0
        async for piece in slow.chunks():
            total += len(piece)
        _, peak = tracemalloc.get_traced_memory()
        assert total == size
        assert peak - before < 4 * MB


async def test_small_pieces_that_nobody_takes_are_handed_over_together(client: Client) -> None:
    sent = asyncio.Event()

    async def script(link: Link) -> None:
        await link.request()
        await link.send(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", *[b"1\r\na\r\n"] * 20, b"0\r\n\r\n"
        )
        sent.set()

    async with scripted(script) as upstream:
        response = await upstream.ask(client)
        await sent.wait()
        await asyncio.sleep(0.1)  # what is in the socket is taken out of it
        assert [piece async for piece in response.chunks()] == [b"a" * 20]
