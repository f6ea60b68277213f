"""After any mixture of answers, failures and departures, everything is as it was before."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref
from pathlib import Path

import pytest
from tests.egress.scripted import OK, Link, client_with, once, scripted
from tests.waiting import until

from freehold.egress import Client, Limits, Timeouts
from freehold.egress.connection import Connection
from freehold.errors import UpstreamError

MB = 1 << 20
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"


async def _chaos(link: Link) -> None:
    """Answers, stalls, cuts, resets and rambles as the request asks."""
    while True:
        wish = (await link.request()).body[:1]
        if wish == b"a":
            await link.send(OK)
        elif wish == b"c":
            await link.send(CHUNKED, b"0\r\n\r\n")
        elif wish == b"l":
            await link.send(OK + b"leftover")
        elif wish == b"g":
            await link.send(b"garbage\r\n\r\n")
        elif wish == b"h":
            await link.send(CHUNKED)
            return
        elif wish == b"r":
            link.reset()
            return
        elif wish == b"s":
            await asyncio.sleep(0.05)
            await link.send(OK)
        else:
            return


async def _ask(client: Client, ask: object, dice: random.Random) -> None:
    assert callable(ask)
    body = dice.choice(b"accllghrsx".decode()).encode() + b"x" * dice.choice([0, 10, 300_000])
    try:
        response = await ask(client, body, timeouts=Timeouts(1, 0.03, 0.03))
        match dice.randrange(3):
            case 0:
                await response.read(dice.choice([2, MB]))
            case 1:
                async for _ in response.chunks():
                    await asyncio.sleep(0)
            case _:
                response.close()
    except UpstreamError:
        pass


@pytest.mark.parametrize("seed", range(3))
async def test_no_slot_and_no_descriptor_is_lost(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # a seeded shuffle of cases, no secret
    before = _descriptors()
    async with client_with(Limits(max_connections_per_origin=4)) as client, scripted(_chaos) as upstream:
        for _ in range(15):
            tasks = [asyncio.create_task(_ask(client, upstream.ask, dice)) for _ in range(12)]
            for task in dice.sample(tasks, 4):
                await asyncio.sleep(dice.choice([0, 0, 0.001, 0.005]))
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(o is None or isinstance(o, asyncio.CancelledError) for o in outcomes), outcomes
        four = [upstream.ask(client, b"s") for _ in range(4)]
        assert [response.status for response in await asyncio.gather(*four)] == [200] * 4
    await until(lambda: _descriptors() <= before)


def _descriptors() -> int:
    """Sockets alone: event loops open others when they like."""
    folder = Path("/proc/self/fd")
    return sum(str(entry.readlink()).startswith("socket") for entry in folder.iterdir() if entry.is_symlink())


async def test_a_connection_is_gone_without_the_garbage_collector(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever churns through connections must not depend on how often a collector runs."""
    made: list[weakref.ref[Connection]] = []

    class Counted(Connection):
        __slots__ = ("__weakref__",)

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(weakref.ref(self))
            super().connection_made(transport)

    monkeypatch.setattr("freehold.egress.pool.Connection", Counted)
    gc.collect()
    gc.disable()
    try:
        async with scripted(once(OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))) as upstream:
            for _ in range(5):
                assert await (await upstream.ask(client)).read(MB) == b"hello"
        await until(lambda: not any(ref() is not None for ref in made))
    finally:
        gc.enable()
    assert len(made) == 5
