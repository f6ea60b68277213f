"""Where a model is, is the operator's business: in the record, and in no answer to a client."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import pytest
from tests.certificates import make_pair
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway, hang_up


def config(url: str) -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
retries = 1
breaker = false
attempt_seconds = 0.5

[routes.support]
rent = "gpt"
"""


async def failed(house: Gateway, address: str, *, stream: bool = False) -> str:
    """What the client saw: nothing of the address, which the attempts in the ledger tell."""
    body = {"model": "support", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
    reader, writer = await house.open("/v1/chat/completions", body)
    try:
        raw = (await asyncio.wait_for(reader.read(), 20)).decode()
    finally:
        await hang_up(writer)
    assert address not in raw
    assert "127.0.0.1" not in raw
    (record,) = await house.records()
    assert address not in record.reason
    assert record.attempts
    assert all(address in (attempt.error or "") for attempt in record.attempts)
    assert address in (record.error or "")
    return raw


async def test_one_that_is_down(tmp_path: Path, free_port: int) -> None:
    address = f"127.0.0.1:{free_port}"
    async with gateway(tmp_path, config(f"http://{address}/v1")) as house:
        said = await failed(house, address)
    assert "The model's server cannot be reached." in said
    assert "gpt failed 2 times: The model's server cannot be reached." in said


@pytest.mark.parametrize("step", [up.cuts, up.hangs])
async def test_one_that_breaks_off_or_is_silent(tmp_path: Path, step: up.Step) -> None:
    async with up.upstream(step) as server:
        async with gateway(tmp_path, config(server.url)) as house:
            await failed(house, server.url.removeprefix("http://").removesuffix("/v1"))


async def test_one_that_speaks_no_http(tmp_path: Path) -> None:
    async def garbage(exchange: up.Exchange) -> None:
        await exchange.send(b"hello\r\n\r\n")
        exchange.writer.close()

    async with up.upstream(garbage) as server:
        async with gateway(tmp_path, config(server.url)) as house:
            said = await failed(house, server.url.removeprefix("http://").removesuffix("/v1"))
    assert "did not answer in HTTP/1.1" in said


async def test_one_whose_certificate_is_another_hosts(tmp_path: Path) -> None:
    make_pair(tmp_path, hosts=["internal.example"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, gateway(tmp_path, config(f"https://{address}/v1")) as house:
        said = await failed(house, address)
    assert "The TLS connection to the model's server was refused." in said
    assert "internal.example" not in said


async def test_a_stream_that_is_cut_after_its_beginning(tmp_path: Path) -> None:
    async with up.upstream(up.streams(up.chunk("hel"), end=False)) as server:
        async with gateway(tmp_path, config(server.url)) as house:
            said = await failed(house, server.url.removeprefix("http://").removesuffix("/v1"), stream=True)
    event = said.rpartition("data: ")[2].partition("\n")[0]
    assert "The connection to the model's server was cut" in json.loads(event)["error"]["message"]
