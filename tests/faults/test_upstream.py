"""Every way in which an upstream fails, through one real gateway process: what the client sees, what is kept.

The process is killed without warning at the end; whatever was told to a client is in the ledger.
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, until_ready
from tests.gateway.test_death import started
from tests.waiting import until

from freehold.ledger import LedgerReader, Record

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # half-open sockets are the point here


@dataclass(frozen=True)
class Fault:
    """How the upstream behaves, and what a client is told; `said` is a part of the error's message."""

    name: str
    step: up.Step | None
    status: int
    code: str
    said: str
    stream: bool = False
    url: str | None = None


def raw(data: bytes) -> up.Step:
    """Sends bytes and closes."""

    async def step(exchange: up.Exchange) -> None:
        await exchange.send(data)
        exchange.writer.close()

    return step


SILENT = ("hanging", "silent")  # whose time runs out; the others are judged by what they do, however late
HTML = b"<html><body>Bad gateway, please come back later</body></html>"
HALF = (
    b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"id": "chatcmpl-1", '
)
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"

FAULTS = (
    Fault("down", None, 502, "upstream_unreachable", "could not be reached", url="http://127.0.0.1:9/v1"),
    Fault("hanging", up.hangs, 504, "upstream_timeout", "", url=None),
    Fault("no_dns", None, 502, "upstream_unreachable", "", url="http://no-such-host.invalid/v1"),
    Fault("rate_limiting", up.fails("429 Too Many Requests", "retry-after: 7\r\n"), 429, "c", "it broke"),
    Fault("overloaded", up.fails("503 Service Unavailable"), 503, "", ""),
    Fault("failing", up.fails("500 Oops"), 500, "", ""),
    Fault("cut_at_once", up.cuts, 502, "upstream_cut", ""),
    Fault("half_an_answer", raw(HALF), 502, "upstream_cut", ""),
    Fault("html", up.says(HTML, kind="text/html"), 502, "upstream_malformed", ""),
    Fault("garbage", raw(b"\x00\x01SSH-2.0 whatever\r\n\r\n"), 502, "upstream_malformed", ""),
    Fault("not_json", up.says(b'{"id": "chatcmpl'), 502, "upstream_malformed", ""),
    Fault("stream_cut_first", raw(EVENTS), 502, "upstream_cut", "", stream=True),
    Fault("stream_of_html", up.says(HTML, kind="text/html"), 502, "upstream_malformed", "", stream=True),
)


def config(urls: dict[str, str]) -> str:
    """A model and a route for each fault, without retries: what is seen is the fault itself."""
    tables = [
        f'[models.{name}-model]\ntenure = "rented"\nprovider = "compatible"\nurl = "{url}"\n'
        f"retries = 0\nbreaker = false\ntimeout_seconds = {1.0 if name in SILENT else 60.0}\n"
        f'[routes.{name}]\nrent = "{name}-model"\n'
        for name, url in urls.items()
    ]
    return "".join(tables)


@asynccontextmanager
async def real(folder: Path, port: int, text: str) -> AsyncIterator[Gateway]:
    """A gateway process over this config, killed at the end."""
    house = Gateway(cast("Any", None), port, folder / "freehold.toml")
    house.config.write_text(text)
    with started(folder, port) as process:
        await until_ready(house)
        yield house
        os.killpg(process.pid, signal.SIGKILL)


def kept(folder: Path) -> dict[str, Record]:
    with LedgerReader.open(folder / "freehold.db") as reader:
        return {record.request_id: record for record in reader.requests(10_000)}


async def test_every_fault_of_an_upstream_is_a_typed_error_and_a_record(
    tmp_path: Path, free_port: int
) -> None:
    answers: dict[str, Answer] = {}
    async with AsyncExitStack() as stack:
        urls = {
            fault.name: fault.url or (await stack.enter_async_context(up.upstream(fault.step or up.cuts))).url
            for fault in FAULTS
        }
        async with real(tmp_path, free_port, config(urls)) as house:
            for fault in FAULTS:
                answers[fault.name] = await house.chat(fault.name, stream=fault.stream)
    records = kept(tmp_path)
    for fault in FAULTS:
        answer = answers[fault.name]
        assert answer.whole, fault.name
        assert answer.status == fault.status, (fault.name, answer)
        assert answer.error["message"], fault.name
        assert answer.error["type"], fault.name
        if fault.code:
            assert answer.error["code"] == fault.code, (fault.name, answer.error)
        record = records[answer.headers["x-request-id"]]
        assert record.status == fault.status, fault.name
        assert [attempt.outcome for attempt in record.attempts] != ["ok"], fault.name
        assert record.attempts[0].error, fault.name
    assert answers["rate_limiting"].headers["retry-after"] == "7"


async def test_a_stream_that_breaks_after_its_first_event_ends_in_an_error_event_and_a_record(
    tmp_path: Path, free_port: int
) -> None:
    broken = {
        "cut": up.streams(up.chunk("hel"), end=False),
        "malformed": up.streams(up.chunk("hel"), b"data: {not json\n\n", pause_seconds=0.2),
        "silent": up.streams(up.chunk("hel"), pause_seconds=30),
    }
    async with AsyncExitStack() as stack:
        urls = {
            name: (await stack.enter_async_context(up.upstream(step))).url for name, step in broken.items()
        }
        async with real(tmp_path, free_port, config(urls)) as house:
            answers = {name: await house.chat(name, stream=True) for name in broken}
    records = kept(tmp_path)
    for name, answer in answers.items():
        assert answer.status == 200, name
        assert b"hel" in answer.body, name
        assert b'data: {"error"' in answer.body, name
        assert not answer.body.endswith(up.DONE), name
        record = records[answer.headers["x-request-id"]]
        assert record.error, name


@pytest.fixture
def untrusted(tmp_path: Path) -> ssl.SSLContext:
    """A server's context whose certificate nobody signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "1",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_an_upstream_whose_certificate_does_not_verify_gets_no_byte_of_the_request(
    tmp_path: Path, free_port: int, untrusted: ssl.SSLContext
) -> None:
    served = up.Upstream(up.says())
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=untrusted)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
    async with real(tmp_path, free_port, config({"unsure": url})) as house:
        answer = await house.chat("unsure")
    server.close()
    assert (answer.status, answer.error["code"]) == (502, "upstream_tls")
    assert served.requests == []
    assert kept(tmp_path)[answer.headers["x-request-id"]].status == 502


async def test_of_many_requests_at_a_half_open_circuit_one_is_sent(tmp_path: Path, free_port: int) -> None:
    refused = asyncio.Event()

    async def late(exchange: up.Exchange) -> None:
        await refused.wait()
        await up.streams(*up.WHOLE)(exchange)

    async with up.upstream(up.fails("500 Oops")) as rent:
        text = config({"gpt": rent.url}).replace("breaker = false", "breaker = true")
        async with real(tmp_path, free_port, text) as house:
            for _ in range(8):
                await house.chat("gpt")
            opened = len(rent.requests)
            assert opened < 8
            rent.steps[:] = [late]
            while True:
                asked = [asyncio.create_task(house.chat("gpt", stream=True)) for _ in range(20)]
                await until(lambda: sum(task.done() for task in asked) >= 19)  # noqa: B023 - it is over before the next
                if len(rent.requests) > opened:
                    break
                await asyncio.gather(*asked)  # the circuit is still open, and all were refused
                await asyncio.sleep(0.2)
            refused.set()
            answers = await asyncio.gather(*asked)
            assert len(rent.requests) == opened + 1
            assert sorted(answer.status for answer in answers) == [200] + [503] * 19
            assert all(int(a.headers["retry-after"]) >= 1 for a in answers if a.status == 503)
            assert (await house.chat("gpt", stream=True)).status == 200
