"""Budgets through a real gateway: what is held, what is paid, what is refused."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Answer, Gateway, gateway, hang_up
from tests.waiting import HANGS_SECONDS, until

from freehold.access import Budget, create_key
from freehold.ledger import Record, reprice

# One answer costs 100 × 1 + 10 × 10 USD per million = 0.0002 USD with the upstream's usual usage.
ANSWER_USD = Decimal("0.0002")


def rented(url: str, route: str = "", model: str = "", more: str = "") -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
retries = 0
breaker = false
input_usd_per_million = 1
output_usd_per_million = 10
{model}
{more}
[routes.support]
rent = "gpt"
{route}
"""


def after(event: asyncio.Event, body: Any = up.ANSWER) -> up.Step:
    """Answers once the event has come, and a fifth of a second later."""
    answer = up.says(body)

    async def step(exchange: up.Exchange) -> None:
        await event.wait()
        await asyncio.sleep(0.2)
        await answer(exchange)

    return step


def spent(records: list[Record]) -> Decimal:
    return sum((r.cost_usd for r in records if r.cost_usd is not None), Decimal(0))


def budgeted(folder: Path, usd: str, **more: Any) -> dict[str, str]:
    """The header of a new key with a budget."""
    _, secret = create_key(folder / "freehold.db", budget=Budget(Decimal(usd), **more), who="test")
    return {"authorization": f"Bearer {secret}"}


def many(house: Gateway, count: int, **fields: Any) -> list[asyncio.Task[Answer]]:
    return [asyncio.create_task(house.chat(**fields)) for _ in range(count)]


async def test_two_hundred_at_once_never_pass_a_budget_that_admits_about_twenty(tmp_path: Path) -> None:
    answer = up.ANSWER | {"usage": {"prompt_tokens": 9, "completion_tokens": 200, "total_tokens": 209}}
    cost = Decimal(9 * 1 + 200 * 10) / 1_000_000
    refusals = asyncio.Event()
    async with up.upstream(after(refusals, answer)) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = budgeted(tmp_path, str(20 * cost))
            asked = many(house, 200, max_tokens=200, headers=headers)
            await until(lambda: sum(task.done() for task in asked) >= 180)  # nobody was answered yet
            refusals.set()
            answers = await asyncio.gather(*asked)
            records = await house.records()
    admitted = [a for a in answers if a.status == 200]
    refused = [a for a in answers if a.status == 429]
    assert len(admitted) + len(refused) == 200
    assert spent(records) <= 20 * cost
    assert 15 < len(admitted) <= 20
    assert len(rent.requests) == len(admitted)
    error = refused[0].error
    assert (error["code"], error["type"]) == ("insufficient_quota", "insufficient_quota")
    assert "the budget of key key_" in error["message"]
    assert "are held for requests under way" in error["message"]


async def test_when_what_was_held_is_settled_the_rest_of_a_budget_can_be_spent(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = budgeted(tmp_path, "0.0015")
            answers = [await house.chat(max_tokens=100, headers=headers) for _ in range(10)]
            records = await house.records()
    # each holds 0.0011 or less and costs far less; one after another they nearly fill the budget
    assert [a.status for a in answers].count(200) >= 3
    assert spent(records) <= Decimal("0.0015")


async def test_a_refusal_says_which_budget_and_when_it_resets(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(
            tmp_path,
            rented(rent.url, 'budget_usd = 0.0001\nbudget_period = "day"\nmax_output_tokens = 1000'),
        ) as house:
            answer = await house.chat()
            record = await house.record(answer)
    assert answer.status == 429
    assert "the budget of route support is 0.0001 USD a day" in answer.error["message"]
    assert "It resets at 2" in answer.error["message"]
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert (record.status, record.key, record.route) == (429, None, "support")
    assert record.cost_usd == 0
    assert not rent.requests


async def test_a_budget_in_all_has_no_reset_to_wait_for(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            answer = await house.chat(max_tokens=1000, headers=budgeted(tmp_path, "0.0001"))
    assert answer.status == 429
    assert "It does not reset" in answer.error["message"]
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("provider", "field"), [("compatible", "max_tokens"), ("openai", "max_completion_tokens")]
)
async def test_the_routes_longest_answer_is_imposed_where_the_client_names_none(
    provider: str, field: str, tmp_path: Path
) -> None:
    (tmp_path / "rented.key").write_text("sk-x")
    async with up.upstream(up.says()) as rent:
        config = rented(rent.url, "max_output_tokens = 321", 'key_file = "rented.key"')
        async with gateway(tmp_path, config.replace('"compatible"', f'"{provider}"')) as house:
            await house.chat()
            await house.chat(max_tokens=7)
            await house.chat(max_completion_tokens=8, max_tokens=None)
            await house.ask("/v1/completions", {"model": "support", "prompt": "hi"})
            await house.ask("/v1/embeddings", {"model": "support", "input": "hi"})
    bounds = [
        {k: v for k, v in r.json.items() if k in ("max_tokens", "max_completion_tokens")}
        for r in rent.requests
    ]
    assert bounds == [
        {field: 321},
        {"max_tokens": 7},
        {"max_completion_tokens": 8, "max_tokens": None},
        {"max_tokens": 321},
        {},
    ]


async def test_what_cannot_be_bounded_is_refused_with_the_setting_that_would_help(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        unpriced = rented(rent.url).replace("input_usd_per_million = 1\noutput_usd_per_million = 10\n", "")
        async with gateway(tmp_path, unpriced) as house:
            headers = budgeted(tmp_path, "1")
            no_price = await house.chat(max_tokens=10, headers=headers)
            without_budget = await house.chat()
        async with gateway(tmp_path, rented(rent.url)) as house:
            no_bound = await house.chat(headers=headers)
            by_name = await house.chat("gpt", headers=headers)
            nonsense = await house.chat(max_tokens=-1, headers=headers)
            picture = [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
            image = await house.chat(content=picture, max_tokens=10, headers=headers)
    assert (no_price.status, no_price.error["code"]) == (403, "cost_unbounded")
    assert "[models.gpt] input_usd_per_million" in no_price.error["message"]
    assert without_budget.status == 200
    assert (no_bound.status, no_bound.error["param"]) == (400, "max_tokens")
    assert "[routes.support] max_output_tokens" in no_bound.error["message"]
    assert "[models.gpt] context_tokens" in by_name.error["message"]
    assert (nonsense.status, nonsense.error["param"]) == (400, "max_tokens")
    assert image.status in (400, 403)
    assert len(rent.requests) == 1


async def test_several_answers_and_several_prompts_are_held_each(tmp_path: Path) -> None:
    """A budget of one answer of 100 tokens: two of them do not fit, whichever way they are asked for."""
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = budgeted(tmp_path, "0.0015")
            twice = await house.chat(max_tokens=100, n=2, headers=headers)
            prompts = {"model": "support", "prompt": ["a", "b"], "max_tokens": 100}
            listed = await house.ask("/v1/completions", prompts, **headers)
            best = await house.ask("/v1/completions", prompts | {"prompt": "a", "best_of": 2}, **headers)
            ids = await house.ask("/v1/completions", prompts | {"prompt": [1, 2, 3]}, **headers)
    assert [a.status for a in (twice, listed, best, ids)] == [429, 429, 429, 200]


async def test_a_stream_settles_to_what_it_cost(tmp_path: Path) -> None:
    async with up.upstream(up.streams(*up.WHOLE)) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = budgeted(tmp_path, "0.002")
            answers = [await house.chat(max_tokens=100, stream=True, headers=headers) for _ in range(3)]
            records = await house.records()
    assert [a.status for a in answers] == [200, 200, 200]
    assert spent(records) == 3 * ANSWER_USD


async def test_a_client_that_hangs_up_has_spent_what_was_held_and_a_restart_does_not_forget_it(
    tmp_path: Path,
) -> None:
    endless = up.streams(*[up.chunk("word ")] * 200, pause_seconds=0.02)
    async with up.upstream(endless, up.says()) as rent:
        headers: dict[str, str] = {}
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers |= budgeted(tmp_path, "0.0015")
            body = {"model": "support", "messages": [{"role": "user", "content": "hi"}]}
            reader, writer = await house.open(
                "/v1/chat/completions", body | {"max_tokens": 100, "stream": True}, headers
            )
            await reader.readuntil(b"word")
            await hang_up(writer)
            async with asyncio.timeout(HANGS_SECONDS):
                while not await house.records():  # noqa: ASYNC110 - as another process would look
                    await asyncio.sleep(0.02)
            (record,) = await house.records()
            assert (record.status, record.cost_usd) == (499, None)
            assert record.held_usd == Decimal("0.001104")
            refused = await house.chat(max_tokens=100, headers=headers)
        async with gateway(tmp_path, rented(rent.url)) as house:
            refused_again = await house.chat(max_tokens=100, headers=headers)
            smaller = await house.chat(max_tokens=10, headers=headers)
    assert [a.status for a in (refused, refused_again, smaller)] == [429, 429, 200]


async def test_a_retry_after_a_cut_answer_is_made_only_where_both_may_cost_all(tmp_path: Path) -> None:
    async with up.upstream(up.cuts) as rent:
        config = rented(rent.url).replace("retries = 0", "retries = 3")
        async with gateway(tmp_path, config) as house:
            headers = budgeted(tmp_path, "0.0025")  # two worst cases of 0.001088 fit, three do not
            answer = await house.chat(max_tokens=100, headers=headers)
            record = await house.record(answer)
    assert answer.status == 502
    assert [a.outcome for a in record.attempts] == ["cut", "cut"]
    assert record.held_usd == 2 * Decimal("0.001088")


async def test_an_attempt_that_was_refused_costs_nothing_and_leaves_its_room_to_the_next(
    tmp_path: Path,
) -> None:
    async with up.upstream(up.fails("500 Oops"), up.fails("503 Busy"), up.says()) as rent:
        config = rented(rent.url).replace("retries = 0", "retries = 3")
        async with gateway(tmp_path, config) as house:
            headers = budgeted(tmp_path, "0.0011")  # one worst case fits
            answer = await house.chat(max_tokens=100, headers=headers)
            record = await house.record(answer)
    assert answer.status == 200
    assert [a.outcome for a in record.attempts] == ["error", "error", "ok"]
    assert record.held_usd is None


async def test_a_model_that_the_budget_cannot_pay_is_out_and_an_affordable_one_answers(
    tmp_path: Path,
) -> None:
    async with up.upstream(up.says()) as dear, up.upstream(up.says()) as cheap:
        small = f"""
[models.mini]
tenure = "rented"
provider = "compatible"
url = "{cheap.url}"
input_usd_per_million = 0.1
output_usd_per_million = 1
"""
        config = rented(dear.url, more=small).replace('rent = "gpt"', 'rent = ["gpt", "mini"]')
        async with gateway(tmp_path, config) as house:
            answer = await house.chat(max_tokens=100, headers=budgeted(tmp_path, "0.0005"))
    assert answer.status == 200
    assert answer.headers["x-freehold-model"] == "mini"
    assert "gpt was out: it may cost more than a budget has left" in answer.headers["x-freehold-reason"]
    assert not dear.requests


async def test_an_owned_model_is_held_for_as_long_as_an_attempt_may_take(tmp_path: Path) -> None:
    refusals = asyncio.Event()
    async with up.upstream(after(refusals)) as own:
        config = f"""
[models.llama]
tenure = "owned"
provider = "llamacpp"
url = "{own.url}"
hourly_cost_usd = 3.6
slots = 1
attempt_seconds = 9
[routes.support]
own = "llama"
"""
        async with gateway(tmp_path, config) as house:
            headers = budgeted(tmp_path, "0.019")  # an attempt may cost 0.001 × (9 + 1) seconds
            asked = many(house, 3, headers=headers)
            await until(lambda: sum(task.done() for task in asked) == 2)
            refusals.set()
            answers = await asyncio.gather(*asked)
            records = await house.records()
            later = await house.chat(headers=headers)
    assert sorted(a.status for a in answers) == [200, 429, 429]
    assert Decimal("0.0001") < spent(records) < Decimal("0.01")
    assert later.status == 200


async def test_a_route_and_a_key_bound_a_request_together(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent:
        route = "budget_usd = 0.0011\nmax_output_tokens = 100"
        async with gateway(tmp_path, rented(rent.url, route)) as house:
            first = await house.chat(headers=budgeted(tmp_path, "1"))
            second = await house.chat(headers=budgeted(tmp_path, "1"))
            by_name = await house.chat("gpt", max_tokens=100, headers=budgeted(tmp_path, "1"))
    assert (first.status, second.status) == (200, 429)
    assert "the budget of route support" in second.error["message"]
    assert by_name.status == 200  # no route, no budget of a route


async def test_simulated_money_counts(tmp_path: Path) -> None:
    config = """
[models.gpt]
tenure = "rented"
provider = "sandbox"
price_as = "openai/gpt-4o-mini"
ttft_seconds = 0
tokens_per_second = 100000
[routes.support]
rent = "gpt"
"""
    async with gateway(tmp_path, config) as house:
        headers = budgeted(tmp_path, "0.00008")
        answers = [await house.chat(max_tokens=100, headers=headers) for _ in range(6)]
        records = await house.records()
    assert {a.status for a in answers} == {200, 429}
    assert spent(records) <= Decimal("0.00008")
    assert all(r.simulated for r in records if r.status == 200)


async def test_a_prompt_that_the_upstream_adds_is_held_once_it_has_shown(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 50_000, "completion_tokens": 10, "total_tokens": 50_010}
    async with up.upstream(up.says(up.ANSWER | {"usage": usage})) as rent:
        async with gateway(tmp_path, rented(rent.url)) as house:
            headers = budgeted(tmp_path, "0.1")
            first = await house.chat(max_tokens=10, headers=headers)
            second = await house.chat(max_tokens=10, headers=headers)
    assert (first.status, second.status) == (200, 429)
    assert "this one may cost up to 0.0501 USD" in second.error["message"]


async def test_a_running_gateway_counts_a_request_at_its_new_price(tmp_path: Path) -> None:
    """A key that a wrong price has stopped may ask again, and one that seemed cheap is stopped."""
    route = "budget_usd = 1\nmax_output_tokens = 10"
    async with up.upstream(up.says()) as rent:
        async with gateway(tmp_path, rented(rent.url, route)) as house:
            headers = budgeted(tmp_path, "0.00035")
            first = await house.chat(headers=headers)
            assert first.status == 200
            assert (await house.chat(headers=headers)).status == 429
            await to_cost(house, first, "0")
            second = await answered(house, headers, '"total_tokens"')
            await to_cost(house, second, "0.0003")
            await answered(house, headers, "0.0003 USD are spent")
            await to_cost(house, first, "0.99995")  # the route's budget sees it, too
            await answered(house, {}, "the budget of route support is 1 USD")


async def to_cost(house: Gateway, answer: Answer, usd: str) -> None:
    """As `freehold reprice --apply` does, from another connection to the ledger."""
    record = await house.record(answer)
    costs = [(record.request_id, Decimal(usd))]
    await asyncio.to_thread(
        reprice, house.running.ledger_path, costs, body={}, who="test", why="the price was wrong"
    )


async def answered(house: Gateway, headers: dict[str, str], text: str) -> Answer:
    """Once the gateway has seen the new price, and says so: it looks twice a second."""
    async with asyncio.timeout(HANGS_SECONDS):
        while True:
            answer = await house.chat(headers=headers)
            if text in answer.body.decode():
                return answer
            await asyncio.sleep(0.1)
