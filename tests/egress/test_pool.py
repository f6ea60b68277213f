"""Connections are few, shared in order, and never lost."""

from __future__ import annotations

import asyncio
from math import inf

import pytest
from tests.egress.scripted import OK, SOON, Link, always, client_with, scripted
from tests.waiting import until

from freehold.egress import Client, Limits, Timeouts
from freehold.egress.inbox import Inbox
from freehold.egress.pool import Pool
from freehold.errors import UpstreamError
from freehold.privacy import Label, clear

MB = 1 << 20
HEAD = b"POST / HTTP/1.1\r\nhost: x\r\n\r\n"


async def _slow(link: Link) -> None:
    while True:
        await link.request()
        await asyncio.sleep(0.02)
        await link.send(OK)


async def test_no_more_connections_than_allowed_serve_any_number_of_requests() -> None:
    async with client_with(Limits(max_connections_per_origin=3)) as client, scripted(_slow) as upstream:

        async def one() -> bytes:
            return await (await upstream.ask(client)).read(MB)

        assert await asyncio.gather(*(one() for _ in range(20))) == [b"hello"] * 20
        assert len(upstream.links) == 3


async def test_those_who_wait_are_served_in_their_order() -> None:
    served: list[bytes] = []

    async def script(link: Link) -> None:
        while True:
            served.append((await link.request()).body)
            await link.send(OK)

    async with client_with(Limits(max_connections_per_origin=1)) as client, scripted(script) as upstream:
        await asyncio.gather(*(upstream.ask(client, b"%d" % n) for n in range(6)))
    assert served == [b"0", b"1", b"2", b"3", b"4", b"5"]


async def test_the_wait_for_a_connection_ends_with_the_connect_timeout() -> None:
    async with client_with(Limits(max_connections_per_origin=1)) as client:

        async def script(link: Link) -> None:
            await link.request()
            await link.until_gone()

        async with scripted(script) as upstream:
            busy = asyncio.create_task(upstream.ask(client))
            await asyncio.sleep(0.02)
            with pytest.raises(UpstreamError) as caught:
                await upstream.ask(client, timeouts=Timeouts(0.05, 5, 5))
            assert caught.value.code == "upstream_timeout"
            assert "all 1 connections were busy" in caught.value.message
            busy.cancel()
            await asyncio.gather(busy, return_exceptions=True)


async def test_the_last_used_is_used_first_and_the_surplus_is_closed() -> None:
    async with client_with(Limits(max_idle_per_origin=2)) as client, scripted(_watched) as upstream:
        await asyncio.gather(*(upstream.ask(client) for _ in range(4)))
        assert len(upstream.links) == 4
        await until(lambda: sum(link.gone.is_set() for link in upstream.links) == 2)
        for _ in range(5):
            await upstream.ask(client)
        assert len(upstream.links) == 4


async def _watched(link: Link) -> None:
    try:
        while True:
            await link.request()
            await asyncio.sleep(0.02)
            await link.send(OK)
    except (asyncio.IncompleteReadError, ConnectionError):
        link.gone.set()


async def test_a_stale_connection_at_full_pool_still_leaves_room_for_the_fresh_one() -> None:
    """Both kept connections die at their second request: the other one makes room for the retry."""

    async def script(link: Link) -> None:
        await link.request()
        await asyncio.sleep(0.02)
        await link.send(OK)
        await link.request()
        if link.number > 2:
            await link.send(OK)

    async with client_with(Limits(max_connections_per_origin=2)) as client, scripted(script) as upstream:
        await asyncio.gather(upstream.ask(client), upstream.ask(client))
        assert await (await upstream.ask(client)).read(MB) == b"hello"
        assert len(upstream.links) == 3


async def test_failures_give_their_slot_back() -> None:
    async def script(link: Link) -> None:
        await link.request()
        await asyncio.sleep(0.01)

    async with client_with(Limits(max_connections_per_origin=2)) as client, scripted(script) as upstream:
        outcomes = await asyncio.gather(*(upstream.ask(client) for _ in range(10)), return_exceptions=True)
        assert [getattr(o, "code", o) for o in outcomes] == ["upstream_cut"] * 10


async def test_a_request_that_cannot_be_sent_takes_no_slot() -> None:
    async with client_with(Limits(max_connections_per_origin=1)) as client, scripted(always(OK)) as upstream:
        permit = clear(Label.PUBLIC, Label.PUBLIC, upstream.origin.text, policy="a test")
        with pytest.raises(ValueError, match="control character"):
            await client.send(permit, upstream.request(headers=((b"x", b"a\r\nb"),)))
        assert upstream.links == []
        assert await (await upstream.ask(client)).read(MB) == b"hello"


async def test_refused_connects_give_their_slot_back() -> None:
    async with client_with(Limits(max_connections_per_origin=1)) as client:
        async with scripted(always(OK)) as upstream:
            pass
        for _ in range(3):
            with pytest.raises(UpstreamError, match="cannot be reached"):
                await upstream.ask(client, timeouts=Timeouts(1, 1, 1))


async def test_closing_the_client_ends_everything() -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
        await link.until_gone()

    async with client_with(Limits(max_connections_per_origin=1)) as client, scripted(script) as upstream:
        response = await upstream.ask(client)
        reading = asyncio.create_task(response.read(MB))
        waiting = asyncio.create_task(upstream.ask(client))
        await asyncio.sleep(0.02)
        await client.close()
        outcomes = await asyncio.gather(reading, waiting, return_exceptions=True)
        assert [getattr(o, "code", o) for o in outcomes] == ["upstream_cut", "upstream_unreachable"]
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        with pytest.raises(UpstreamError, match="shutting down"):
            await upstream.ask(client)


async def test_a_client_closed_before_its_first_request_opens_nothing() -> None:
    async with scripted(always(OK)) as upstream:
        client = Client()
        await client.close()
        with pytest.raises(UpstreamError, match="shutting down"):
            await upstream.ask(client, timeouts=SOON)
        assert upstream.links == []


async def test_who_needs_a_fresh_connection_is_not_kept_waiting_by_an_idle_one() -> None:
    async with scripted(_slow) as upstream:
        pool = Pool(upstream.origin, Limits(max_connections_per_origin=1), None)
        kept = await pool.obtain(5)
        await _finish(kept.begin(upstream.request(), HEAD, inf))
        fresh = await pool.obtain(5, fresh=True)
        assert fresh is not kept
        assert not kept.usable
        pool.close()


async def test_who_needs_a_fresh_connection_takes_the_slot_of_the_used_one_that_it_is_handed() -> None:
    async with scripted(_slow) as upstream:
        pool = Pool(upstream.origin, Limits(max_connections_per_origin=1), None)
        used = await pool.obtain(5)
        inbox = used.begin(upstream.request(), HEAD, inf)
        waiting = asyncio.create_task(pool.obtain(5, fresh=True))
        await _finish(inbox)
        assert await waiting is not used
        assert not used.usable
        with pytest.raises(UpstreamError, match="all 1 connections were busy"):
            await pool.obtain(0.05)
        pool.close()


async def _finish(inbox: Inbox) -> None:
    while not inbox.done:
        await inbox.arrival()
