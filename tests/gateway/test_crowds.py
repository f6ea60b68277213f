"""What many clients, or one that does not read, cost a real gateway process: memory, from outside."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from tests.gateway import upstream as up
from tests.gateway.house import hang_up
from tests.gateway.test_death import REQUEST, STREAMED, ask, config, started, until_ready

_FAT = up.chunk("x" * 60_000)


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_reader_that_does_not_read_costs_little_and_slows_nobody_else(tmp_path: Path) -> None:
    sent = 0

    async def pours(exchange: up.Exchange) -> None:
        """Plain requests are answered; a stream is as fat as the reader takes it, without end."""
        nonlocal sent
        if not exchange.json.get("stream"):
            await up.says()(exchange)
            return
        await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while True:
            await exchange.send(_FAT)
            sent += len(_FAT)

    async with up.upstream(pours) as backend:
        (tmp_path / "freehold.toml").write_text(config(backend.url, "process"))
        port = a_port()
        with started(tmp_path, port) as process:
            await until_ready(port)
            before = resident_mb(process.pid)
            loop = asyncio.get_running_loop()
            slow = socket.socket()
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            slow.settimeout(0)
            await loop.sock_connect(slow, ("127.0.0.1", port))
            head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: %d\r\n\r\n"
            await loop.sock_sendall(slow, head % len(STREAMED) + STREAMED)
            stood = -1
            async with asyncio.timeout(60):
                while sent != stood or not sent:
                    stood = sent
                    await asyncio.sleep(0.5)
            grown = resident_mb(process.pid) - before
            answer = await ask(port, REQUEST)
            assert answer is not None
            assert answer.status == 200
            assert grown < 10
            assert stood < 30_000_000  # what the buffers of two sockets and of the gateway hold
            slow.close()


async def test_connections_on_which_nothing_happens_cost_little(tmp_path: Path) -> None:
    """A fiftieth of what `bench/hold.py idle` opens, by the same bound for each: 15 KB."""
    async with up.upstream(up.says()) as backend:
        (tmp_path / "freehold.toml").write_text(config(backend.url, "process"))
        port = a_port()
        with started(tmp_path, port) as process:
            await until_ready(port)
            before = resident_mb(process.pid)
            crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
            for reader, writer in crowd:
                writer.write(b"GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n")
                await reader.readuntil(b'"ok"}')
            assert resident_mb(process.pid) - before < 200 * 0.015
            for _, writer in crowd:
                await hang_up(writer)
