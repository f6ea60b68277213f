"""A failing upstream as seen from here: which error, whether another try may help, what is tried again."""

from __future__ import annotations

import asyncio
import socket

import pytest
from tests.egress.scripted import OK, SOON, Link, Upstream, always, once, scripted, to_the_bitter_end

from freehold.egress import Client, Origin, Timeouts
from freehold.errors import UpstreamError

MB = 1 << 20
HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"
HALF_CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_an_upstream_that_is_down_is_unreachable(client: Client) -> None:
    upstream = Upstream(Origin("http", "127.0.0.1", _free_port()))
    with pytest.raises(UpstreamError) as caught:
        await upstream.ask(client)
    assert (caught.value.code, caught.value.status, caught.value.retryable) == (
        "upstream_unreachable",
        502,
        True,
    )
    assert upstream.origin.text in caught.value.message


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid"])
async def test_a_name_that_dns_does_not_know_is_unreachable(client: Client, host: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        await Upstream(Origin("http", host, 80)).ask(client)
    assert (caught.value.code, caught.value.status, caught.value.retryable) == (
        "upstream_unreachable",
        502,
        True,
    )


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_a_cut_before_the_head_is_an_error_that_may_be_retried(client: Client, how: str) -> None:
    async def script(link: Link) -> None:
        await link.request()
        if how == "rst":
            link.reset()

    async with scripted(script) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client)
        assert (caught.value.code, caught.value.status, caught.value.retryable) == ("upstream_cut", 502, True)
        assert len(upstream.links) == 1, "a fresh connection that dies is not retried here"


async def test_a_cut_within_the_head_is_a_cut(client: Client) -> None:
    async with scripted(once(b"HTTP/1.1 200 OK\r\ncontent-")) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client)
        assert caught.value.code == "upstream_cut"


@pytest.mark.parametrize("answer", [HALF, HALF_CHUNKED], ids=["sized", "chunked"])
@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_a_cut_body_is_never_a_clean_end(client: Client, answer: bytes, how: str) -> None:
    go_on = asyncio.Event()

    async def script(link: Link) -> None:
        await link.request()
        await link.send(answer)
        await go_on.wait()
        if how == "rst":
            link.reset()

    async with scripted(script) as upstream:
        response = await upstream.ask(client)
        seen, error = await to_the_bitter_end(response, on_piece=go_on.set)
        assert seen == [b"hello"]
        assert error.code == "upstream_cut"
        again = await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await again.read(MB)
        assert caught.value.code == "upstream_cut"


async def test_a_reset_never_ends_a_body_that_only_the_connection_ends(client: Client) -> None:
    go_on = asyncio.Event()

    async def script(link: Link) -> None:
        await link.request()
        await link.send(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        await go_on.wait()
        link.reset()

    async with scripted(script) as upstream:
        response = await upstream.ask(client)
        assert not response.framed
        seen, error = await to_the_bitter_end(response, on_piece=go_on.set)
        assert seen == [b"half"]
        assert error.code == "upstream_cut"


async def test_a_kept_connection_that_died_meanwhile_is_replaced_once_and_silently(client: Client) -> None:
    async def script(link: Link) -> None:
        """The first connection answers once, and dies on its second request without a byte."""
        await link.request()
        await link.send(OK)
        await link.request()
        if link.number > 1:
            await link.send(OK)

    async with scripted(script) as upstream:
        for _ in range(3):
            assert await (await upstream.ask(client, b"body")).read(MB) == b"hello"
        assert len(upstream.links) == 2


async def test_the_replacement_is_not_replaced_again(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        if link.number == 1:
            await link.send(OK)
            await link.request()

    async with scripted(script) as upstream:
        await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client)
        assert caught.value.code == "upstream_cut"
        assert len(upstream.links) == 2


async def test_a_kept_connection_that_dies_after_the_first_byte_is_not_replaced(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(OK)
        await link.request()
        await link.send(b"HTTP/1.1 200")

    async with scripted(script) as upstream:
        await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client)
        assert caught.value.code == "upstream_cut"
        assert len(upstream.links) == 1


async def test_a_silent_kept_connection_is_not_asked_twice(client: Client) -> None:
    """A timeout is not staleness: the upstream may well be working on the request."""

    async def script(link: Link) -> None:
        await link.request()
        await link.send(OK)
        await link.until_gone()

    async with scripted(script) as upstream:
        await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, timeouts=Timeouts(5, 0.1, 5))
        assert caught.value.code == "upstream_timeout"
        assert len(upstream.links) == 1


async def test_an_idle_connection_that_the_upstream_closes_leaves_the_pool(client: Client) -> None:
    async with scripted(once(OK)) as upstream:
        await upstream.ask(client)
        await asyncio.sleep(0.05)
        await upstream.ask(client)
        assert [link.number for link in upstream.links] == [1, 2]


async def test_bytes_that_nobody_asked_for_never_answer_the_next_request(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(OK)
        if link.number == 1:
            await asyncio.sleep(0.02)
            await link.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
        await link.until_gone()

    async with scripted(script) as upstream:
        await upstream.ask(client)
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)
        assert await (await upstream.ask(client)).read(MB) == b"hello"
        assert len(upstream.links) == 2


async def test_an_answer_over_the_limit_is_refused_and_its_connection_closed(client: Client) -> None:
    async def script(link: Link) -> None:
        await link.request()
        await link.send(b"HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n" + b"x" * 20_000)
        await link.until_gone()

    async with scripted(script) as upstream:
        response = await upstream.ask(client)
        with pytest.raises(UpstreamError) as caught:
            await response.read(10_000)
        assert (caught.value.code, caught.value.retryable) == ("upstream_too_large", False)
        await asyncio.wait_for(upstream.links[0].gone.wait(), 60)


async def test_an_answer_of_exactly_the_limit_is_read(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        assert await (await upstream.ask(client)).read(5) == b"hello"
        with pytest.raises(UpstreamError, match="larger than the 4 bytes"):
            await (await upstream.ask(client)).read(4)


async def test_an_error_never_repeats_what_was_sent(client: Client) -> None:
    async with scripted(once(b"garbage")) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await upstream.ask(client, b"a private question", timeouts=SOON)
        assert "private" not in f"{caught.value!r} {caught.value} {caught.value.__context__!r}"
