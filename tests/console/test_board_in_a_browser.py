"""The report's one HTML file in a real browser: nothing cut off, nothing asked for, four sheets in print."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.console.browsing import chromium

from freehold.console import board
from freehold.costs import Price, Rates
from freehold.costs.decide import Owned, Question, Rented, Spread, Traffic, assumptions, decide
from freehold.costs.fleet import Promise

pytest.importorskip("numpy")

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fleet = Owned("llama", "fp8", "h100", 2, Spread(4.0, 5.0, 6.0), Spread(2.0, 2.5, 3.0))
    rented = Rented("openai/dear", Price(Rates(Decimal(3), Decimal(6)), "a test"))
    traffic = Traffic(Decimal(3_000_000), Decimal(500), Decimal(250), 3.0)
    decision = decide(Question(traffic, [rented], [fleet], assumptions(), worlds=400))
    made = board.board_report(
        board.Brief(decision, Promise(2.0, 0.1), AT, "freehold report", "freehold test")
    )
    path = tmp_path_factory.mktemp("board") / "board.html"
    path.write_text(board.as_html(made), "utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_cut_off_and_nothing_is_asked_for(page_file: Path, width: int, scheme: str) -> None:
    asked: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=True,
        )
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(page_file.as_uri())
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        paper = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        brightness = sum(int(each) for each in re.findall(r"\d+", paper)[:3])
        assert (brightness < 200) == (scheme == "dark")
        assert await page.locator("svg.chart").count() == 4
    assert asked == [page_file.as_uri()]


async def test_printed_it_has_a_sheet_for_each_page(page_file: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(page_file.as_uri())
        printed = await page.pdf(prefer_css_page_size=True, print_background=True)
    document = pdfium.PdfDocument(printed)
    assert len(document) == 4
    document.close()
