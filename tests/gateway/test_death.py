"""Nothing acknowledged is lost: a real gateway process, killed without warning, or out of disk."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from tests.conftest import environment
from tests.gateway import upstream as up
from tests.gateway.house import Answer, hang_up, parse
from tests.waiting import HANGS_SECONDS, until

from freehold.ledger import LedgerReader, verify

REQUEST = json.dumps({"model": "support", "messages": [{"role": "user", "content": "hi"}]}).encode()
STREAMED = json.dumps(
    {"model": "support", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
).encode()


def config(url: str, sync: str) -> str:
    return f"""
[ledger]
sync = "{sync}"
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
[routes.support]
rent = "gpt"
"""


@contextmanager
def started(
    folder: Path, port: int, largest_file: int | None = None, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A gateway in a process group of its own, with more `variables` in its environment."""

    def limit() -> None:
        if largest_file is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    command = ["freehold", "serve", "--port", str(port)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(folder) | variables, stdout=log, stderr=log,
            start_new_session=True, preexec_fn=limit,  # noqa: PLW1509 - no threads before exec in this test
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(HANGS_SECONDS)


async def ask(port: int, body: bytes) -> Answer | None:
    """The answer, or `None` where the connection failed."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return None
    try:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\nconnection: close\r\n"
        writer.write(b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body))
        raw = await asyncio.wait_for(reader.read(), HANGS_SECONDS)
        return parse(raw) if raw else None
    except ConnectionError:
        return None
    finally:
        await hang_up(writer)


async def until_ready(port: int) -> None:
    async with asyncio.timeout(60):
        while (answer := await ask(port, REQUEST)) is None or answer.status != 200:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def until_deaf(port: int) -> None:
    """Until nobody takes a connection at this port: whoever served there stops."""
    async with asyncio.timeout(HANGS_SECONDS):
        with suppress(ConnectionError):
            while True:
                await hang_up((await asyncio.open_connection("127.0.0.1", port))[1])
                await asyncio.sleep(0.05)


async def recorded(folder: Path) -> set[str]:
    """Every request id that `freehold requests --json` knows."""
    process = await asyncio.create_subprocess_exec(
        "freehold", "requests", "--json", "--limit", "100000",
        cwd=folder, env=environment(folder), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    return {json.loads(line)["request_id"] for line in out.splitlines()}


async def test_every_acknowledged_request_is_in_the_ledger_after_kill_9(
    tmp_path: Path, free_port: int
) -> None:
    acknowledged: set[str] = set()

    async def client(port: int, body: bytes) -> None:
        while (answer := await ask(port, body)) is not None:
            if answer.status == 200 and answer.whole:
                acknowledged.add(answer.headers["x-request-id"])

    async def answers_both(exchange: up.Exchange) -> None:
        await (up.streams(*up.WHOLE) if b'"stream":true' in exchange.body else up.says())(exchange)

    async with up.upstream(answers_both) as server:
        (tmp_path / "freehold.toml").write_text(config(server.url, "process"))
        port = free_port
        for _ in range(3):
            with started(tmp_path, port) as process:
                await until_ready(port)
                before = len(acknowledged)
                clients = [asyncio.create_task(client(port, b)) for b in (REQUEST, STREAMED) * 4]
                await until(lambda: len(acknowledged) > before + 20)  # noqa: B023 - it is over before the next
                os.killpg(process.pid, signal.SIGKILL)
                await asyncio.wait_for(asyncio.gather(*clients), 60)
    assert len(acknowledged) > 60
    assert acknowledged <= await recorded(tmp_path)


async def test_what_was_sent_before_kill_9_is_in_the_ledger_and_its_log_though_nobody_answered(
    tmp_path: Path, free_port: int
) -> None:
    async with up.upstream(up.hangs) as silent:
        (tmp_path / "freehold.toml").write_text(config(silent.url, "process"))
        with started(tmp_path, free_port) as process:
            async with asyncio.timeout(60):
                while await ask(free_port, b"{}") is None:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
            asking = [asyncio.create_task(ask(free_port, body)) for body in (REQUEST, STREAMED)]
            await until(lambda: len(silent.requests) == 2)
            os.killpg(process.pid, signal.SIGKILL)
            await asyncio.gather(*asking)
        received = {sha256(exchange.body).hexdigest() for exchange in silent.requests}
    with LedgerReader.open(tmp_path / "freehold.db") as reader:
        lost = [record for record in reader.requests(10) if record.attempts]
    assert {
        attempt.sent and attempt.sent.digest for record in lost for attempt in record.attempts
    } == received
    assert {(record.status, record.cost_usd) for record in lost} == {(500, None)}
    verdict = verify(tmp_path / "freehold.db")
    assert (verdict.findings, verdict.sent) == ((), 2)


async def test_power_sync_answers_and_records(tmp_path: Path, free_port: int) -> None:
    async with up.upstream(up.says()) as server:
        (tmp_path / "freehold.toml").write_text(config(server.url, "power"))
        port = free_port
        with started(tmp_path, port):
            await until_ready(port)
            answers = await asyncio.gather(*(ask(port, REQUEST) for _ in range(20)))
    ids = {answer.headers["x-request-id"] for answer in answers if answer is not None}
    assert len(ids) == 20
    assert ids <= await recorded(tmp_path)


async def test_what_cannot_be_accounted_for_is_not_answered(tmp_path: Path, free_port: int) -> None:
    async with up.upstream(up.says()) as server:
        (tmp_path / "freehold.toml").write_text(config(server.url, "process"))
        port = free_port
        with started(tmp_path, port, largest_file=200_000):
            await until_ready(port)
            acknowledged: set[str] = set()
            answer = None
            for _ in range(600):
                answer = await ask(port, REQUEST)
                assert answer is not None
                if answer.status != 200:
                    break
                acknowledged.add(answer.headers["x-request-id"])
            assert answer is not None
            assert (answer.status, answer.error["code"]) == (503, "ledger_unavailable")
    assert acknowledged <= await recorded(tmp_path)


async def test_sigterm_lets_a_stream_finish(tmp_path: Path, free_port: int) -> None:
    stopped = asyncio.Event()

    async def slow(exchange: up.Exchange) -> None:
        await exchange.send(up.STREAM + up.framed(up.WHOLE[0]))
        await stopped.wait()
        await exchange.send(b"".join(map(up.framed, up.WHOLE[1:])) + up.LAST)

    async with up.upstream(up.says(), slow) as server:
        (tmp_path / "freehold.toml").write_text(config(server.url, "process"))
        port = free_port
        with started(tmp_path, port) as process:
            await until_ready(port)
            streaming = asyncio.create_task(ask(port, STREAMED))
            await until(lambda: b'"stream":true' in server.requests[-1].body.replace(b" ", b""))
            process.send_signal(signal.SIGTERM)
            await until_deaf(port)
            stopped.set()
            answer = await streaming
            assert answer is not None
            assert answer.whole
            assert answer.body.endswith(up.DONE)
            assert process.wait(HANGS_SECONDS) == 0
