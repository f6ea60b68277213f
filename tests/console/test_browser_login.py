"""Logging in and out in a real browser, over TLS, before a real gateway."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.console.browsing import chromium, page_on, stage
from tests.waiting import HANGS_SECONDS

from freehold.access import create_key, revoke_key

# As a proxy would say it; without it the browser is on loopback, and nothing is asked.
AWAY = {"x-forwarded-for": "10.0.0.7"}


async def enter(page: Page, secret: str) -> None:
    await page.get_by_label("Admin key").fill(secret)
    await page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_somebody_elsewhere_logs_in_looks_around_and_logs_out(tmp_path: Path, scheme: str) -> None:
    async with chromium() as browser, stage(browser, tmp_path, tls=True) as here:
        ledger = here.gateway.running.ledger_path
        key, secret = create_key(ledger, admin=True, who="test")
        elsewhere = {"extra_http_headers": AWAY, "ignore_https_errors": True, "color_scheme": scheme}
        async with page_on(here, "/requests?since=24h", may_fail=True, **elsewhere) as page:
            await expect(page.get_by_role("heading", name="This page asks for an admin key.")).to_be_visible()
            assert page.url == f"{here.url}/login?next=/requests%3Fsince%3D24h"
            await expect(page.get_by_label("Admin key")).to_be_focused()
            await expect(page.get_by_role("navigation")).to_have_count(0)
            await enter(page, "fh-wrong")
            await expect(page.get_by_role("alert")).to_have_text("This is not an admin key that works here.")
            await expect(page.get_by_label("Admin key")).to_have_value("")
            await enter(page, secret)
            await page.wait_for_url(f"{here.url}/requests?since=24h")
            (cookie,) = [c for c in await page.context.cookies() if c["name"].endswith("freehold")]
            assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (
                *("__Host-freehold", True, True, "Strict"),
            )
            assert await page.evaluate("document.cookie") == ""
            await page.get_by_role("link", name="Playground").click()
            await expect(page.get_by_role("heading", name="One question, both homes.")).to_be_visible()
            await page.get_by_role("button", name="Log out").click()
            await page.wait_for_url(f"{here.url}/login")
            await page.goto(f"{here.url}/playground")
            assert page.url.startswith(f"{here.url}/login")
            await enter(page, secret)
            await page.wait_for_url(f"{here.url}/playground")
            await asyncio.to_thread(revoke_key, ledger, key.id, who="test")
            async with asyncio.timeout(HANGS_SECONDS):
                while not page.url.startswith(f"{here.url}/login"):  # a gateway follows within a second
                    await asyncio.sleep(0.1)
                    await page.goto(f"{here.url}/")


async def test_somebody_on_the_machine_itself_is_asked_for_nothing(tmp_path: Path) -> None:
    async with chromium() as browser, stage(browser, tmp_path, tls=True) as here:
        async with page_on(here, "/", ignore_https_errors=True) as page:
            await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
            await expect(page.get_by_role("button", name="Log out")).to_have_count(0)
