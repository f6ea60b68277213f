"""The pictures of the documentation, taken from a gateway that runs.

`make pictures` puts them into docs/images; otherwise they are taken and thrown away, to see that they can be.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect
from tests.conftest import ROOT, Gateway, serving
from tests.console.browsing import PATIENCE_MS, chromium

from freehold.config import render_sample

IMAGES = ROOT / "docs" / "images"
WANTED = "FREEHOLD_PICTURES" in os.environ
MOST_BYTES = 300_000
SCALE = 1.5
TICKETS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("triage", "My order #48213 arrived broken. I need a replacement before Friday!", {}),
    ("triage", "Where is order 99120? It is two weeks late.", {"x-freehold-home": "rent"}),
    ("triage", "Please cancel order A-7719, there is no hurry.", {}),
    ("triage", "I cannot log in since yesterday.", {"x-freehold-home": "rent"}),
    ("triage", "You charged me twice for order 55102!", {"x-freehold-label": "personal"}),
    ("triage", "Send me the invoice for #48213.", {"x-freehold-label": "secret", "x-freehold-home": "rent"}),
    ("triage", "The heater from order 20031 smells of smoke!", {}),
    ("letters", "My parcel 77120 never came, and I wrote twice already.", {}),
    ("gpt", "hello", {}),
    ("letters", "Refund for order 10293 please.", {}),
    ("triage", "The app says error 500 when I pay.", {}),
    ("drafts", "My card 4111 1111 1111 1111 was charged twice; write to erika@firma-mueller.de", {}),
    ("letters", "Please refund 20 EUR to DE89 3704 0044 0532 0130 00.", {}),
)
# Beside the sample: a route whose rented model cannot be reached, so that its owned one steps in.
FAR = """
[models.far]
tenure   = "rented"
provider = "compatible"
url      = "http://127.0.0.1:9/v1"

[routes.letters]
rent = "far"
own  = "llama"
home = "rent"

[routes.drafts]
rent    = "far"
own     = "llama"
private = "redact"
"""


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with the sample's models, which was asked a few things."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "freehold.toml").write_text(render_sample() + FAR)
    with serving(folder, 8400 if WANTED else free_port()) as running:
        for route, text, headers in TICKETS:
            ask(running, route, text, headers)
        yield running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def ask(running: Gateway, route: str, text: str, headers: dict[str, str]) -> None:
    body = {"model": route, "stream": True, "messages": [{"role": "user", "content": text}]}
    connection = HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    connection.getresponse().read()
    connection.close()


async def overview(page: Page) -> None:
    await expect(page.locator("table.requests tbody tr")).to_have_count(min(len(TICKETS), 12))


async def playground(page: Page) -> None:
    await page.click("#send")
    for home in ("own", "rent"):
        await expect(page.locator(f"#side-{home} .figures")).to_contain_text("story", timeout=PATIENCE_MS)
    await page.evaluate("document.activeElement.blur()")


async def one_request(page: Page) -> None:
    """The story of the letter that the far model did not answer."""
    await page.locator("tr", has_text="letters").first.locator("a").click()
    await expect(page.locator("svg.timeline")).to_be_visible()


async def privacy(page: Page) -> None:
    await expect(page.locator("svg.flow")).to_be_visible()


async def tried(page: Page) -> None:
    await page.click("button.main")
    await expect(page.locator("mark").first).to_be_visible()


Shown = Callable[[Page], Awaitable[None]]
PICTURES: dict[str, tuple[str, str, int, Shown]] = {
    "overview": ("/", "light", 1106, overview),
    "overview-dark": ("/", "dark", 1106, overview),
    "playground": ("/playground?route=triage", "light", 830, playground),
    "privacy": ("/privacy", "light", 1400, privacy),
    "try": ("/privacy/try?route=drafts", "light", 1150, tried),
    "request": ("/requests?route=letters", "light", 860, one_request),
}


async def take(running: Gateway, folder: Path) -> None:
    async with chromium() as browser:
        for name, (path, scheme, height, show) in PICTURES.items():
            page = await browser.new_page(
                viewport=ViewportSize(width=1280, height=height),
                device_scale_factor=SCALE,
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            await page.goto(f"http://127.0.0.1:{running.port}{path}")
            await show(page)
            await page.screenshot(path=folder / f"{name}.png")
            await page.close()


def size(file: Path) -> tuple[int, int]:
    """Width and height, from a PNG's first chunk (https://www.w3.org/TR/png-3/#11IHDR)."""
    return struct.unpack(">II", file.read_bytes()[16:24])


def test_the_pictures_of_the_docs_can_be_taken_and_are_small(lived_in: Gateway, tmp_path: Path) -> None:
    folder = IMAGES if WANTED else tmp_path
    folder.mkdir(exist_ok=True)
    asyncio.run(take(lived_in, folder))
    for name, (_, _, height, _) in PICTURES.items():
        file = folder / f"{name}.png"
        assert size(file) == (1280 * SCALE, height * SCALE)
        assert file.stat().st_size < MOST_BYTES, f"{name}: {file.stat().st_size} bytes"


def test_the_docs_have_these_pictures_and_no_others() -> None:
    assert {file.stem for file in IMAGES.glob("*.png")} == set(PICTURES)
    for name, (_, _, height, _) in PICTURES.items():
        assert size(IMAGES / f"{name}.png") == (1280 * SCALE, height * SCALE)
