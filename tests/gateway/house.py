"""A real gateway on a real socket, in the test's own loop, over a config text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.waiting import HANGS_SECONDS

from freehold.cli.reading import read_settings
from freehold.cli.running import Running, run
from freehold.gateway import bind
from freehold.ledger import LedgerReader, Record


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["error"]
        return found


@dataclass
class Gateway:
    running: Running
    port: int
    config: Path

    async def open(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None, method: str = ""
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send one request; what comes back is the caller's to read."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        verb = method or ("GET" if body is None else "POST")
        lines = [f"{verb} {path} HTTP/1.1", "host: test", "connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines += [f"content-length: {len(raw)}", "", ""]
        writer.write("\r\n".join(lines).encode() + raw)
        await writer.drain()
        return reader, writer

    async def ask(self, path: str, body: Any = None, method: str = "", **headers: str) -> Answer:
        """One request and its whole answer, read to the end of the connection."""
        reader, writer = await self.open(
            path, body, {n.replace("_", "-"): v for n, v in headers.items()}, method
        )
        try:
            return parse(await asyncio.wait_for(reader.read(), HANGS_SECONDS))
        finally:
            await hang_up(writer)

    async def chat(self, model: str = "support", *, content: Any = "hi", **fields: Any) -> Answer:
        headers = fields.pop("headers", {})
        body = {"model": model, "messages": [{"role": "user", "content": content}]} | fields
        return await self.ask("/v1/chat/completions", body, **headers)

    async def records(self) -> list[Record]:
        """Newest first."""

        def read() -> list[Record]:
            with LedgerReader.open(self.running.ledger_path) as reader:
                return list(reader.requests(1000))

        return await asyncio.to_thread(read)

    async def record(self, answer: Answer) -> Record:
        """The record behind an answer."""
        return next(r for r in await self.records() if r.request_id == answer.headers["x-request-id"])


async def until_ready(house: Gateway) -> None:
    """Until another process answers at the gateway's port."""
    async with asyncio.timeout(HANGS_SECONDS):
        while True:
            try:
                if (await house.ask("/readyz")).status == 200:
                    return
            except ConnectionError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever the other side did to it."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def parse(raw: bytes) -> Answer:
    """An HTTP/1.1 answer, dechunked; `whole` tells whether its framing ended properly."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") != "chunked":
        return Answer(
            int(first.split()[1]), headers, rest, len(rest) == int(headers.get("content-length", 0))
        )
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            return Answer(int(first.split()[1]), headers, body, whole=True)
        body += rest[:count]
        rest = rest[count + 2 :]
    return Answer(int(first.split()[1]), headers, body, whole=False)


@asynccontextmanager
async def gateway(folder: Path, config: str) -> AsyncIterator[Gateway]:
    """Serve `config` from `folder` until the end of the block; the ledger stays for reading."""
    path = folder / "freehold.toml"
    path.write_text(config)
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(run(path, read_settings(path), listener, ready.set_result))
    await asyncio.wait(
        (serving, asyncio.ensure_future(ready)), return_when=asyncio.FIRST_COMPLETED, timeout=HANGS_SECONDS
    )
    if serving.done():
        serving.result()
    running = ready.result()
    try:
        yield Gateway(running, port, path)
    finally:
        running.stop()
        await asyncio.wait_for(serving, HANGS_SECONDS)
