"""The box to try a text tells the truth: what it says a model would receive is what the model receives.

And the text goes nowhere: no upstream, no ledger, no log.
"""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.conftest import environment
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway

EMAIL = "erika.mustermann@firma-mueller.de"
CONFIG = """
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{gpt}"
region = "eu"
retries = 0
[models.far]
tenure = "rented"
provider = "compatible"
url = "{far}"
region = "us"
clearance = "secret"
retries = 0
[models.llama]
tenure = "owned"
provider = "compatible"
url = "{llama}"
region = "eu"
retries = 0
[routes.keeps]
rent = "gpt"
own = "llama"
[routes.redacts]
rent = "gpt"
own = "llama"
private = "redact"
[routes.floored]
rent = "gpt"
own = "llama"
label = "personal"
private = "redact"
[routes.stays]
rent = ["gpt", "far"]
own = "llama"
regions = ["eu"]
[routes.open]
own = "llama"
"""


@dataclass(frozen=True)
class Told:
    status: int
    headline: str
    homes: dict[str, tuple[str, str]]
    page: str


def _post(port: int, route: str, text: str) -> Told:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/privacy/try")
    shown = connection.getresponse()
    page = shown.read().decode()
    token = page.partition('name="token" value="')[2].partition('"')[0]
    cookie = (shown.headers["set-cookie"] or "").partition(";")[0]
    form = urlencode({"token": token, "route": route, "text": text})
    headers = {"cookie": cookie, "content-type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/privacy/try", form, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    headline = " ".join(re.sub(r"<[^>]+>", "", page.partition("<h1>")[2].partition("</h1>")[0]).split())
    homes = {
        model: (doing, unescape(re.sub(r"<[^>]+>", "", got)))
        for model, doing, got in re.findall(
            r'data-model="(\w+)">.*?class="doing[^"]*">(\w+).*?class="answer"[^>]*>(.*?)</div>',
            page,
            re.DOTALL,
        )
    }
    return Told(answer.status, unescape(headline), homes, page)


def _get(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text


async def tries(house: Gateway, route: str, text: str) -> Told:
    return await asyncio.to_thread(_post, house.port, route, text)


async def serve(
    stack: AsyncExitStack, folder: Path, more: str = ""
) -> tuple[Gateway, dict[str, up.Upstream]]:
    ups = {name: await stack.enter_async_context(up.upstream(up.says())) for name in ("gpt", "far", "llama")}
    text = CONFIG.format(**{name: one.url for name, one in ups.items()})
    return await stack.enter_async_context(gateway(folder, more + text)), ups


@pytest.mark.parametrize(
    ("route", "text", "headline", "expected"),
    [
        ("keeps", "hello", "This would be a internal", {"gpt": "as", "llama": "as"}),
        ("keeps", f"I am {EMAIL}", "This would be a personal", {"gpt": "nothing", "llama": "as"}),
        ("redacts", f"I am {EMAIL}", "This would be a personal", {"gpt": "pseudonyms", "llama": "as"}),
        ("floored", f"I am {EMAIL}", "This would be a personal", {"gpt": "nothing", "llama": "as"}),
        ("stays", f"I am {EMAIL}", "This would be", {"gpt": "nothing", "far": "nothing", "llama": "as"}),
        ("open", f"I am {EMAIL}", "Nobody would look", {"llama": "as"}),
    ],
)
async def test_what_it_says_a_model_would_receive_is_what_the_model_receives(
    route: str, text: str, headline: str, expected: dict[str, str], tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        house, ups = await serve(stack, tmp_path)
        told = await tries(house, route, text)
        assert told.status == 200, told.page
        assert told.headline.startswith(headline.replace("a internal", "an internal"))
        assert {model: how for model, (how, _) in told.homes.items()} == expected
        assert all(one.requests == [] for one in ups.values())
        for home in ("rent", "own"):
            await house.chat(route, content=text, headers={"x-freehold-home": home})
    for model, (how, got) in told.homes.items():
        received = [exchange.json["messages"][0]["content"] for exchange in ups[model].requests]
        if how == "nothing":
            assert received == []
        elif how == "as":
            assert set(received) <= {got} == {text}
        else:
            assert re.fullmatch(r"I am \S+@example\.\w+", got)
            assert all(re.fullmatch(r"I am \S+@example\.\w+", one) for one in received)
    assert ups["llama"].requests


async def test_the_text_is_in_no_file_no_log_and_no_upstream(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = f"canary-{EMAIL} 4111 1111 1111 1111"
    async with AsyncExitStack() as stack:
        house, ups = await serve(stack, tmp_path, '[server]\nlog_requests = true\nlog_format = "json"\n')
        for route in ("keeps", "redacts", "open", "gpt"):
            told = await tries(house, route, text)
            assert told.status == 200
            assert f"canary-{EMAIL}" in told.page
        assert await house.records() == []
        metrics = (await house.ask("/metrics")).body.decode()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    for part in (EMAIL, "4111 1111", "canary", "4111+1111", "4111%201111"):
        assert part.encode() not in kept.replace((tmp_path / "freehold.toml").read_bytes(), b"")
        assert part not in caplog.text
        assert part not in metrics
    assert all(one.requests == [] for one in ups.values())


async def test_where_nothing_is_rented_a_rented_model_would_receive_nothing(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        house, _ = await serve(stack, tmp_path, "[server]\nown_only = true\n")
        told = await tries(house, "keeps", "hello")
    assert told.homes["gpt"] == ("nothing", "[server] own_only is set: nothing is rented.")
    assert told.homes["llama"][0] == "as"


async def test_a_detector_that_fails_is_said_and_counts_as_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.privacy import Scanner  # noqa: PLC0415 - beside its one use

    async with AsyncExitStack() as stack:
        house, _ = await serve(stack, tmp_path)

        def fails(*_: object) -> None:
            raise ValueError

        monkeypatch.setattr(Scanner, "spans", fails)
        told = await tries(house, "redacts", "hello")
    assert told.headline == "A detector failed or took too long: such a request counts as secret."
    assert {model: how for model, (how, _) in told.homes.items()} == {"gpt": "nothing", "llama": "as"}


async def test_what_was_learned_is_found_in_a_tried_text_and_named_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "freehold.toml").write_text(
        CONFIG.format(gpt="http://x/v1", far="http://x/v1", llama="http://x/v1")
    )
    (tmp_path / "projects.csv").write_text("project\nOperation Quillfeather\nBlue Marrowgate\n")
    learn = ("privacy", "learn", "projects.csv", "--column", "project", "--as", "PROJECT")
    await asyncio.to_thread(
        subprocess.run, ["freehold", *learn], cwd=tmp_path, env=environment(tmp_path), check=True
    )
    async with AsyncExitStack() as stack:
        house, _ = await serve(stack, tmp_path)
        told = await tries(house, "keeps", "When does Operation Quillfeather begin?")
        page = await asyncio.to_thread(_get, house.port, "/privacy/found.csv")
    assert told.headline == "This would be a personal request."
    assert "PROJECT,what was learned,personal,0,0,,false" in page
