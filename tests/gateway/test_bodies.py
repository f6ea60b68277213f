"""Many large bodies at once: what they take together is bounded, and small requests go on beside them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway, hang_up, parse
from tests.gateway.test_connection import SMALL, echo, serving
from tests.gateway.test_metrics import metrics
from tests.gateway.test_wire_through import rented
from tests.waiting import until

from freehold.gateway.bodies import Bodies

_MB = 1_000_000


async def begun(house: Gateway, size: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose body is on its way: all of it but one byte has been sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: {size}\r\n\r\n"
    writer.write(head.encode() + b" " * (size - 1))
    await writer.drain()
    return reader, writer


async def figure(house: Gateway, name: str) -> int:
    text = (await metrics(house)).body.decode()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


async def until_held(house: Gateway, least: int, most: int) -> None:
    async with asyncio.timeout(60):
        while not least <= await figure(house, "freehold_body_bytes") <= most:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def the_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    """Of a connection that the gateway ends."""
    async with asyncio.timeout(60):
        answer = parse(await reader.read())
    await hang_up(writer)
    return answer


async def test_a_large_body_beyond_what_may_be_held_is_a_503_and_small_ones_go_on(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as backend:
        config = f"[server]\nmax_body_bytes = {3 * _MB}\nmax_held_bytes = {5 * _MB}\n" + rented(backend.url)
        async with gateway(tmp_path, config) as house:
            first = await begun(house, 3 * _MB)
            await until_held(house, 3 * _MB - 1, 3 * _MB)
            second = await begun(house, 3 * _MB)  # the 2 MB that are left are not enough
            second[1].write(b" ")
            refused = await the_answer(*second)
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert refused.error["code"] == "server_overloaded"
            record = await house.record(refused)
            assert (record.status, record.attempts) == (503, ())
            assert await figure(house, "freehold_body_bytes") == 3 * _MB - 1
            assert await figure(house, "freehold_bodies_refused_total") == 1
            assert (await house.chat()).status == 200  # a small one
            await hang_up(first[1])
            await until_held(house, 0, 0)
            assert (await house.chat(content="x" * 2 * _MB)).status == 200


async def test_a_body_counts_until_its_answer_is_whole(tmp_path: Path) -> None:
    async with up.upstream(up.hangs) as backend:
        async with gateway(tmp_path, rented(backend.url)) as house:
            content = "x" * _MB
            asked = {"model": "support", "messages": [{"role": "user", "content": content}]}
            _, writer = await house.open("/v1/chat/completions", asked)
            await until(lambda: backend.requests)
            assert await figure(house, "freehold_body_bytes") > _MB
            await hang_up(writer)
            await until_held(house, 0, 0)


async def test_nothing_counts_any_more_once_it_was_answered_on_a_connection_that_goes_on() -> None:
    async with serving(echo) as (client, reception):
        for _ in range(3):
            client.writer.write(SMALL + SMALL)
            for _ in range(2):
                await client.said()
            assert reception.bodies.held == 0


async def test_where_small_ones_alone_are_too_much_they_are_refused_too() -> None:
    async with serving(echo) as (_, reception):
        bodies = reception.bodies
        bodies.held = bodies.most + bodies.most // 4 + 1
        assert bodies.too_many(1)


@given(st.lists(st.integers(1, 200_000), max_size=60), st.integers(70_000, 1_000_000))
def test_what_is_held_never_passes_the_bound_and_its_quarter(sizes: list[int], most: int) -> None:
    bodies = Bodies(most)
    for size in sizes:
        bodies.held += size
        if bodies.held > bodies.most and bodies.too_many(size):
            bodies.held -= size
        assert bodies.held <= most + most // 4
