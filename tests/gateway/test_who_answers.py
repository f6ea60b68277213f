"""Who answers: labels, fallback, retries, circuits, policies and keys, over real sockets."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway
from tests.waiting import HANGS_SECONDS, until

from freehold.access import create_key, revoke_key
from freehold.gateway import circuit
from freehold.ledger import LedgerReader


def two_homes(rent_url: str, own_url: str, route: str = "", model: str = "retries = 0", top: str = "") -> str:
    return f"""
{top}
[models.gpt]
tenure = "rented"
provider = "openai"
url = "{rent_url}"
input_usd_per_million = 1
output_usd_per_million = 10
key_file = "rented.key"
{model}
[models.llama]
tenure = "owned"
provider = "llamacpp"
url = "{own_url}"
hourly_cost_usd = 0.36
{model}
[routes.support]
rent = "gpt"
own = "llama"
{route}
"""


@pytest.fixture(autouse=True)
def _rented_key(tmp_path: Path) -> None:
    (tmp_path / "rented.key").write_text("sk-rented-secret\n")


async def test_the_home_answers_and_the_reason_says_so(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'home = "own"')) as house:
            answer = await house.chat()
    assert answer.headers["x-freehold-model"] == "llama"
    assert answer.headers["x-freehold-reason"] == (
        "llama (owned) answered because the home of support is own."
    )
    assert not rent.requests


async def test_the_other_home_answers_when_the_home_fails_and_every_attempt_is_kept(tmp_path: Path) -> None:
    async with up.upstream(up.fails("500 Oops")) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            answer = await house.chat()
            record = await house.record(answer)
    assert (answer.status, answer.headers["x-freehold-model"]) == (200, "llama")
    assert [(a.model, a.outcome, a.status) for a in record.attempts] == [
        ("gpt", "error", 500),
        ("llama", "ok", 200),
    ]
    assert "gpt failed" in record.reason


async def test_a_personal_request_is_not_rented_when_its_owned_model_is_down(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.cuts) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'home = "own"')) as house:
            for label in ("personal", "secret"):
                answer = await house.chat(headers={"x_freehold_label": label})
                assert answer.status == 503
                assert (await house.record(answer)).label == label
            assert (await house.chat()).status == 200  # an internal one may be rented
    assert len(rent.requests) == 1


async def test_the_clients_label_can_only_raise_the_routes(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'label = "personal"')) as house:
            answer = await house.chat(headers={"x_freehold_label": "public"})
            record = await house.record(answer)
            wrong = await house.chat(headers={"x_freehold_label": "private"})
    assert (record.label, record.model) == ("personal", "llama")
    assert not rent.requests
    assert (wrong.status, wrong.error["code"]) == (400, "invalid_label")


async def test_refuse_is_a_403(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'private = "refuse"')) as house:
            answer = await house.chat(headers={"x_freehold_label": "secret"})
    assert (answer.status, answer.error["code"]) == (403, "label_above_clearance")
    assert not rent.requests
    assert not own.requests


async def test_a_model_named_directly_answers_alone(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.cuts) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            good = await house.chat("gpt")
            bad = await house.chat("llama")
            record = await house.record(good)
    assert (good.status, bad.status) == (200, 503)
    assert (record.route, record.model) == (None, "gpt")


async def test_the_home_header_asks_one_home_alone(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            answer = await house.chat(headers={"x_freehold_home": "own"})
            wrong = await house.chat(headers={"x_freehold_home": "cloud"})
    assert answer.headers["x-freehold-model"] == "llama"
    assert wrong.status == 400


async def test_a_failed_attempt_is_repeated_as_often_as_the_config_says(tmp_path: Path) -> None:
    async with up.upstream(up.cuts, up.fails("503 Busy"), up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model="retries = 2")) as house:
            answer = await house.chat()
            record = await house.record(answer)
    assert answer.headers["x-freehold-model"] == "gpt"
    assert [a.outcome for a in record.attempts] == ["cut", "error", "ok"]


async def test_the_same_failure_is_told_once_with_how_often(tmp_path: Path) -> None:
    async with up.upstream(up.fails("503 Busy")) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model="retries = 1")) as house:
            reason = (await house.chat()).headers["x-freehold-reason"]
    assert reason.count("gpt failed") == 1
    assert "gpt failed 2 times: " in reason


async def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    limited = up.fails("429 Slow down", headers="retry-after-ms: 700\r\n")
    async with up.upstream(limited, up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model="retries = 1")) as house:
            begun = time.monotonic()
            answer = await house.chat()
            assert time.monotonic() - begun >= 0.7
    assert answer.headers["x-freehold-model"] == "gpt"


async def test_a_retry_after_past_the_deadline_is_not_waited_for(tmp_path: Path) -> None:
    limited = up.fails("429 Slow down", headers="retry-after: 3600\r\n")
    async with up.upstream(limited) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model="retries = 5")) as house:
            answer = await house.chat()
    assert answer.headers["x-freehold-model"] == "llama"
    assert len(rent.requests) == 1


async def test_a_client_mistake_is_not_repeated_anywhere(tmp_path: Path) -> None:
    async with up.upstream(up.fails("400 Bad")) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model="retries = 3")) as house:
            answer = await house.chat()
    assert answer.status == 400
    assert len(rent.requests) == 1
    assert not own.requests


async def test_the_deadline_of_a_route_bounds_all_attempts(tmp_path: Path) -> None:
    async with up.upstream(up.hangs) as rent, up.upstream(up.hangs) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, "deadline_seconds = 0.5")) as house:
            answer = await asyncio.wait_for(house.chat(), HANGS_SECONDS)
    assert answer.status == 504


async def test_an_attempt_has_a_deadline_of_its_own(tmp_path: Path) -> None:
    async def drips(exchange: up.Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(200):
            await exchange.send(b" ")
            await asyncio.sleep(0.05)

    config = "retries = 0\nattempt_seconds = 0.4"
    async with up.upstream(drips) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model=config)) as house:
            answer = await asyncio.wait_for(house.chat(), HANGS_SECONDS)
            record = await house.record(answer)
    assert answer.headers["x-freehold-model"] == "llama"
    assert record.attempts[0].outcome == "timeout"


async def test_what_surely_does_not_fit_a_context_is_asked_elsewhere_or_refused(tmp_path: Path) -> None:
    config = "retries = 0\ncontext_tokens = 20"
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, model=config)) as house:
            short = await house.chat()
            long = await house.chat(content="word " * 200)
    assert short.status == 200
    assert (long.status, long.error["code"]) == (400, "context_length_exceeded")
    assert len(rent.requests) == 1


async def test_a_stream_that_dies_before_its_first_event_is_asked_elsewhere(tmp_path: Path) -> None:
    async with up.upstream(up.streams(end=False)) as rent, up.upstream(up.streams(*up.WHOLE)) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            answer = await house.chat(stream=True)
    assert answer.whole
    assert answer.headers["x-freehold-model"] == "llama"


async def test_a_model_that_keeps_failing_is_left_alone_and_then_probed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with up.upstream(up.fails("500 Oops")) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            monkeypatch.setattr(circuit, "_FIRST_PAUSE_SECONDS", 600.0)
            for _ in range(8):
                assert (await house.chat()).status == 200
            assert len(rent.requests) == 5
            alone = await house.chat("gpt")
            assert (alone.status, alone.error["code"]) == (503, "model_unavailable")
            assert int(alone.headers["retry-after"]) >= 1
            rent.steps[:] = [up.says()]
            now = time.monotonic
            monkeypatch.setattr(time, "monotonic", lambda: now() + 601)
            assert (await house.chat()).headers["x-freehold-model"] == "gpt"


async def test_the_breaker_can_be_switched_off(tmp_path: Path) -> None:
    async with up.upstream(up.fails("500 Oops")) as rent, up.upstream(up.says()) as own:
        config = two_homes(rent.url, own.url, model="retries = 0\nbreaker = false")
        async with gateway(tmp_path, config) as house:
            for _ in range(8):
                await house.chat()
    assert len(rent.requests) == 8


async def test_what_a_model_cannot_do_is_refused_before_sending(tmp_path: Path) -> None:
    config = two_homes("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1", model='can = ["chat"]')
    async with gateway(tmp_path, config) as house:
        answer = await house.chat(tools=[{"type": "function", "function": {"name": "f"}}])
        record = await house.record(answer)
    assert (answer.status, answer.error["param"]) == (400, "tools")
    assert record.attempts == ()


async def test_a_rented_model_gets_its_own_key_and_never_the_clients(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            await house.chat(headers={"authorization": "Bearer sk-clients-own"})
    assert "authorization: Bearer sk-rented-secret" in rent.requests[0].head
    assert "sk-clients-own" not in rent.requests[0].head


async def test_a_foreign_web_page_cannot_spend_without_a_key(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            _, key = create_key(house.running.ledger_path, who="test")
            foreign = await house.chat(headers={"origin": "https://evil.example"})
            ours = await house.chat(headers={"origin": "http://test"})
            keyed = await house.chat(
                headers={"origin": "https://app.example", "authorization": f"Bearer {key}"}
            )
    assert (foreign.status, foreign.error["code"]) == (403, "foreign_origin")
    assert (ours.status, keyed.status) == (200, 200)
    assert len(rent.requests) == 2


async def statuses(house: Gateway, key: str, *names: str) -> list[int]:
    return [(await house.chat(n, headers={"authorization": f"Bearer {key}"})).status for n in names]


async def test_keys_open_what_they_are_for_and_revoked_ones_nothing(tmp_path: Path) -> None:
    top = "[server]\nrequire_keys = true"
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, top=top)) as house:
            ledger = house.running.ledger_path
            none = await house.chat()
            wrong = await house.chat(headers={"authorization": "Bearer sk-abcdefghijklmnop"})
            all_, all_key = create_key(ledger, who="test")
            _, route_key = create_key(ledger, routes=["support"], who="test")
            _, model_key = create_key(ledger, models=["llama"], who="test")
            assert await statuses(house, all_key, "support", "gpt", "llama") == [200, 200, 200]
            assert await statuses(house, route_key, "support", "gpt", "llama") == [200, 404, 404]
            assert await statuses(house, model_key, "support", "gpt", "llama") == [404, 404, 200]
            mine = await house.ask("/v1/models", authorization=f"Bearer {model_key}")
            records = await house.records()
            revoke_key(ledger, all_.id, who="test")
            async with asyncio.timeout(HANGS_SECONDS):
                while await statuses(house, all_key, "support") != [401]:  # noqa: ASYNC110 - as a client would see it
                    await asyncio.sleep(0.1)
    assert (none.status, wrong.status, wrong.error["code"]) == (401, 401, "invalid_api_key")
    assert wrong.error["message"].startswith("Incorrect API key provided: sk-")
    assert "abcdefgh" not in wrong.error["message"]
    assert [m["id"] for m in mine.json["data"]] == ["llama"]
    assert all_.id in {r.key for r in records}


async def test_a_changed_config_is_taken_over_and_a_bad_one_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="freehold")
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            assert (await house.chat()).headers["x-freehold-model"] == "gpt"
            house.config.write_text(two_homes(rent.url, own.url, 'home = "own"'))
            await until(lambda: "is in use" in caplog.text)
            assert (await house.chat()).headers["x-freehold-model"] == "llama"
            house.config.write_text(two_homes(rent.url, own.url, 'home = "moon"'))
            await until(lambda: "is not used" in caplog.text)
            assert (await house.chat()).headers["x-freehold-model"] == "llama"
    assert "routes.support.home" in caplog.text


async def test_a_reload_does_not_touch_a_stream_under_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="freehold")
    gate = asyncio.Event()

    async def step(exchange: up.Exchange) -> None:
        first = up.chunk("first")
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        await exchange.send(head + b"%x\r\n%b\r\n" % (len(first), first))
        await gate.wait()
        rest = up.chunk(finish="stop") + up.DONE
        await exchange.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(rest), rest))

    async with up.upstream(step) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            streaming = asyncio.create_task(house.chat(stream=True))
            await until(lambda: bool(rent.requests))
            house.config.write_text(two_homes(own.url, own.url, 'home = "own"'))
            await until(lambda: "is in use" in caplog.text)
            gate.set()
            answer = await asyncio.wait_for(streaming, HANGS_SECONDS)
    assert answer.whole
    assert answer.body.endswith(up.DONE)


async def test_cheapest_and_fastest_use_what_was_observed(tmp_path: Path) -> None:
    async def slow(exchange: up.Exchange) -> None:
        await asyncio.sleep(1)  # longer than a machine stalls
        await up.says()(exchange)

    async with up.upstream(slow) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, 'policy = "fastest"')) as house:
            seen = [(await house.chat()).headers["x-freehold-model"] for _ in range(4)]
    assert seen == ["gpt", "llama", "llama", "llama"]


async def test_split_keeps_a_user_on_one_model(tmp_path: Path) -> None:
    route = 'policy = "split"\nsplit = { gpt = 0.5, llama = 0.5 }'
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url, route)) as house:
            for user in ("ann", "bob", "cleo", "dan", "eve", "fay", "gus", "hal"):
                models = {(await house.chat(user=user)).headers["x-freehold-model"] for _ in range(3)}
                assert len(models) == 1
    assert rent.requests
    assert own.requests


async def test_content_is_kept_only_where_the_route_says_so(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as rent, up.upstream(up.says()) as own:
        async with gateway(tmp_path, two_homes(rent.url, own.url)) as house:
            await house.chat(content="the eagle has landed")
        assert not [p for p in tmp_path.iterdir() if b"the eagle" in p.read_bytes()]
        async with gateway(tmp_path, two_homes(rent.url, own.url, "store = true")) as house:
            answer = await house.chat(content="the eagle has landed")
    assert not [p for p in tmp_path.iterdir() if b"the eagle" in p.read_bytes()]  # it is encrypted
    with LedgerReader.open(tmp_path / "freehold.db") as reader:
        payload = reader.payload(answer.headers["x-request-id"])
    assert payload is not None
    assert b"the eagle" in payload.prompt
