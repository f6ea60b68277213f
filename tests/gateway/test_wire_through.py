"""What the application sees of the wire: bytes kept, headers, errors in OpenAI's words, streams."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway, hang_up
from tests.waiting import HANGS_SECONDS, until

from freehold.wire import Usage


def rented(url: str, more: str = "", route: str = "") -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
model = "gpt-4o-mini"
input_usd_per_million = 1
cached_input_usd_per_million = 0.5
output_usd_per_million = 10
retries = 0
{more}
[routes.support]
rent = "gpt"
{route}
"""


async def test_the_body_reaches_the_model_as_sent_but_for_its_name(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server, gateway(tmp_path, rented(server.url)) as house:
        body = (
            b'{"seed": 12345678901234567890, "model" : "support", "x_unknown":{"b":1.50,"a":[ ]},'
            b'"messages":[{"role":"user","content":"h\\u00e9"}]}'
        )
        answer = await house.ask("/v1/chat/completions", body)
    assert answer.status == 200
    sent = server.requests[0]
    assert b'"seed":12345678901234567890' in sent.body
    assert b'"x_unknown":{"b":1.50,"a":[ ]}' in sent.body
    assert b"h\\u00e9" in sent.body
    assert sent.json["model"] == "gpt-4o-mini"
    assert sent.head.startswith("POST /v1/chat/completions HTTP/1.1\r\n")


async def test_a_plain_answer_passes_byte_for_byte_with_our_headers(tmp_path: Path) -> None:
    raw = json.dumps(up.ANSWER, indent=2).encode()
    async with up.upstream(up.says(raw)) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat()
        record = await house.record(answer)
    assert answer.body == raw
    assert answer.json["model"] == "upstream-model-2024"
    assert answer.headers["x-freehold-model"] == "gpt"
    assert answer.headers["x-freehold-reason"] == record.reason
    assert record.usage == Usage(input_tokens=100, output_tokens=10, cached_tokens=40)
    # 60 fresh tokens at 1, 40 cached at 0.5, 10 out at 10 USD per million.
    assert record.cost_usd == Decimal("0.00018")
    assert (record.route, record.model, record.tenure, record.status, record.label) == (
        "support", "gpt", "rented", 200, "internal",
    )  # fmt: skip


async def test_a_stream_passes_event_for_event_and_is_accounted_for(tmp_path: Path) -> None:
    async with up.upstream(up.streams(*up.WHOLE)) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat(stream=True)
        record = await house.record(answer)
    assert answer.whole
    assert answer.body == b"".join(e for e in up.WHOLE if e is not up.USAGE)
    assert server.requests[0].json["stream_options"] == {"include_usage": True}
    assert record.usage == Usage(input_tokens=100, output_tokens=10, cached_tokens=40)
    assert record.ttft_seconds is not None


async def test_a_client_that_asks_for_usage_gets_it_in_the_stream(tmp_path: Path) -> None:
    async with up.upstream(up.streams(*up.WHOLE)) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat(stream=True, stream_options={"include_usage": True})
    assert answer.body == b"".join(up.WHOLE)


async def test_each_event_leaves_before_the_next_arrives(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def step(exchange: up.Exchange) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        event = up.chunk("first")
        await exchange.send(head + b"%x\r\n%b\r\n" % (len(event), event))
        await gate.wait()
        rest = up.chunk(finish="stop") + up.DONE
        await exchange.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(rest), rest))

    async with up.upstream(step) as server, gateway(tmp_path, rented(server.url)) as house:
        body = {"model": "support", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
        reader, writer = await house.open("/v1/chat/completions", body)
        await asyncio.wait_for(reader.readuntil(b'"first"'), HANGS_SECONDS)
        gate.set()
        assert b"[DONE]" in await asyncio.wait_for(reader.read(), HANGS_SECONDS)
        await hang_up(writer)


async def test_a_cut_stream_ends_in_an_error_event_and_never_cleanly(tmp_path: Path) -> None:
    script = up.streams(up.chunk("hel"), end=False)
    async with up.upstream(script) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat(stream=True)
        record = await house.record(answer)
    assert not answer.whole
    assert b"[DONE]" not in answer.body
    last = json.loads(answer.body.split(b"data: ")[-1])
    assert last["error"]["code"] == "upstream_cut"
    assert record.status == 502
    assert record.usage is None
    assert record.cost_usd is None


async def test_a_stream_that_ends_without_finish_or_done_is_a_cut(tmp_path: Path) -> None:
    async with (
        up.upstream(up.streams(up.chunk("hel"))) as server,
        gateway(tmp_path, rented(server.url)) as house,
    ):
        answer = await house.chat(stream=True)
    assert not answer.whole
    assert b'"upstream_cut"' in answer.body


async def test_a_finished_stream_without_done_is_whole(tmp_path: Path) -> None:
    script = up.streams(up.chunk("hi"), up.chunk(finish="stop"))
    async with up.upstream(script) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat(stream=True)
    assert answer.whole
    assert answer.body.endswith(up.DONE)


async def test_an_error_event_of_the_upstream_is_an_error_event_and_no_done_follows(tmp_path: Path) -> None:
    script = up.streams(
        up.chunk("hel"), b'data: {"error":{"message":"overloaded"}}\n\n', up.DONE, pause_seconds=0.05
    )
    async with up.upstream(script) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat(stream=True)
    assert not answer.whole
    assert b"overloaded" in answer.body
    assert b"[DONE]" not in answer.body


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (up.says(b"<html>hi</html>", kind="text/html"), "upstream_malformed"),
        (up.says(b"[1, 2]"), "upstream_malformed"),
        (up.cuts, "upstream_cut"),
        (up.says(status="302 Found", headers="location: /\r\n"), "upstream_not_found"),
        (up.fails("401 Unauthorized"), "upstream_rejected_key"),
    ],
)
async def test_a_broken_answer_is_a_502_with_a_typed_error(
    tmp_path: Path, script: up.Step, code: str
) -> None:
    async with up.upstream(script) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat()
        record = await house.record(answer)
    assert answer.status == 502
    assert answer.error["code"] == code
    assert record.status == 502
    assert answer.headers["x-freehold-reason"] == record.reason


async def test_a_client_mistake_that_the_model_found_passes_as_it_is(tmp_path: Path) -> None:
    script = up.fails("400 Bad Request", message="temperature is too high")
    async with up.upstream(script) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat(temperature=9)
    assert (answer.status, answer.error["message"]) == (400, "temperature is too high")


async def test_a_rate_limit_passes_with_its_retry_after(tmp_path: Path) -> None:
    script = up.fails("429 Too Many Requests", headers="retry-after: 17\r\n")
    async with up.upstream(script) as server, gateway(tmp_path, rented(server.url)) as house:
        answer = await house.chat()
    assert (answer.status, answer.headers["retry-after"]) == (429, "17")


async def test_a_slow_model_is_a_504(tmp_path: Path) -> None:
    config = "timeout_seconds = 0.2"
    async with up.upstream(up.hangs) as server, gateway(tmp_path, rented(server.url, config)) as house:
        answer = await house.chat()
    assert (answer.status, answer.error["code"]) == (504, "upstream_timeout")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_hangs_up_stops_the_upstream_at_once(tmp_path: Path, stream: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with up.upstream(up.hangs) as server, gateway(tmp_path, rented(server.url)) as house:
        body = {"model": "support", "stream": stream, "messages": [{"role": "user", "content": "hi"}]}
        _, writer = await house.open("/v1/chat/completions", body)
        await until(lambda: server.requests)
        await hang_up(writer)
        # 100 ms is promised, minutes is what the model may take; the rest is for a machine that is busy.
        await asyncio.wait_for(server.requests[0].closed.wait(), 60)
        async with asyncio.timeout(HANGS_SECONDS):
            while not (records := await house.records()):  # noqa: ASYNC110 - as another process would look
                await asyncio.sleep(0.05)
    assert records[0].status == 499
    assert records[0].attempts[0].outcome == "client_gone"


async def test_a_client_that_hangs_up_after_a_large_body_stops_the_upstream_too(tmp_path: Path) -> None:
    """While a large body came in, the socket was not read for a moment; it has to be read again after it."""
    async with up.upstream(up.hangs) as server, gateway(tmp_path, rented(server.url)) as house:
        body = {"model": "support", "messages": [{"role": "user", "content": "x" * 1_000_000}]}
        _, writer = await house.open("/v1/chat/completions", body)
        await until(lambda: server.requests)
        await hang_up(writer)
        await asyncio.wait_for(server.requests[0].closed.wait(), HANGS_SECONDS)


async def test_a_record_is_in_the_ledger_before_the_last_byte(tmp_path: Path) -> None:
    async with up.upstream(up.streams(*up.WHOLE)) as server, gateway(tmp_path, rented(server.url)) as house:
        for _ in range(5):
            answer = await house.chat(stream=True)
            assert (await house.record(answer)).status == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", None),
        (b"[]", "body"),
        (b'"x"', "body"),
        (b"", None),
        (b"[" * 100_000, "body"),
        (b'{"messages":[{}]}', "model"),
        (b'{"model":7,"messages":[{}]}', "model"),
        (b'{"model":"support"}', "messages"),
        (b'{"model":"support","messages":[]}', "messages"),
        (b'{"model":"support","messages":"x"}', "messages"),
        (b'{"model":"support","messages":[{}],"stream":"yes"}', "stream"),
        (b'{"model":"\xff","messages":[{}]}', None),
    ],
)
async def test_a_bad_body_is_a_400_that_names_the_field(
    tmp_path: Path, body: bytes, param: str | None
) -> None:
    async with gateway(tmp_path, rented("http://127.0.0.1:9/v1")) as house:
        answer = await house.ask("/v1/chat/completions", body)
        record = await house.record(answer)
    assert answer.status == 400
    assert answer.error["param"] == param
    assert answer.error["type"] == "invalid_request_error"
    assert record.cost_usd == 0


async def test_unknown_models_paths_and_methods_are_openai_errors(tmp_path: Path) -> None:
    async with gateway(tmp_path, rented("http://127.0.0.1:9/v1")) as house:
        missing = await house.chat("nope")
        path = await house.ask("/v1/nope")
        method = await house.ask("/v1/chat/completions")
    assert (missing.status, missing.error["code"], missing.error["param"]) == (
        404,
        "model_not_found",
        "model",
    )
    assert (path.status, method.status) == (404, 405)


async def test_a_body_over_the_limit_is_a_413(tmp_path: Path) -> None:
    config = "[server]\nmax_body_bytes = 1000\n" + rented("http://127.0.0.1:9/v1")
    async with gateway(tmp_path, config) as house:
        answer = await house.chat(content="x" * 2000)
    assert (answer.status, answer.error["code"]) == (413, "request_too_large")


async def test_models_are_listed_and_found_one_by_one(tmp_path: Path) -> None:
    async with gateway(tmp_path, rented("http://127.0.0.1:9/v1")) as house:
        listed = await house.ask("/v1/models")
        one = await house.ask("/v1/models/gpt")
        none = await house.ask("/v1/models/nope")
    assert [m["id"] for m in listed.json["data"]] == ["support", "gpt"]
    assert one.json["id"] == "gpt"
    assert none.status == 404


async def concurrent(house: Gateway, count: int) -> list[int]:
    answers = await asyncio.gather(*(house.chat() for _ in range(count)))
    return [answer.status for answer in answers]


async def test_many_requests_at_once_leave_one_record_each(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server, gateway(tmp_path, rented(server.url)) as house:
        assert await concurrent(house, 100) == [200] * 100
        records = await house.records()
    assert len({r.request_id for r in records}) == 100
