"""Rate limits through a real gateway: headers, refusals, and tokens as they turn out."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.gateway import upstream as up
from tests.gateway.house import gateway
from tests.gateway.test_budgets import rented

from freehold.access import Rate, create_key


def limited(folder: Path, *limits: int | None) -> dict[str, str]:
    """The header of a new key with limits: requests and tokens a minute."""
    _, secret = create_key(folder / "freehold.db", rate=Rate(*limits), who="test")
    return {"authorization": f"Bearer {secret}"}


async def test_a_key_over_its_requests_a_minute_is_told_which_limit_and_how_long(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = limited(tmp_path, 3, None)
            answers = await asyncio.gather(*(house.chat(headers=headers) for _ in range(10)))
            record = await house.record(next(a for a in answers if a.status == 429))
            others = await house.chat()
    assert sorted(a.status for a in answers) == [200] * 3 + [429] * 7
    assert len(rent.requests) == 4
    assert {a.headers["x-ratelimit-limit-requests"] for a in answers} == {"3"}
    left = sorted(int(a.headers["x-ratelimit-remaining-requests"]) for a in answers if a.status == 200)
    assert left[0] == 0
    refused = next(a for a in answers if a.status == 429)
    assert refused.error["code"] == "rate_limit_exceeded"
    assert refused.error["type"] == "requests"
    assert "limit 3, used 3, requested 1. Please try again in " in refused.error["message"]
    assert 1 < int(refused.headers["retry-after"]) <= 61
    assert (record.status, record.attempts) == (429, ())
    assert others.status == 200
    assert not [name for name in others.headers if name.startswith("x-ratelimit")]


async def test_tokens_count_as_the_answer_reports_them(tmp_path: Path) -> None:
    async with up.upstream(up.says(), up.streams(*up.WHOLE), up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = limited(tmp_path, None, 400)
            plain = await house.chat(max_tokens=200, headers=headers)
            stream = await house.chat(max_tokens=200, stream=True, headers=headers)
            after = await house.chat(max_tokens=100, headers=headers)
            refused = await house.chat(max_tokens=200, headers=headers)
    assert [a.status for a in (plain, stream, after)] == [200, 200, 200]
    # the second saw the first's 110 real tokens, not its guess of about 212
    assert int(stream.headers["x-ratelimit-remaining-tokens"]) == 400 - 110 - 212
    assert (refused.status, refused.error["type"]) == (429, "tokens")


async def test_a_route_has_limits_of_its_own_that_a_reload_can_change(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url, "requests_per_minute = 1")) as house:
            first, second = await house.chat(), await house.chat()
            by_name = await house.chat("gpt")
            house.config.write_text(rented(rent.url, "requests_per_minute = 2"))
            while (third := await house.chat()).status == 429:  # noqa: ASYNC110 - as a client would wait
                await asyncio.sleep(0.1)
            fourth = await house.chat()
    assert [a.status for a in (first, second, by_name, third, fourth)] == [200, 429, 200, 200, 429]
    assert "Rate limit reached for route support on requests per minute" in second.error["message"]


async def test_a_request_that_no_model_was_asked_for_has_used_no_tokens(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = limited(tmp_path, None, 400)
            secret = headers | {"x_freehold_label": "secret"}
            refused = await house.chat(max_tokens=300, headers=secret)
            answered = await house.chat(max_tokens=300, headers=headers)
    assert (refused.status, answered.status) == (403, 200)
