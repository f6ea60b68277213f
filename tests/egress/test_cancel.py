"""Whoever leaves at any point leaves nothing behind: the socket is closed, the slot is free."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from tests.egress.scripted import OK, Link, client_with, scripted
from tests.waiting import until

from freehold.egress import Client, Limits
from freehold.errors import UpstreamError

MB = 1 << 20
ONE = Limits(max_connections_per_origin=1)


async def _cancel(task: asyncio.Task[object]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _half(link: Link) -> None:
    """The first connection stops in the middle of its answer; the others answer."""
    await link.request()
    if link.number > 1:
        await link.send(OK)
    else:
        await link.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
    await link.until_gone()


async def _silent(link: Link) -> None:
    await link.request()
    if link.number > 1:
        await link.send(OK)
    await link.until_gone()


async def test_cancelled_while_waiting_for_the_head() -> None:
    async with client_with(ONE) as client, scripted(_silent) as upstream:
        task: asyncio.Task[object] = asyncio.create_task(upstream.ask(client))
        await until(lambda: upstream.links and upstream.links[0].asked)
        waiting = asyncio.create_task(upstream.ask(client))
        await asyncio.sleep(0)
        await _cancel(task)
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        assert await (await waiting).read(MB) == b"hello"


async def test_cancelled_while_reading() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)
        task: asyncio.Task[object] = asyncio.create_task(response.read(MB))
        await asyncio.sleep(0.01)
        await _cancel(task)
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        with pytest.raises(UpstreamError, match="closed before its end"):
            await response.read(MB)
        assert await (await upstream.ask(client)).read(MB) == b"hello"


async def test_cancelled_while_iterating() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)

        async def iterate() -> None:
            async for _ in response.chunks():
                pass

        task: asyncio.Task[object] = asyncio.create_task(iterate())
        await asyncio.sleep(0.01)
        await _cancel(task)
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        assert await (await upstream.ask(client)).read(MB) == b"hello"


async def test_cancelled_while_waiting_for_a_connection() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)
        first = asyncio.create_task(upstream.ask(client))
        second = asyncio.create_task(upstream.ask(client))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0)
        response.close()
        assert await (await second).read(MB) == b"hello"
        assert first.cancelled()


async def test_cancelled_in_the_moment_a_connection_was_handed_over() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)
        first = asyncio.create_task(upstream.ask(client))
        second = asyncio.create_task(upstream.ask(client))
        await asyncio.sleep(0.01)
        response.close()  # the slot is promised to the first, who has not run yet
        first.cancel()
        assert await (await second).read(MB) == b"hello"
        assert first.cancelled()


@pytest.mark.parametrize("keeps", [True, False], ids=["on a kept connection", "on a new connection"])
async def test_cancelled_at_every_step_of_its_way(keeps: bool) -> None:  # noqa: FBT001  # the case
    """However many turns of the loop a request has had when it is cancelled, the only slot is free again."""
    async with client_with(ONE) as client, scripted(_many if keeps else _one) as upstream:
        for turns in range(40):
            task: asyncio.Task[object] = asyncio.create_task(_whole(client, upstream.ask))
            for _ in range(turns):
                await asyncio.sleep(0)
            await _cancel(task)
            response = await upstream.ask(client)
            assert await response.read(MB) == b"hello"


async def _whole(client: Client, ask: object) -> object:
    assert callable(ask)
    response = await ask(client)
    return await response.read(MB)


async def _many(link: Link) -> None:
    while True:
        await link.request()
        await link.send(OK[:30], OK[30:])


async def _one(link: Link) -> None:
    await link.request()
    await link.send(OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))


async def test_close_before_the_end_is_noticed_upstream_at_once() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)
        response.close()
        response.close()
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        with pytest.raises(UpstreamError, match="closed before its end"):
            await response.read(MB)
        assert await (await upstream.ask(client)).read(MB) == b"hello"


async def test_close_after_the_end_keeps_the_connection() -> None:
    async with client_with(ONE) as client, scripted(_many) as upstream:
        for _ in range(3):
            response = await upstream.ask(client)
            await response.read(MB)
            response.close()
        assert len(upstream.links) == 1


async def test_leaving_the_iteration_early_closes_the_connection() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)
        async with contextlib.aclosing(response.chunks()) as pieces:
            async for piece in pieces:
                assert piece == b"hello"
                break
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)


async def test_two_readers_of_one_answer_are_told_so() -> None:
    async with client_with(ONE) as client, scripted(_half) as upstream:
        response = await upstream.ask(client)
        task: asyncio.Task[object] = asyncio.create_task(response.read(MB))
        await asyncio.sleep(0.01)
        with pytest.raises(RuntimeError, match="two tasks"):
            await response.read(MB)
        await _cancel(task)
