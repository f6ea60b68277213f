"""Measuring an endpoint: what is counted, what is not, and what is said of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.egress.scripted import Link, scripted

from freehold.engine.bench import Endpoint, Level, Plan, Sample, measure, percentile, summarise
from freehold.engine.bench.plan import prompt
from freehold.errors import FreeholdError

SMALL = Plan(concurrency=(1, 2), requests=4, input_tokens=20, output_tokens=5, seconds=20)
Answer = Callable[[Link, dict[str, object]], Awaitable[None]]


def event(data: object) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


def said(text: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}}]})


USAGE = event({"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45}})
DONE = event(b"[DONE]")
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


async def stream(link: Link, *pieces: bytes) -> None:
    await link.send(HEAD, *pieces)


async def refuse(link: Link, status: str, body: object) -> None:
    data = json.dumps(body).encode()
    await link.send(b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b" % (status.encode(), len(data), data))


def run(
    answer: Answer, plan: Plan = SMALL, key: str | None = None
) -> tuple[tuple[Level, ...], list[dict[str, object]]]:
    """Measures an endpoint that answers so; also what it was asked."""
    asked: list[dict[str, object]] = []

    async def serve(link: Link) -> None:
        body = json.loads((await link.request()).body)
        asked.append(body)
        await answer(link, body)

    async def course() -> tuple[Level, ...]:
        async with scripted(serve) as upstream:
            url = f"http://{upstream.origin.authority}/v1"
            told: list[Level] = []
            levels = await measure(Endpoint.parse(url, "m", key), plan, told.append)
            assert tuple(told) == levels
            return levels

    return asyncio.run(course()), asked


def test_every_level_has_its_answers_its_times_and_its_tokens() -> None:
    async def answer(link: Link, body: dict[str, object]) -> None:
        del body
        await stream(link, said("a"), said("b"), said("c"), USAGE, DONE)

    levels, asked = run(answer)
    assert [(level.concurrency, level.answers, level.errors) for level in levels] == [(1, 4, 0), (2, 4, 0)]
    for level in levels:
        assert level.output_tokens == 20
        assert level.input_tokens == 160
        assert level.counted == level.simulated == level.unfinished == 0
        assert level.output_tokens_per_second == pytest.approx(20 / level.seconds)
        assert level.ttft is not None
        assert level.e2e is not None
        assert level.tpot is not None
        assert 0 < level.ttft.p50 <= level.ttft.p95 <= level.e2e.p95 <= level.seconds
        assert level.tpot.count == 4
    assert len(asked) == 1 + 4 + 4
    assert all(body["stream"] is True and body["max_tokens"] == 5 for body in asked)


def test_no_two_prompts_are_alike_and_their_length_is_fitted_to_the_model_s_tokens() -> None:
    async def answer(link: Link, body: dict[str, object]) -> None:
        del body
        await stream(link, said("a"), said("b"), USAGE, DONE)

    _, asked = run(answer)
    texts = [str(body["messages"]) for body in asked]
    assert len(set(texts)) == len(texts)
    # the first has a word for each of 20 tokens and is told that these were 40
    assert len(texts[1].split()) == len(texts[0].split()) - 10


def test_without_usage_events_stand_for_tokens_and_that_is_told() -> None:
    async def answer(link: Link, body: dict[str, object]) -> None:
        del body
        await stream(link, said("a"), said("b"), said("c"), DONE)

    levels, _ = run(answer)
    assert [level.counted for level in levels] == [4, 4]
    assert [level.output_tokens for level in levels] == [12, 12]
    assert levels[0].input_tokens is None


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([said("a")], "cut before its end"),
        ([said("a"), event({"error": {"message": "overloaded"}})], "overloaded"),
        ([event(b"{nonsense")], "not JSON"),
    ],
)
def test_a_broken_answer_is_an_error_and_no_figure(pieces: list[bytes], words: str) -> None:
    count = 0

    async def answer(link: Link, body: dict[str, object]) -> None:
        nonlocal count
        del body
        count += 1
        await stream(link, *([said("a"), said("b"), USAGE, DONE] if count == 1 else pieces))

    levels, _ = run(answer)
    for level in levels:
        assert (level.answers, level.errors, level.output_tokens) == (0, 4, 0)
        assert level.ttft is None
        assert level.output_tokens_per_second is None
        assert level.first_error is not None
        assert words in level.first_error


def test_an_endpoint_that_refuses_the_first_question_is_not_measured() -> None:
    async def answer(link: Link, body: dict[str, object]) -> None:
        del body
        await refuse(link, "401 Unauthorized", {"error": {"message": "Incorrect\x1b[31m API key"}})

    with pytest.raises(FreeholdError, match=r"401: Incorrect \[31m API key") as raised:
        run(answer)
    assert raised.value.hint is not None


def test_a_model_that_calls_the_limit_otherwise_is_asked_so() -> None:
    async def answer(link: Link, body: dict[str, object]) -> None:
        if "max_tokens" in body:
            message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            await refuse(link, "400 Bad Request", {"error": {"message": message}})
        else:
            await stream(link, said("a"), said("b"), USAGE, DONE)

    levels, asked = run(answer)
    assert [level.answers for level in levels] == [4, 4]
    assert all(body["max_completion_tokens"] == 5 for body in asked[1:])


def test_when_the_time_is_up_what_is_under_way_is_cut_off_and_counted() -> None:
    count = 0

    async def answer(link: Link, body: dict[str, object]) -> None:
        nonlocal count
        del body
        count += 1
        if count in (1, 2):
            await stream(link, said("a"), said("b"), USAGE, DONE)
        else:
            await link.send(HEAD)
            await link.until_gone()

    levels, asked = run(answer, Plan(concurrency=(2,), requests=9, seconds=0.5))
    (level,) = levels
    assert level.answers == 1
    assert level.unfinished + level.errors == 2
    assert len(asked) < 9


def test_the_key_goes_along_and_is_never_in_a_repr() -> None:
    endpoint = Endpoint.parse("http://127.0.0.1:9/v1", "m", "sk-secret")
    assert (b"authorization", b"Bearer sk-secret") in endpoint.request("x", 5, 1).headers
    assert "sk-secret" not in repr(endpoint)
    with pytest.raises(FreeholdError, match="not an http"):
        Endpoint.parse("api.example/v1", "m", None)
    with pytest.raises(FreeholdError, match="one printable line"):
        Endpoint.parse("http://127.0.0.1:9/v1", "m", "sk\n")


def test_an_answer_in_one_piece_has_no_time_for_each_token() -> None:
    one = Sample(ttft_seconds=1.0, seconds=1.1, last_text_seconds=1.0, output_tokens=50, events=1)
    assert one.tpot_seconds is None
    several = Sample(ttft_seconds=1.0, seconds=3.1, last_text_seconds=3.0, output_tokens=5, events=4)
    assert several.tpot_seconds == 0.5


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_one_of_the_values_and_bounds_its_share(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found in ordered
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-9
    assert sum(value < found for value in ordered) < share * len(ordered) + 1e-9


@given(st.integers(0, 10_000), st.integers(1, 300))
def test_a_prompt_can_be_made_again_and_has_about_its_words(number: int, words: int) -> None:
    text = prompt(number, words)
    assert text == prompt(number, words)
    assert words <= len(text.split()) <= words + 20


def test_a_plan_says_how_much_it_may_cost_before_it_begins() -> None:
    plan = Plan(concurrency=(1, 32), requests=10, input_tokens=100, output_tokens=50)
    assert plan.most_requests == 1 + 10 + 32
    assert plan.most_tokens == 43 * 150


def test_without_an_answer_nothing_is_known() -> None:
    level = summarise(2, [Sample(error="no"), Sample(error="no")], 1.0)
    assert (level.answers, level.errors, level.first_error) == (0, 2, "no")
    assert level.output_tokens_per_second is None
    assert level.ttft is None
    assert level.tpot is None
    assert level.e2e is None
