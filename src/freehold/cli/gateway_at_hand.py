"""The gateway that a command talks to: the one that writes this ledger, or one started for the while.

Does not know what is asked of it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from freehold.cli import llama_cpp
from freehold.cli.certificate import pair_of
from freehold.cli.errands import Tell, told_once
from freehold.cli.reading import read_settings
from freehold.config import Settings
from freehold.egress import Client, Origin, Request, Timeouts
from freehold.errors import FreeholdError, UpstreamError
from freehold.ledger import who_holds
from freehold.privacy import Label, clear

_START_SECONDS = 120.0
_STOP_SECONDS = 40.0
_LOOK_AGAIN_SECONDS = 0.05
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@contextmanager
def gateway_url(settings: Settings, given: str | None) -> Iterator[str]:
    """The URL of a ready gateway: as given, or of the running one, or of one that lives as long as this."""
    if given is not None:
        yield _on_this_machine(given)
        return
    running = url_of_holder(settings.ledger.path)
    if running is not None:
        yield running
        return
    click.echo("No gateway is running here; one is started for this command.", err=True)
    with _child(settings) as url:
        yield url


def _on_this_machine(url: str) -> str:
    try:
        origin, _ = Origin.parse(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from error
    if origin.host not in _LOOPBACK:
        raise click.BadParameter("`try` asks a gateway on this machine only", param_hint="--url")
    return url.rstrip("/").removesuffix("/v1")


def url_of_holder(ledger: Path, pid: int | None = None) -> str | None:
    """Where the process that writes the ledger listens; only if it is `pid`, where that is given."""
    holder = who_holds(ledger)
    if holder is None or (pid is not None and holder["pid"] != pid):
        return None
    url = holder["note"].get("url")
    return url if isinstance(url, str) else None


def client_for(settings: Settings | None, tell: Tell) -> Client:
    """A client for the gateway of these settings, and for any other; `tell` is told what leaves.

    The gateway that writes the ledger is known by its certificate, whatever name that is for; elsewhere names
    count, and the certificate is trusted beside the system's authorities.
    """
    pair = None if settings is None else pair_of(settings.server)
    if settings is None or pair is None:
        return Client(tell=tell)
    url = url_of_holder(settings.ledger.path)
    pinned = {} if url is None else {Origin.parse(url)[0].text: pair.cert}
    return Client(ca_file=pair.cert, pinned=pinned, tell=tell)


@contextmanager
def _child(settings: Settings) -> Iterator[str]:
    llama_cpp.require(read_settings(settings.path))
    arguments = ["serve", "--config", str(settings.path), "--host", "127.0.0.1", "--port", "0"]
    with tempfile.TemporaryFile("w+b") as told:
        child = subprocess.Popen(  # noqa: S603 - this very program, with arguments of our own
            [sys.executable, "-m", "freehold.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
        try:
            yield _wait_until_ready(child, settings, told)
        finally:
            _stop(child)


def _wait_until_ready(child: subprocess.Popen[bytes], settings: Settings, told: IO[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    tell = told_once(settings.ledger.path)
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise FreeholdError(f"the gateway did not start:\n{_text(told)}")
        url = url_of_holder(settings.ledger.path, child.pid)
        if url is not None and asyncio.run(_is_ready(url, settings, tell)):
            return url
        time.sleep(_LOOK_AGAIN_SECONDS)
    late = f"the gateway was not ready after {_START_SECONDS:.0f} seconds"
    raise FreeholdError(late, hint="`freehold serve` shows what it does")


async def _is_ready(url: str, settings: Settings, tell: Tell) -> bool:
    origin, _ = Origin.parse(url)
    permit = clear(Label.PUBLIC, Label.SECRET, origin.text, policy="try")
    timeouts = Timeouts(connect_seconds=1, first_byte_seconds=5)
    client = client_for(settings, tell)
    try:
        response = await client.send(permit, Request(origin, "GET", "/readyz", (), b"", timeouts))
        await response.read(65_536)
    except UpstreamError:
        return False
    finally:
        await client.close()
    return response.status == 200


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    os.kill(child.pid, signal.SIGTERM)
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _text(told: IO[bytes]) -> str:
    told.seek(0)
    return told.read().decode("utf-8", "replace").strip()
