"""`Rent or own` in a real browser before a real gateway, answered by the gateway's other process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib.util import find_spec

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from tests.console.browsing import PATIENCE_MS, Stage, chromium, page_on, stage

NEEDED = pytest.mark.skipif(
    find_spec("numpy") is None or find_spec("duckdb") is None, reason="needs [decide]"
)
pytestmark = [pytest.mark.asyncio(loop_scope="module"), NEEDED]

ASKED = "/rent-or-own?use_case=support&requests=2M&rent=openai/gpt-4o-mini&own=llama-3.1-8b&gpu_usd=2.5"
MOVE = """([name, value]) => {
  const slider = document.querySelector(`input[data-for=${name}]`);
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
LONG_MS = 3 * PATIENCE_MS  # a first answer simulates fleets


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium())
        folder = tmp_path_factory.mktemp("board")
        yield await stack.enter_async_context(stage(browser, folder))


async def answered(page: Page) -> None:
    await expect(page.locator('[data-part="picture"] svg')).to_be_visible(timeout=LONG_MS)


async def test_a_slider_that_moves_redraws_the_page_and_the_address(here: Stage) -> None:
    async with page_on(here, ASKED) as page:
        await answered(page)
        await expect(page.locator("h1")).to_contain_text("Keep renting")
        await page.evaluate("window.thisVeryPage = true")
        for at in (7.0, 7.5, 8.0, 9.5):
            await page.evaluate(MOVE, ["requests", at])
        await expect(page.locator("figure svg").first).to_contain_text("today: 3.16 billion", timeout=LONG_MS)
        assert "requests=3160000000" in page.url
        assert await page.evaluate("window.thisVeryPage")
        await expect(page.locator("#f-requests")).to_have_value("3160000000")
        await page.evaluate(MOVE, ["peak", 1])
        await expect(page.locator(".lede")).to_contain_text("the peak is 10 times", timeout=LONG_MS)
        await expect(page.locator("#utilisation")).to_contain_text("10 % of the fleet")


async def test_an_address_that_is_sent_shows_the_same_and_back_undoes(here: Stage) -> None:
    async with page_on(here, f"{ASKED}&people=4000") as page:
        await answered(page)
        sent = await page.locator("h1").inner_text()
        await expect(page.locator("#f-people")).to_have_value("4000")
        await page.fill("#f-people", "0")
        await page.locator("#f-people").press("Enter")
        await expect(page.locator("h1")).not_to_have_text(sent, timeout=LONG_MS)
        assert "people=0" in page.url
        await page.go_back()
        await expect(page.locator("h1")).to_have_text(sent, timeout=LONG_MS)
        await expect(page.locator("#f-people")).to_have_value("4000")


async def test_only_the_latest_question_is_drawn(here: Stage) -> None:
    async with page_on(here, ASKED, may_fail=True) as page:
        await answered(page)
        for power in (6.1, 6.4, 6.9, 7.3, 7.7):
            await page.evaluate(MOVE, ["requests", power])
            await page.wait_for_timeout(120)
        await expect(page.locator("figure svg").first).to_contain_text("today: 50.1 million", timeout=LONG_MS)
        await expect(page.locator("#doing")).to_have_text("", timeout=LONG_MS)
        await expect(page.locator(".lede")).to_contain_text("50.1 million")


async def test_the_sliders_are_moved_by_keys(here: Stage) -> None:
    async with page_on(here, ASKED) as page:
        await answered(page)
        before = await page.locator(".lede").inner_text()
        await page.locator("input[data-for=requests]").focus()
        for _ in range(5):
            await page.keyboard.press("ArrowRight")
        await expect(page.locator(".lede")).not_to_have_text(before, timeout=LONG_MS)
        assert await page.evaluate("document.activeElement.dataset.for") == "requests"


async def test_without_scripts_the_page_waits_for_its_answer_and_the_form_redraws_it(here: Stage) -> None:
    async with page_on(here, ASKED, java_script_enabled=False) as page:
        await page.wait_for_url(re.compile("wait=yes"), timeout=LONG_MS)
        await expect(page.locator("h1")).to_contain_text("Keep renting", timeout=LONG_MS)
        await page.fill("#f-requests", "5M")
        await page.click("text=Redraw")
        await expect(page.locator(".lede")).to_contain_text("5 million requests", timeout=LONG_MS)


async def test_a_question_without_an_answer_is_told_in_place_and_can_be_mended(here: Stage) -> None:
    async with page_on(here, ASKED) as page:
        await answered(page)
        await page.fill("input[name=own]", "llama-99")
        await page.locator("input[name=own]").press("Enter")
        await expect(page.locator("h1")).to_have_text("This question has no answer.", timeout=LONG_MS)
        await page.fill("input[name=own]", "llama-3.1-8b")
        await page.locator("input[name=own]").press("Enter")
        await answered(page)


async def test_the_gateway_answers_while_the_page_reckons(here: Stage) -> None:
    async with page_on(here, "/rent-or-own?use_case=documents&own=llama-3.1-70b&requests=2M") as page:
        here.owned.say("at once")
        here.owned.end()
        answer = await here.gateway.chat("support", stream=True)
        assert answer.status == 200
        await answered(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
async def test_nothing_is_wider_than_the_window(here: Stage, scheme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    async with page_on(here, ASKED, color_scheme=scheme) as page:
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        await answered(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
