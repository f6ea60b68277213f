"""What one server takes at most: connections, requests, a client's patience. Over it there is an answer."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import gateway, hang_up
from tests.gateway.test_connection import SMALL, echo, serving
from tests.gateway.test_metrics import metrics
from tests.gateway.test_wire_through import rented
from tests.waiting import HANGS_SECONDS, until

from freehold.gateway.connection import Connection


async def test_an_overloaded_server_says_so_and_when_to_come_back() -> None:
    async with serving(echo) as (client, reception):
        reception.valve.most = 0
        client.writer.write(SMALL.replace(b"/a", b"/v1/chat/completions"))
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1\r\n" in head
        assert b"connection: close" not in head
        assert json.loads(body)["error"]["code"] == "server_overloaded"
        assert reception.valve.refused == 1
        assert not reception.tasks  # nobody worked for it


async def test_who_asks_again_before_the_time_is_read_only_after_it() -> None:
    async with serving(echo) as (client, reception):
        reception.valve.most = 0
        asked = SMALL.replace(b"/a", b"/v1/chat/completions")
        client.writer.write(asked + asked)  # the second is there already and is refused, too
        for _ in range(2):
            head, _ = await client.answer()
            assert head.startswith(b"HTTP/1.1 503 ")
        reception.valve.most = 1
        client.writer.write(asked)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), 0.2)
        reception.now += 1.5
        reception.wake_rested()
        assert (await client.said())["body"] == "hello"


async def test_an_overloaded_server_is_still_seen_to_be_healthy() -> None:
    async with serving(echo) as (client, reception):
        reception.valve.most = 0
        client.writer.write(b"GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n")
        assert (await client.said())["path"] == "/healthz"


async def test_a_large_request_to_an_overloaded_server_is_refused_before_it_is_read() -> None:
    async with serving(echo) as (client, reception):
        reception.valve.most = 0
        client.writer.write(
            b"POST /v1/embeddings HTTP/1.1\r\nhost: t\r\ncontent-length: 5000000\r\n\r\n" + b"x" * 200
        )
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"connection: close" in head
        assert json.loads(body)["error"]["type"] == "server_error"


async def test_a_reader_that_takes_nothing_for_long_is_cut_and_its_app_told() -> None:
    told = asyncio.Event()

    async def pour(scope: object, receive: object, send: object) -> None:
        del scope, receive
        assert callable(send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while not told.is_set():
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
                if not reception.connections:
                    told.set()
        finally:
            told.set()

    async with serving(pour) as (client, reception):
        client.writer.write(SMALL)
        await until(lambda: reception.connections)
        [connection] = reception.connections
        assert isinstance(connection, Connection)
        await until(lambda: connection.room is not None)  # the buffers of both sides are full
        await asyncio.sleep(0.1)
        connection.look(10.0)
        connection.look(60.0)
        assert reception.connections
        connection.look(80.0)
        async with asyncio.timeout(60):
            await told.wait()


async def test_a_connection_too_many_gets_503_at_once_and_the_others_go_on(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as backend:
        config = "[server]\nmax_connections = 3\n" + rented(backend.url)
        async with gateway(tmp_path, config) as house:
            held = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(2)]
            assert (await house.chat()).status == 200
            third = await asyncio.open_connection("127.0.0.1", house.port)
            async with asyncio.timeout(60):
                refused = await house.chat()
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert refused.error["code"] == "too_many_connections"
            assert refused.whole
            await hang_up(third[1])
            await asyncio.sleep(0.05)
            counted = (await metrics(house)).body.decode()
            assert "\nfreehold_connections_refused_total 1\n" in counted
            assert "\nfreehold_requests_shed_total 0\n" in counted
            for _, writer in held:
                await hang_up(writer)
            await asyncio.sleep(0.05)
            assert (await house.chat()).status == 200


async def test_a_flood_of_connections_is_turned_away_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as backend:
        config = "[server]\nmax_connections = 3\n" + rented(backend.url)
        async with gateway(tmp_path, config) as house:
            first = await asyncio.open_connection("127.0.0.1", house.port)
            before = open_files()
            flood = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(600)]
            for _, writer in flood:
                writer.close()
            await until(lambda: open_files() <= before + 5)
            await hang_up(first[1])
            assert (await house.chat()).status == 200


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_rented_model_with_too_much_to_do_is_not_asked_and_the_refusal_is_on_record(
    tmp_path: Path,
) -> None:
    async with up.upstream(up.hangs, up.says()) as backend:
        async with gateway(tmp_path, rented(backend.url, "max_requests = 1")) as house:
            reader, writer = await house.open("/v1/chat/completions", ASKED)
            await until(lambda: backend.requests)
            refused = await house.chat()
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
            assert refused.error["code"] == "model_overloaded"
            record = await house.record(refused)
            assert (record.status, len(record.attempts)) == (503, 0)
            await hang_up(writer)
            del reader


async def test_the_queue_of_an_owned_model_is_as_long_as_the_config_says(tmp_path: Path) -> None:
    async with up.upstream(up.hangs) as backend:
        async with gateway(tmp_path, OWNED.format(url=backend.url)) as house:
            first = await house.open("/v1/chat/completions", ASKED)
            second = await house.open("/v1/chat/completions", ASKED)
            await asyncio.sleep(0.3)
            refused = await house.chat()
            assert (refused.status, refused.error["code"]) == (503, "model_overloaded")
            assert refused.headers["retry-after"] == "1"
            for _, writer in (first, second):
                await hang_up(writer)


OWNED = """
[models.llama]
tenure = "owned"
provider = "compatible"
url = "{url}"
slots = 1
max_requests = 2

[routes.support]
own = "llama"
"""
ASKED = {"model": "support", "messages": [{"role": "user", "content": "hi"}]}


async def test_a_half_closed_client_has_left(tmp_path: Path) -> None:
    """TCP does not tell who ends one side from who ends both; nobody is kept working for the latter."""
    async with up.upstream(up.hangs) as backend:
        async with gateway(tmp_path, rented(backend.url)) as house:
            reader, writer = await house.open("/v1/chat/completions", ASKED)
            await until(lambda: backend.requests)
            async with asyncio.timeout(HANGS_SECONDS):
                writer.write_eof()
                await backend.requests[0].closed.wait()
                assert await reader.read() == b""
            await hang_up(writer)


def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1024));"
        "from freehold.gateway import open_files_allowed;"
        "print(open_files_allowed(), resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout == "1024 (1024, 1024)\n"
