"""Nothing leaves without a permit for exactly that destination."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from tests.egress.scripted import OK, always, scripted

from freehold.egress import Client, DoorClosed, Origin
from freehold.errors import UpstreamError
from freehold.privacy import Label, Permit, clear


class _Lookalike(Permit):  # type: ignore[misc]  # what is tried
    """A subclass could overrule what it is compared by, and who may make it."""

    def __post_init__(self) -> None:
        return


def _forged(destination: str) -> list[object]:
    lookalike = _Lookalike(None, Label.PUBLIC, Label.SECRET, destination, "a test", b"", None, "")
    return [None, True, destination, SimpleNamespace(destination=destination), lookalike]


async def test_without_a_permit_not_even_a_connection_is_opened(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        for forged in _forged(upstream.origin.text):
            with pytest.raises(DoorClosed):
                await client.send(cast("Permit", forged), upstream.request())
        assert upstream.links == []


async def test_a_permit_for_another_destination_opens_nothing(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        port = upstream.origin.port
        others = [f"http://localhost:{port}", f"https://127.0.0.1:{port}", "http://127.0.0.1:1", "", "*"]
        for other in others:
            permit = clear(Label.PUBLIC, Label.SECRET, other, policy="a test")
            with pytest.raises(DoorClosed):
                await client.send(permit, upstream.request())
        assert upstream.links == []


async def test_a_permit_opens_its_destination(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        permit = clear(Label.PERSONAL, Label.SECRET, upstream.origin.text, policy="a test")
        assert (await client.send(permit, upstream.request())).status == 200


async def test_a_permit_for_other_bytes_opens_nothing(client: Client) -> None:
    async with scripted(always(OK)) as upstream:
        for cleared, sent in [(b"harmless", b"my card is 4111"), (b"", b"x"), (b"x", b""), (b"x", b"x ")]:
            permit = clear(Label.PUBLIC, Label.SECRET, upstream.origin.text, policy="a test", body=cleared)
            with pytest.raises(DoorClosed, match="not those"):
                await client.send(permit, upstream.request(sent))
        assert upstream.links == []


async def test_who_wants_to_be_told_is_told_before_anything_is_sent() -> None:
    """Somebody who cannot write it down keeps it from being sent."""
    told: list[Permit] = []

    async def tell(permit: Permit) -> None:
        told.append(permit)
        if permit.policy == "full disk":
            raise OSError("no room")

    client = Client(tell=tell)
    async with scripted(always(OK)) as upstream:
        origin = upstream.origin.text
        bad = clear(Label.PUBLIC, Label.PUBLIC, origin, policy="full disk", body=b"x")
        with pytest.raises(OSError, match="no room"):
            await client.send(bad, upstream.request(b"x"))
        assert upstream.links == []
        good = clear(Label.PUBLIC, Label.PUBLIC, origin, policy="a test", body=b"x")
        assert (await client.send(good, upstream.request(b"x"))).status == 200
        assert told == [bad, good]
    await client.close()


def test_a_closed_door_is_not_a_failing_upstream_and_so_never_retried() -> None:
    assert not issubclass(DoorClosed, UpstreamError)


def test_an_origin_cannot_claim_to_be_another() -> None:
    with pytest.raises(TypeError):
        Origin("http", "evil.example", 80, "https://api.openai.com:443")  # type: ignore[call-arg]  # the point
