"""The doctor against upstreams that are well, ill and hostile."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CONFIG, Ended, Freehold
from tests.cli.visits import LISTED, RENTED, SECRET, WELL, Visit, Visited, by_path, found
from tests.gateway.upstream import (
    ANSWER,
    DONE,
    WHOLE,
    Exchange,
    Step,
    Upstream,
    chunk,
    cuts,
    fails,
    hangs,
    says,
    streams,
    upstream,
)


@pytest.fixture
def visit(freehold: Freehold, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Has the doctor look at one rented model that `step` plays."""
    monkeypatch.setenv("UPSTREAM_KEY", SECRET)

    def visit_(
        step: Step,
        *options: str,
        more: str = "",
        path: str = "/v1",
        seen: list[Upstream] | None = None,
    ) -> Visited:
        async def go() -> Ended:
            async with upstream(step) as served:
                url = served.url.removesuffix("/v1") + path
                (folder / "freehold.toml").write_text(RENTED.format(url=url, more=more))
                ended = await asyncio.to_thread(freehold, "doctor", "--json", *options)
                if seen is not None:
                    seen.append(served)
                return ended

        ended = asyncio.run(go())
        assert SECRET not in ended.out + ended.err
        return ended, found(ended)

    return visit_


def test_a_model_that_is_well_has_every_check_good(visit: Visit) -> None:
    seen: list[Upstream] = []
    ended, checks = visit(WELL, seen=seen)
    assert ended.code == 0
    assert ended.json["good"] is True
    names = ["reachable", "key", "model", "price", "first token"]
    assert [checks["model gpt", name]["verdict"] for name in names] == ["good"] * 5
    assert checks["model gpt", "first token"]["seconds"] > 0
    listed, asked = seen[0].requests
    assert f"authorization: Bearer {SECRET}" in listed.head
    assert asked.json["max_tokens"] == 8
    assert asked.json["stream"] is True
    assert asked.json["model"] == "gpt-4o-mini"


def test_no_ask_looks_and_pays_nothing(visit: Visit) -> None:
    seen: list[Upstream] = []
    ended, checks = visit(WELL, "--no-ask", seen=seen)
    assert ended.code == 0
    assert [request.head.split()[0] for request in seen[0].requests] == ["GET"]
    assert ("model gpt", "first token") not in checks
    assert checks["model gpt", "model"]["said"] == "the upstream lists gpt-4o-mini"
    assert checks["model gpt", "key"]["verdict"] == "good"


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_key_that_is_not_accepted_is_a_finding_that_names_its_place(visit: Visit, status: str) -> None:
    ended, checks = visit(fails(status, message=f"Incorrect API key provided: {SECRET}"))
    assert ended.code == 1
    assert checks["model gpt", "key"]["verdict"] == "bad"
    assert checks["model gpt", "key"]["hint"] == "put a valid one into UPSTREAM_KEY"


def test_a_key_that_may_not_list_models_and_may_ask_is_good(visit: Visit) -> None:
    _, checks = visit(by_path(fails("403 Forbidden"), streams(*WHOLE)))
    assert checks["model gpt", "key"]["verdict"] == "good"
    assert checks["model gpt", "model"]["verdict"] == "good"


def test_a_model_that_the_upstream_does_not_know_is_told_with_the_nearest(visit: Visit) -> None:
    other = {"data": [{"id": "gpt-4o-mini-2024-07-18"}, {"id": "dall-e"}]}
    for options in ((), ("--no-ask",)):
        ended, checks = visit(by_path(says(other), fails("404 Not Found")), *options)
        assert ended.code == 1
        assert checks["model gpt", "model"]["verdict"] == "bad"
        assert checks["model gpt", "model"]["hint"] == "did you mean gpt-4o-mini-2024-07-18?"


@pytest.mark.parametrize("listed", [[{"id": "gpt-4o-mini"}], {"data": [{"id": "gpt-4o-mini:latest"}]}])
def test_lists_of_other_shapes_are_read_too(visit: Visit, listed: Any) -> None:
    _, checks = visit(by_path(says(listed), fails("500 Oops")), "--no-ask")
    assert checks["model gpt", "model"]["verdict"] == "good"


def test_an_address_that_is_no_api_says_that_url_may_lack_its_path(visit: Visit) -> None:
    page = says(b"<!doctype html><title>Welcome</title>", kind="text/html")
    ended, checks = visit(page, path="")
    assert ended.code == 1
    assert "/v1" in checks["model gpt", "reachable"]["hint"]


def test_nobody_at_the_address_is_a_finding_and_is_told_once(
    freehold: Freehold, config: Path, free_port: int
) -> None:
    config.write_text(CONFIG.replace("127.0.0.1:9/", f"127.0.0.1:{free_port}/"))
    ended = freehold("doctor", "--json")
    assert ended.code == 1
    bad = [(check["group"], check["name"]) for check in ended.json["checks"] if check["verdict"] == "bad"]
    assert bad == [("model llama", "reachable")]


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        (fails("500 Oops", message="the GPU\x1b[31m is on fire"), "the GPU"),
        (fails("429 Too Many Requests", message="You exceeded your current quota"), "quota"),
        (streams(chunk("h"), b'data: {"error": {"message": "broke off"}}\n\n'), "broke off"),
        (streams(b"data: {nonsense\n\n"), "not JSON"),
        (streams(), "without a single event"),
        (says(b"<html>hello</html>", kind="text/html"), "without a single event"),
        (streams(chunk("h"), end=False), "cut"),
        (cuts, "cut"),
    ],
)
def test_an_answer_that_goes_wrong_is_a_finding_in_words(visit: Visit, chat: Step, said: str) -> None:
    ended, checks = visit(by_path(says(LISTED), chat))
    assert ended.code == 1
    check = checks["model gpt", "first token"]
    assert check["verdict"] == "bad"
    assert said in check["said"]
    assert check["said"].isprintable()


def test_an_upstream_that_hangs_is_given_up(visit: Visit) -> None:
    for step in (hangs, by_path(says(LISTED), hangs)):
        ended, checks = visit(step, "--timeout", "0.3")
        assert ended.code == 1
        assert "timed out" in checks["model gpt", "first token"]["said"]
        assert checks["model gpt", "first token"]["hint"] == "--timeout SECONDS waits longer"


def test_a_model_that_takes_only_the_new_name_of_the_bound_is_asked_by_it(visit: Visit) -> None:
    async def chat(exchange: Exchange) -> None:
        if "max_tokens" in exchange.json:
            refusal = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            await fails("400 Bad Request", message=refusal)(exchange)
        else:
            await streams(*WHOLE)(exchange)

    ended, checks = visit(by_path(says(LISTED), chat))
    assert ended.code == 0
    assert checks["model gpt", "first token"]["verdict"] == "good"


def test_a_model_of_embeddings_alone_is_asked_for_one(visit: Visit) -> None:
    seen: list[Upstream] = []
    ended, checks = visit(by_path(says(LISTED), says(ANSWER)), more='can = ["embeddings"]', seen=seen)
    assert ended.code == 0
    assert "embeddings" in seen[0].requests[-1].head
    assert checks["model gpt", "first token"]["verdict"] == "good"


def test_a_model_that_can_nothing_we_could_ask_for_is_looked_up_alone(visit: Visit) -> None:
    seen: list[Upstream] = []
    ended, checks = visit(WELL, more='can = ["tools"]', seen=seen)
    assert ended.code == 0
    assert [request.head.split()[0] for request in seen[0].requests] == ["GET"]
    assert checks["model gpt", "model"]["verdict"] == "good"


@pytest.mark.parametrize(("behind", "verdict"), [(0, "good"), (20, "good"), (90, "bad"), (-90, "bad")])
def test_a_clock_that_is_wrong_is_a_finding(visit: Visit, behind: int, verdict: str) -> None:
    theirs = format_datetime(datetime.now(UTC) + timedelta(seconds=behind), usegmt=True)
    listing = says(LISTED, headers=f"date: {theirs}\r\n")
    ended, checks = visit(by_path(listing, streams(*WHOLE)))
    assert checks["machine", "clock"]["verdict"] == verdict
    assert ended.code == (0 if verdict == "good" else 1)
    if verdict == "bad":
        assert ("behind" if behind > 0 else "ahead of") in checks["machine", "clock"]["said"]


def test_one_upstream_with_a_wrong_clock_is_told_apart_from_ours_being_wrong(visit: Visit) -> None:
    _, checks = visit(by_path(says(LISTED, headers="date: yesterday\r\n"), streams(*WHOLE)))
    assert checks["machine", "clock"]["verdict"] == "skipped"


def test_what_the_upstream_says_that_it_cannot_is_compared_with_the_config(visit: Visit) -> None:
    entry = {
        "id": "gpt-4o-mini",
        "max_context_length": 32_768,
        "capabilities": {"function_calling": False, "completion_chat": True, "vision": False},
    }
    ended, checks = visit(by_path(says({"data": [entry]}), streams(*WHOLE)), more="context_tokens = 128_000")
    assert ended.code == 0
    assert checks["model gpt", "context"]["verdict"] == "odd"
    assert checks["model gpt", "context"]["hint"] == "context_tokens = 32768"
    assert "images, tools" in checks["model gpt", "can"]["said"]


def test_a_first_token_slower_than_a_route_promises_is_odd(visit: Visit) -> None:
    slow = streams(*WHOLE, pause_seconds=0.0)

    async def chat(exchange: Exchange) -> None:
        await asyncio.sleep(0.05)
        await slow(exchange)

    (more,) = ["[routes.quick]\nrent = 'gpt'\nttft_seconds = 0.01"]
    ended, checks = visit(by_path(says(LISTED), chat), more=more)
    assert ended.code == 0
    assert checks["model gpt", "first token"]["verdict"] == "odd"
    assert "promises 10 ms" in checks["model gpt", "first token"]["said"]


def test_a_price_that_nobody_knows_is_odd(freehold: Freehold, config: Path) -> None:
    config.write_text(CONFIG.replace('price_as = "openai/gpt-4o-mini"', 'price_as = "openai/nothing"'))
    checks = found(freehold("doctor", "--json", "--no-ask"))
    assert checks["model gpt", "price"]["verdict"] == "odd"
    assert checks["model llama", "price"]["said"] == "0.6 USD an hour, used or not"


def test_a_stream_without_text_is_an_answer(visit: Visit) -> None:
    _, checks = visit(by_path(says(LISTED), streams(chunk(finish="length"), DONE)))
    assert checks["model gpt", "first token"]["verdict"] == "good"
    assert checks["model gpt", "first token"]["seconds"] is None


def test_a_model_that_moderates_alone_is_asked_for_that(visit: Visit) -> None:
    seen: list[Upstream] = []
    ended, checks = visit(by_path(says(LISTED), says(ANSWER)), more='can = ["moderations"]', seen=seen)
    assert ended.code == 0
    assert seen[0].requests[-1].head.startswith("POST /v1/moderations ")
    assert checks["model gpt", "first token"]["verdict"] == "good"


GUARD = '[models.guard]\ntenure = "owned"\nprovider = "rules"\nrules = "rules.toml"\n'


def test_rules_are_asked_in_this_process_where_no_gateway_runs(freehold: Freehold, folder: Path) -> None:
    (folder / "freehold.toml").write_text(GUARD)
    (folder / "rules.toml").write_text('[[rules]]\ncategory = "hate"\nphrases = ["x"]\n')
    checks = {
        c["name"]: c for c in freehold("doctor", "--json").json["checks"] if c["group"] == "model guard"
    }
    assert checks["first token"]["verdict"] == "good"
    (folder / "rules.toml").write_text("[[rules]]\nnonsense = 1\n")
    ended = freehold("doctor", "--json")
    checks = {c["name"]: c for c in ended.json["checks"] if c["group"] == "model guard"}
    assert (ended.code, checks["first token"]["verdict"]) == (1, "bad")
    assert "rules.toml has 3 mistakes" in checks["first token"]["said"]
