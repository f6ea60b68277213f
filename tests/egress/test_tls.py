"""TLS: the system's trust and one more file, names checked, no excuse accepted. Certificates by `openssl`."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest
from tests.egress.scripted import OK, Link, Upstream, once, scripted

from freehold.egress import Client, Origin
from freehold.errors import UpstreamError

MB = 1 << 20
HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate for `localhost`, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-noenc",
            ),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
def server(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


async def test_a_trusted_certificate_for_the_right_name_is_spoken_to(
    certificate: Path, server: ssl.SSLContext
) -> None:
    chosen: list[str | None] = []

    async def script(link: Link) -> None:
        chosen.append(link.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        while True:
            await link.request()
            await link.send(OK)

    client = Client(ca_file=certificate)
    async with scripted(script, tls=server, host="localhost") as upstream:
        for _ in range(3):
            assert await (await upstream.ask(client, b"x" * 500_000)).read(MB) == b"hello"
        await client.close()
    assert chosen == ["http/1.1"]


@pytest.mark.parametrize(
    ("trusting", "host", "words"),
    [(False, "localhost", "self-signed"), (True, "127.0.0.1", "IP address mismatch")],
    ids=["nobody vouches for it", "it is for another name"],
)
async def test_a_certificate_that_does_not_verify_is_refused_for_good(
    certificate: Path,
    server: ssl.SSLContext,
    trusting: bool,  # noqa: FBT001  # the case
    host: str,
    words: str,
) -> None:
    received: list[bytes] = []

    async def script(link: Link) -> None:
        received.append((await link.request()).head)

    client = Client(ca_file=certificate if trusting else None)
    async with scripted(script, tls=server, host=host) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, b"a secret")
        await client.close()
    assert (caught.value.code, caught.value.status, caught.value.retryable) == ("upstream_tls", 502, False)
    assert words.replace("-", " ") in caught.value.message.replace("-", " ")
    assert received == []


async def test_plain_http_behind_an_https_address_is_no_connection(certificate: Path) -> None:
    async def script(link: Link) -> None:
        await link.reader.read(10)
        await link.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    client = Client(ca_file=certificate)
    async with scripted(script) as plain:
        disguised = Upstream(Origin("https", "localhost", plain.origin.port))
        with pytest.raises(UpstreamError) as caught:
            await disguised.ask(client)
        await client.close()
    assert caught.value.code in {"upstream_tls", "upstream_unreachable"}


async def test_a_reader_that_leaves_closes_the_connection_under_tls_too(
    certificate: Path, server: ssl.SSLContext
) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(HALF)
        await link.until_gone()

    client = Client(ca_file=certificate)
    async with scripted(script, tls=server, host="localhost") as upstream:
        (await upstream.ask(client)).close()
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        await client.close()


async def test_a_cut_under_tls_is_a_cut(certificate: Path, server: ssl.SSLContext) -> None:
    client = Client(ca_file=certificate)
    async with scripted(once(HALF), tls=server, host="localhost") as upstream:
        response = await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await response.read(MB)
        await client.close()
    assert caught.value.code == "upstream_cut"
