"""A real browser before a real gateway, and upstreams that say each piece when the test tells them to."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect
from tests.certificates import make_pair
from tests.gateway.house import Gateway, gateway
from tests.gateway.upstream import DONE, USAGE, Exchange, chunk, upstream

# Chromium as a service of the test alone: it asks nobody but this machine, whatever its makers would like.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PATIENCE_MS = 60_000

CONFIG = """\
[server]
port = 0
require_keys = {require_keys}

[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{rented}"
retries = 0
input_usd_per_million = 0.15
output_usd_per_million = 0.60

[models.llama]
tenure = "owned"
provider = "compatible"
url = "{owned}"
retries = 0
hourly_cost_usd = 0.6

[models.play]
tenure = "rented"
provider = "sandbox"
ttft_seconds = 0
tokens_per_second = 100000
price_as = "openai/gpt-4o-mini"

[routes.support]
rent = "gpt"
own = "llama"
home = "own"

[routes.rehearsal]
rent = "play"
own = "llama"
"""


class Speaker:
    """One upstream. Every answer streams what the test puts in; `hung_up` tells that the client left."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self.asked = 0
        self.hung_up = asyncio.Event()

    async def step(self, exchange: Exchange) -> None:
        self.asked += 1
        self.hung_up.clear()
        pieces = self.pieces
        await exchange.send(_SSE)
        leaving = asyncio.create_task(exchange.until_hung_up())
        speaking = asyncio.create_task(self._speak(exchange, pieces))
        await asyncio.wait((leaving, speaking), return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            self.hung_up.set()
        for task in (leaving, speaking):
            task.cancel()
        await asyncio.gather(leaving, speaking, return_exceptions=True)

    async def _speak(self, exchange: Exchange, pieces: asyncio.Queue[bytes]) -> None:
        while True:
            event = await pieces.get()
            await exchange.send(b"%x\r\n%b\r\n" % (len(event), event))
            if event == DONE:
                await exchange.send(b"0\r\n\r\n")
                return

    def forget(self) -> None:
        """What is said from now on is for requests to come: one under way takes no word of it."""
        self.pieces = asyncio.Queue()

    def say(self, *words: str) -> None:
        for word in words:
            self.pieces.put_nowait(chunk(word))

    def end(self) -> None:
        for event in (chunk(finish="stop"), USAGE, DONE):
            self.pieces.put_nowait(event)


@dataclass(slots=True)
class Stage:
    """A gateway between a browser and two upstreams."""

    browser: Browser
    gateway: Gateway
    rented: Speaker
    owned: Speaker
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.gateway.port}"


@dataclass(slots=True)
class Watched:
    """What a page asked for and complained about."""

    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser. The skip is listed at the end of a run."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("needs a browser: `make browser` installs Chromium where it may")
    arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    expect.set_options(timeout=PATIENCE_MS)  # a context's own patience is not that of what is expected
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def stage(
    browser: Browser, folder: Path, *, require_keys: bool = False, tls: bool = False
) -> AsyncIterator[Stage]:
    rented, owned = Speaker(), Speaker()
    async with upstream(rented.step) as far, upstream(owned.step) as near:
        text = CONFIG.format(rented=far.url, owned=near.url, require_keys=str(require_keys).lower())
        if tls:
            make_pair(folder)
            text = text.replace("port = 0", 'port = 0\ntls_cert = "cert.pem"\ntls_key = "key.pem"')
        async with gateway(folder, text) as running:
            yield Stage(browser, running, rented, owned, "https" if tls else "http")


@asynccontextmanager
async def page_on(stage: Stage, path: str, *, may_fail: bool = False, **context: Any) -> AsyncIterator[Page]:
    """A page, and at its end the assertion that all it asked for is here and that nothing was amiss.

    `may_fail`: the gateway is meant to refuse something, which the browser reports as an error of loading.
    """
    size = ViewportSize(width=1280, height=900)
    opened: BrowserContext = await stage.browser.new_context(viewport=size, **context)
    opened.set_default_timeout(PATIENCE_MS)
    page = await opened.new_page()
    try:
        with watching(page) as watched:
            await page.goto(stage.url + path)
            yield page
        assert [url for url in watched.asked if not url.startswith(f"{stage.url}/")] == []
        assert [said for said in watched.complaints if not (may_fail and "status of" in said)] == []
    finally:
        await opened.close()


@contextmanager
def watching(page: Page) -> Iterator[Watched]:
    watched = Watched()
    page.on("request", lambda request: watched.asked.append(request.url))
    page.on(
        "console",
        lambda message: (
            watched.complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    yield watched
