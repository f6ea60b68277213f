"""The pages in a real browser, before a real gateway."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect
from tests.cli.conftest import command, environment
from tests.console.browsing import PATIENCE_MS, Stage, chromium, page_on, stage
from tests.waiting import HANGS_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = [
    "/",
    "/?since=all",
    "/requests",
    "/requests?outcome=failed",
    "/playground",
    "/playground?route=support",
    "/rent-or-own?use_case=support&requests=40M&wait=yes",
    "/privacy?since=all",
    "/privacy/try?route=support",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One browser and one gateway for all tests; each asks what it needs."""
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium())
        folder = tmp_path_factory.mktemp("browser")
        yield await stack.enter_async_context(stage(browser, folder))


@pytest.fixture
def here(house: Stage) -> Stage:
    """Nothing that an earlier test left unsaid, or unread, is said in the next."""
    house.rented.forget()
    house.owned.forget()
    return house


async def shows(page: Page, home: str, text: str, part: str = ".answer") -> None:
    await expect(page.locator(f"#side-{home} {part}")).to_contain_text(text, timeout=PATIENCE_MS)


async def both_hung_up(here: Stage) -> None:
    """An upstream that is not told yet would speak what the next test says."""
    async with asyncio.timeout(HANGS_SECONDS):
        await here.owned.hung_up.wait()
        await here.rented.hung_up.wait()


async def one_answer(here: Stage) -> str:
    """A request that the owned model answers; its id."""
    here.owned.say("Your order is on its way.")
    here.owned.end()
    answer = await here.gateway.chat("support", stream=True)
    assert answer.status == 200
    return answer.headers["x-request-id"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_shown_without_an_error_and_asks_nobody_else(here: Stage, scheme: str) -> None:
    request_id = await one_answer(here)
    async with page_on(here, "/", color_scheme=scheme) as page:
        for path in (*PAGES, f"/requests/{request_id}"):
            await page.goto(here.url + path, wait_until="load")
            await expect(page.locator("h1")).to_be_visible()
        assert await page.title() == f"{request_id} · Freehold"


async def test_both_answers_grow_side_by_side_while_they_come(here: Stage) -> None:
    async with page_on(here, "/playground?route=support&q=Where+is+it%3F") as page:
        await page.click("#send")
        await shows(page, "own", "waiting for the first token", ".doing")
        await shows(page, "rent", "waiting for the first token", ".doing")
        here.rented.say("It left ")
        await shows(page, "rent", "It left ")
        await shows(page, "own", "waiting", ".doing")
        here.owned.say("Your parcel ")
        await shows(page, "own", "Your parcel ")
        here.owned.say("is here.")
        here.owned.end()
        await shows(page, "own", "Your parcel is here.")
        await shows(page, "own", "done", ".doing")
        await shows(page, "rent", "answering", ".doing")
        here.rented.say("today.")
        here.rented.end()
        await shows(page, "rent", "It left today.")
        await shows(page, "rent", "done", ".doing")
        await expect(page.locator("#stop")).to_be_disabled()


async def test_the_figures_of_each_side_are_the_ledgers(here: Stage) -> None:
    async with page_on(here, "/playground?route=support&q=hello") as page:
        await page.click("#send")
        for speaker in (here.rented, here.owned):
            speaker.say("hello")
            speaker.end()
        link = page.locator("#side-rent .figures a")
        await expect(link).to_be_visible(timeout=PATIENCE_MS)
        figures = await page.locator("#side-rent .figures").inner_text()
        await link.click()
        story = await page.locator("main").inner_text()
    request_id = next(word for word in story.split() if word.startswith("req_"))
    record = next(r for r in await here.gateway.records() if r.request_id == request_id)
    assert record.usage is not None
    assert f"{record.usage.input_tokens} → {record.usage.output_tokens}" in figures
    assert "0.000021 USD" in figures  # 100 × 0.15 + 10 × 0.60 for a million
    assert "simulated" not in figures
    assert record.reason in figures
    assert record.reason in story


async def test_what_the_sandbox_says_is_marked_as_simulated(here: Stage) -> None:
    async with page_on(here, "/playground?route=rehearsal&q=hello") as page:
        await page.click("#send")
        here.owned.say("hi")
        here.owned.end()
        await shows(page, "rent", "simulated", "header")
        await shows(page, "rent", "USD simulated", ".figures")
        await expect(page.locator("#side-own .mark")).to_be_hidden()


@pytest.mark.parametrize("how", ["button", "escape"])
async def test_stop_ends_both_answers_and_reaches_the_upstreams(here: Stage, how: str) -> None:
    async with page_on(here, "/playground?route=support&q=Tell+me+all") as page:
        await page.click("#send")
        here.owned.say("Once ")
        here.rented.say("Long ago ")
        await shows(page, "own", "Once")
        await shows(page, "rent", "Long ago")
        if how == "button":
            await page.click("#stop")
        else:
            await page.keyboard.press("Escape")
        for home in ("own", "rent"):
            await shows(page, home, "stopped", ".doing")
        await both_hung_up(here)
        await expect(page.locator("#stop")).to_be_disabled()
        await shows(page, "own", "Once")


async def test_a_home_that_fails_says_why_and_leaves_the_other_alone(here: Stage) -> None:
    async with page_on(here, "/playground?route=support&q=hello", may_fail=True) as page:
        await page.route("**/v1/chat/completions", raise_label)
        await page.click("#send")
        here.owned.say("kept at home")
        here.owned.end()
        await shows(page, "own", "kept at home")
        await shows(page, "own", "done", ".doing")
        await expect(page.locator("#side-rent .doing")).to_contain_text("secret", timeout=PATIENCE_MS)
        await expect(page.locator("#side-rent .doing")).to_have_class("doing bad")


async def raise_label(route: Route) -> None:
    """Sends a request of the page on as one that nothing rented may see."""
    await route.continue_(headers={**route.request.headers, "x-freehold-label": "secret"})


async def test_going_back_shows_the_question_and_what_was_answered(here: Stage) -> None:
    async with page_on(here, "/playground") as page:
        for question, said in (("First?", "Answer one."), ("Second?", "Answer two.")):
            await page.select_option("#route", "support")
            await page.fill("#question", question)
            await page.click("#send")
            for speaker in (here.owned, here.rented):
                speaker.say(said)
                speaker.end()
            for home in ("own", "rent"):
                await shows(page, home, "done", ".doing")
                await shows(page, home, "The whole story", ".figures")
        assert "q=Second" in page.url
        await page.go_back()
        await shows(page, "own", "Answer one.")
        await shows(page, "rent", "Answer one.")
        assert await page.input_value("#question") == "First?"
        assert "q=First" in page.url
        await page.go_forward()
        await shows(page, "own", "Answer two.")
        await page.go_back()
        await page.go_back()
        await expect(page.locator("#side-own .answer")).to_be_empty()
        await shows(page, "own", "not asked yet", ".doing")


async def test_a_link_to_a_question_opens_it_and_asks_nobody(here: Stage) -> None:
    before = (here.owned.asked, here.rented.asked)
    async with page_on(here, "/playground?route=support&q=What+is+new%3F") as page:
        assert await page.input_value("#question") == "What is new?"
        assert await page.input_value("#route") == "support"
        await expect(page.locator("#bills")).to_have_text("gpt bills real money.")
    assert (here.owned.asked, here.rented.asked) == before


async def test_filters_change_the_url_and_the_back_button_undoes_them(here: Stage) -> None:
    await one_answer(here)
    async with page_on(here, "/requests") as page:
        await page.select_option("select[name=model]", "llama")
        await page.wait_for_url("**/requests?model=llama")
        await expect(page.locator("h1")).to_contain_text("answered by llama")
        await page.select_option("select[name=outcome]", "failed")
        await page.wait_for_url("**/requests?model=llama&outcome=failed")
        await page.go_back()
        await expect(page.locator("select[name=outcome]")).to_have_value("")
        await expect(page.locator("select[name=model]")).to_have_value("llama")
        await page.go_back()
        assert page.url == f"{here.url}/requests"


FOCUSABLE = """() => [...document.querySelectorAll(
  'a[href], button:not(:disabled), input, select, textarea, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility()).length"""


async def test_a_text_is_tried_without_a_script_and_nobody_is_asked(here: Stage) -> None:
    async with page_on(here, "/privacy/try?route=support", java_script_enabled=False) as page:
        asked = (here.rented.asked, here.owned.asked)
        await page.fill("textarea", "My card is 4111 1111 1111 1111, thanks.")
        await page.click("button.main")
        await expect(page.locator("h1")).to_contain_text("personal")
        await expect(page.locator("mark")).to_contain_text("4111 1111 1111 1111")
        await expect(page.locator("[data-model=gpt] .doing")).to_contain_text("nothing")
        await expect(page.locator("[data-model=llama] .answer")).to_contain_text("4111 1111 1111 1111")
        assert page.url == f"{here.url}/privacy/try"
        assert (here.rented.asked, here.owned.asked) == asked


FOCUSED = """() => {
  const one = document.activeElement;
  const all = [...document.querySelectorAll('*')];
  const look = getComputedStyle(one);
  return one === document.body ? null
    : { place: all.indexOf(one), seen: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2 };
}"""


@pytest.mark.parametrize("path", ["/?since=all", "/requests", "/playground?route=support", "/privacy"])
async def test_the_keyboard_reaches_everything_and_shows_where_it_is(here: Stage, path: str) -> None:
    await one_answer(here)
    async with page_on(here, path) as page:
        if await page.locator("#live-pause").count():
            await page.click("#live-pause")  # nothing moves while it is counted
            await page.evaluate(
                "document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)"
            )
            await page.reload()
        wanted = await page.evaluate(FOCUSABLE)
        reached: set[int] = set()
        for _ in range(2 * wanted):
            await page.keyboard.press("Tab")
            focused = await page.evaluate(FOCUSED)
            if focused is None:
                break
            assert focused["seen"], await page.evaluate("document.activeElement.outerHTML")
            reached.add(focused["place"])
        assert len(reached) == wanted


async def test_a_question_is_asked_and_stopped_without_a_mouse(here: Stage) -> None:
    async with page_on(here, "/playground?route=support") as page:
        await page.focus("#question")
        await page.keyboard.press("Control+a")
        await page.keyboard.type("Is anybody there?")
        await page.keyboard.press("Control+Enter")
        here.owned.say("Yes, ")
        await shows(page, "own", "Yes,")
        await page.keyboard.press("Escape")
        await shows(page, "own", "stopped", ".doing")
        await shows(page, "rent", "stopped", ".doing")
    await both_hung_up(here)


CONTRASTS = """() => {
  const rgb = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const part = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = ({ r, g, b }) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255, a: 1 };
  };
  const words = (one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const shown = [...document.querySelectorAll('body *')].filter((one) => words(one) && one.checkVisibility());
  return shown.filter((one) => !one.closest(':disabled, option, .skip')).map((one) => {
    const look = getComputedStyle(one);
    const front = light(rgb(one.closest('svg') ? look.fill : look.color));
    const back = light(behind(one));
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    return [one.className.baseVal ?? one.className, one.textContent.trim().slice(0, 30), ratio];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_can_be_read_by_day_and_by_night(here: Stage, scheme: str) -> None:
    request_id = await one_answer(here)
    grounds = set()
    async with page_on(here, "/", color_scheme=scheme) as page:
        for path in (*PAGES, f"/requests/{request_id}"):
            await page.goto(here.url + path)
            contrasts = await page.evaluate(CONTRASTS)
            assert len(contrasts) > 15
            assert [found for found in contrasts if found[2] < 4.5] == []
            grounds.add(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds == {"rgb(251, 249, 244)" if scheme == "light" else "rgb(22, 21, 19)"}


async def test_nothing_moves_for_those_who_asked_for_stillness(here: Stage) -> None:
    running = "document.getAnimations().filter((one) => one.playState === 'running').length"
    for motion, moving in (("no-preference", 2), ("reduce", 0)):
        async with page_on(here, "/playground?route=support&q=wait", reduced_motion=motion) as page:
            await page.click("#send")
            for home in ("own", "rent"):
                await shows(page, home, "waiting", ".doing")
            assert await page.evaluate(running) == moving
            await page.click("#stop")
            await shows(page, "own", "stopped", ".doing")


async def test_the_overview_follows_what_happens_and_rests_when_told(here: Stage) -> None:
    async with page_on(here, "/") as page:
        await page.evaluate("window.thisVeryPage = true")
        await page.locator("section[data-live=last] h2 ~ p a").focus()
        request_id = await one_answer(here)
        await expect(page.locator(f"#{request_id}")).to_be_visible(timeout=PATIENCE_MS)
        assert await page.evaluate("window.thisVeryPage")
        assert await page.evaluate("document.activeElement.getAttribute('href')") == "/requests"
        await page.click("#live-pause")
        await expect(page.locator("#live-state")).to_have_text("paused")
        unseen = await one_answer(here)
        assert await page.locator(f"#{unseen}").count() == 0
        await page.click("#live-pause")
        await expect(page.locator(f"#{unseen}")).to_be_visible(timeout=PATIENCE_MS)


async def test_a_key_is_asked_for_and_kept_in_memory_alone(
    here: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    async with stage(here.browser, folder, require_keys=True) as locked:
        made = await asyncio.to_thread(
            subprocess.run, command("keys", "create", "--json"),
            cwd=folder, env=environment(), capture_output=True, check=True,
        )  # fmt: skip
        key = json.loads(made.stdout)["key"]
        async with page_on(locked, "/playground?route=support&q=hello", may_fail=True) as page:
            await page.click("#send")
            await shows(page, "own", "API key", ".doing")
            await page.fill("#key", key)
            await page.click("#send")
            for speaker in (locked.owned, locked.rented):
                speaker.say("let in")
                speaker.end()
            for side in ("own", "rent"):  # a page that is left in the middle of a stream may complain
                await shows(page, side, "let in")
            assert key not in page.url
            kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
            assert key not in await page.evaluate(kept)
            await page.reload()
            assert await page.input_value("#key") == ""


async def test_a_narrow_screen_scrolls_its_tables_and_not_the_page(here: Stage) -> None:
    await one_answer(here)
    async with page_on(here, "/") as page:
        await page.set_viewport_size({"width": 390, "height": 800})
        for path in ("/?since=all", "/requests", *PAGES[-4:]):
            await page.goto(here.url + path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [390, 800, 1200])
async def test_a_long_amount_of_money_stays_in_its_tile(here: Stage, width: int) -> None:
    await one_answer(here)
    async with page_on(here, "/") as page:
        await page.set_viewport_size({"width": width, "height": 800})
        await page.goto(here.url + "/?since=all")
        await page.locator(".tile b").nth(2).evaluate("it => it.textContent = '1,234,567,890,123.45 USD'")
        wide = "tiles => tiles.filter(tile => tile.scrollWidth > tile.clientWidth).length"
        assert await page.locator(".tile").evaluate_all(wide) == 0
