"""`/v1/moderations` through the whole gateway: a rented moderator, local rules, and who may see what."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway
from tests.openai_document import OpenAIDocument, openai_document

from freehold.wire import MODERATION_CATEGORIES

RULES = """
[[rules]]
category = "harassment/threatening"
phrases = ["i will find you", "watch your back"]
weight = 0.6

[[rules]]
category = "violence"
pattern = '\\bshoot (?:him|her|them)\\b'
weight = 0.4
"""
HOUSE = """
[models.house-rules]
tenure = "owned"
provider = "rules"
rules = "moderation.toml"
"""
SANDBOX = """
[models.sandbox]
tenure = "rented"
provider = "sandbox"
ttft_seconds = 0.0
"""
RENTED = {
    "id": "modr-1",
    "model": "omni-moderation-2024-09-26",
    "results": [
        {
            "flagged": True,
            "categories": dict.fromkeys(MODERATION_CATEGORIES, True),
            "category_scores": dict.fromkeys(MODERATION_CATEGORIES, 0.9),
            "category_applied_input_types": {name: ["text"] for name in MODERATION_CATEGORIES},
        }
    ],
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "moderation.toml").write_text(RULES)
    (tmp_path / "openai.key").write_text("a-key\n")


@pytest.fixture(scope="session")
def document(freehold_shared: Path) -> OpenAIDocument:
    return openai_document(freehold_shared)


def rented(url: str) -> str:
    return f"""
[models.omni]
tenure = "rented"
provider = "openai"
url = "{url}"
model = "omni-moderation-latest"
key_file = "openai.key"
retries = 0
"""


def client(house: Gateway) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=f"http://127.0.0.1:{house.port}/v1", api_key="none", max_retries=0)


async def moderate(house: Gateway, input_: Any = "hi", *, model: str | None = None, **headers: str) -> Any:
    body = {"input": input_} | ({} if model is None else {"model": model})
    return await house.ask("/v1/moderations", body, **headers)


async def test_rules_answer_the_official_client_in_openais_shape(
    tmp_path: Path, document: OpenAIDocument
) -> None:
    async with gateway(tmp_path, HOUSE) as house:
        async with client(house) as openai:
            one = await openai.moderations.create(input="Watch -- your BACK!", model="house-rules")
            two = await openai.moderations.create(input=["good morning", "shoot them, i will find you"])
        answer = await moderate(
            house, [{"type": "text", "text": "watch your"}, {"type": "text", "text": "back"}]
        )
    assert one.results[0].flagged
    assert one.results[0].categories.harassment_threatening
    assert one.results[0].category_scores.harassment_threatening == 0.6
    assert one.model.startswith("rules:moderation.toml@sha256:")
    assert [result.flagged for result in two.results] == [False, True]
    assert not two.results[1].categories.violence  # 0.4 is below its threshold
    assert two.results[1].category_scores.violence == 0.4
    document.check("CreateModerationResponse", answer.json)
    assert len(answer.json["results"]) == 1
    assert answer.json["results"][0]["flagged"]


async def test_rules_leave_a_record_and_cost_nothing_unless_the_config_says_so(tmp_path: Path) -> None:
    async with gateway(tmp_path, HOUSE) as house:
        record = await house.record(await moderate(house))
    assert (record.endpoint, record.model, record.tenure, record.cost_usd) == (
        "moderations",
        "house-rules",
        "owned",
        Decimal(0),
    )
    assert record.upstream_model is not None
    assert record.upstream_model.startswith("rules:moderation.toml@sha256:")
    async with gateway(tmp_path, HOUSE + "hourly_cost_usd = 36\nslots = 1\n") as house:
        record = await house.record(await moderate(house))
    assert record.slot_microseconds is not None
    assert (
        record.cost_usd == Decimal(record.slot_microseconds) / 100_000_000
    )  # 36 USD an hour, a cent a second


async def test_a_rented_moderator_is_asked_as_the_client_said_and_is_free(tmp_path: Path) -> None:
    async with up.upstream(up.says(RENTED)) as server:
        async with gateway(tmp_path, rented(server.url)) as house:
            async with client(house) as openai:
                image: Any = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
                answer = await openai.moderations.create(input=[image])
            record = (await house.records())[0]
    assert answer.results[0].flagged
    assert server.requests[0].head.startswith("POST /v1/moderations HTTP/1.1")
    assert server.requests[0].json["model"] == "omni-moderation-latest"
    assert server.requests[0].json["input"][0]["type"] == "image_url"
    assert record.usage is None
    assert record.cost_usd == 0


async def test_a_rented_moderator_without_a_price_costs_nobody_knows_what(tmp_path: Path) -> None:
    config = """
[models.other]
tenure = "rented"
provider = "compatible"
url = "{url}"
can = ["moderations"]
"""
    free = "input_usd_per_million = 0\noutput_usd_per_million = 0\n"
    async with up.upstream(up.says(RENTED)) as server:
        async with gateway(tmp_path, config.format(url=server.url)) as house:
            unknown = await house.record(await moderate(house))
        async with gateway(tmp_path, config.format(url=server.url) + free) as house:
            known = await house.record(await moderate(house))
    assert unknown.cost_usd is None
    assert known.cost_usd == 0


async def test_a_secret_text_is_not_rented_and_is_judged_at_home(tmp_path: Path) -> None:
    route = '\n[routes.safety]\nrent = "omni"\nown = "house-rules"\n'
    async with up.upstream(up.says(RENTED)) as server:
        async with gateway(tmp_path, rented(server.url) + HOUSE + route) as house:
            secret = await moderate(house, "watch your back", model="safety", x_freehold_label="secret")
            alone = await moderate(house, model="omni", x_freehold_label="secret")
            assert server.requests == []
            plain = await moderate(house)
    assert secret.headers["x-freehold-model"] == "house-rules"
    assert secret.json["results"][0]["flagged"]
    assert (alone.status, alone.error["code"]) == (403, "label_above_clearance")
    assert plain.headers["x-freehold-model"] == "omni"  # the route is the first that moderates


async def test_rules_with_a_lower_clearance_do_not_judge_what_is_above_it(tmp_path: Path) -> None:
    async with gateway(tmp_path, HOUSE + 'clearance = "internal"\n') as house:
        answer = await moderate(house, model="house-rules", x_freehold_label="personal")
    assert (answer.status, answer.error["code"]) == (403, "label_above_clearance")


async def test_where_nothing_moderates_the_error_names_what_to_add(tmp_path: Path) -> None:
    async with gateway(tmp_path, SANDBOX) as house:
        nobody = await moderate(house)
        sandbox = await moderate(house, model="sandbox")
        unknown = await moderate(house, model="omni-moderation-latest")
    assert (nobody.status, nobody.error["code"], nobody.error["param"]) == (404, "model_not_found", "model")
    assert 'provider = "rules"' in nobody.error["message"]
    assert (sandbox.status, sandbox.error["code"]) == (400, "unsupported_parameter")
    assert "does not support moderations" in sandbox.error["message"]
    assert unknown.status == 404


async def test_models_that_chat_do_not_moderate_and_rules_do_not_chat(tmp_path: Path) -> None:
    async with up.upstream(up.says(RENTED)) as server:
        chat = rented(server.url).replace("omni-moderation-latest", "gpt-4o-mini")
        async with gateway(tmp_path, chat + HOUSE) as house:
            refused = await moderate(house, model="omni")
            chatting = await house.chat("house-rules")
    assert (refused.status, chatting.status, server.requests) == (400, 400, [])


@pytest.mark.parametrize(
    ("input_", "code"),
    [
        (None, "missing_required_parameter"),
        (3, "invalid_type"),
        ({}, "invalid_type"),
        ([], "invalid_type"),
        (["a", 3], "invalid_type"),
        ([{"type": "text"}], "invalid_type"),
        ([{"type": "image_url", "image_url": {"url": "https://a/b.png"}}], "unsupported_parameter"),
        ([{"type": "sound"}], "unsupported_parameter"),
    ],
)
async def test_what_rules_cannot_judge_is_a_400(tmp_path: Path, input_: Any, code: str) -> None:
    async with gateway(tmp_path, HOUSE) as house:
        answer = await moderate(house, input_)
        records = await house.records()
    assert (answer.status, answer.error["code"]) == (400, code)
    assert [record.status for record in records] == [400]


async def test_a_long_hostile_text_does_not_hold_up_others(tmp_path: Path) -> None:
    async with gateway(tmp_path, HOUSE) as house:
        long = asyncio.ensure_future(moderate(house, "i will find a\u0301\u0316 " * 60_000))
        order = [(await house.ask("/healthz")).status for _ in range(3)]
        assert not long.done()
        assert order == [200, 200, 200]
        assert (await long).json["results"][0]["flagged"] is False


async def test_changed_rules_are_taken_up_with_the_config_and_wrong_ones_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="freehold")

    async def rewrite(rules: str, comment: str, said: str) -> None:
        (tmp_path / "moderation.toml").write_text(rules)
        (tmp_path / "freehold.toml").write_text(f"{HOUSE}# {comment}\n")
        async with asyncio.timeout(60):
            while said not in caplog.text:  # noqa: ASYNC110 - the log is all that tells
                await asyncio.sleep(0.05)

    async with gateway(tmp_path, HOUSE) as house:
        before = await moderate(house, "zebra")
        await rewrite('[[rules]]\ncategory = "hate"\nphrases = ["zebra"]\n', "one", "config is in use")
        after = await moderate(house, "zebra")
        await rewrite("[[rules]]\n", "two", "config is not used")
        kept = await moderate(house, "zebra")
    flags = [answer.json["results"][0]["flagged"] for answer in (before, after, kept)]
    assert flags == [False, True, True]
    assert before.json["model"] != after.json["model"] == kept.json["model"]
