"""`private = "redact"`: what is private leaves as a pseudonym and the client gets it back."""

from __future__ import annotations

import base64
import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import Answer, gateway

EMAIL, CARD, IBAN = "erika.mustermann@firma-mueller.de", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
KEY = "sk-proj-" + "Zq7Lw2Xv9Rt4Bn8Kd3Hs6Pf1Jm5Gc0Ya"
CANARIES = (EMAIL, CARD, IBAN, KEY)


def config(rent: str, own: str | None = None, more: str = "") -> str:
    owned = (
        ""
        if own is None
        else f"""
[models.llama]
tenure = "owned"
provider = "compatible"
url = "{own}"
retries = 0
"""
    )
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{rent}"
retries = 0
{owned}
[routes.support]
rent = "gpt"
{'own = "llama"' if own else ""}
private = "redact"
{more}
"""


def echoes() -> up.Step:
    """Answers with what it was told, as a model that repeats would."""

    async def step(exchange: up.Exchange) -> None:
        said = exchange.json["messages"][-1]["content"]
        text = said if isinstance(said, str) else said[0]["text"]
        if exchange.json.get("stream"):
            pieces = [up.chunk(text[at : at + 7]) for at in range(0, len(text), 7)]
            await up.streams(*pieces, up.chunk(finish="stop"), up.USAGE, up.DONE)(exchange)
            return
        call = {
            "id": "c",
            "type": "function",
            "function": {"name": "f", "arguments": json.dumps({"said": text})},
        }
        message = {"role": "assistant", "content": text, "tool_calls": [call]}
        body = up.ANSWER | {
            "choices": [{"index": n, "message": message, "finish_reason": "stop"} for n in (0, 1)]
        }
        await up.says(body)(exchange)

    return step


def assert_nothing_private(raw: bytes) -> None:
    """In no form in which it may be written."""
    text = raw.decode("utf-8")
    loose = re.sub(r"[\s\-_.]", "", text)
    for canary in CANARIES:
        forms = (
            canary,
            json.dumps(canary)[1:-1],
            quote(canary),
            base64.b64encode(canary.encode()).decode()[:-4],
        )
        assert not any(form in text for form in forms), canary
        assert re.sub(r"[\s\-_.]", "", canary) not in loose, canary


def streamed(answer: Answer) -> str:
    events = [json.loads(line[6:]) for line in answer.body.split(b"\n\n") if line.startswith(b"data: {")]
    return "".join(c["delta"].get("content") or "" for e in events for c in e["choices"])


SAID = f"I am {EMAIL}, card {CARD}, IBAN {IBAN}, my key is {KEY}. Thanks!"


async def test_a_rented_model_gets_pseudonyms_and_the_client_its_own_words(tmp_path: Path) -> None:
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content=SAID)
        record = await house.record(answer)
    assert answer.status == 200, answer
    for choice in answer.json["choices"]:
        assert choice["message"]["content"] == SAID
        assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {"said": SAID}
    assert_nothing_private(rent.requests[0].body)
    assert "example.com" in rent.requests[0].body.decode()
    assert "pseudonyms stood for what it may not receive" in answer.headers["x-freehold-reason"]
    assert "EMAIL_ADDRESS" in answer.headers["x-freehold-reason"]
    assert record.label == "secret"
    assert record.reason == answer.headers["x-freehold-reason"]


async def test_a_stream_is_restored_though_pseudonyms_come_in_pieces(tmp_path: Path) -> None:
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content=SAID, stream=True)
    assert streamed(answer) == SAID
    assert answer.body.endswith(up.DONE)
    assert_nothing_private(rent.requests[0].body)


@pytest.mark.parametrize(
    "where", ["system", "tool", "arguments", "name", "metadata", "schema", "stop", "parts"]
)
async def test_no_place_in_a_body_is_forgotten(tmp_path: Path, where: str) -> None:
    user = {"role": "user", "content": "hello"}
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": json.dumps({"x": SAID})}}
    bodies: dict[str, dict[str, Any]] = {
        "system": {"messages": [{"role": "system", "content": SAID}, user]},
        "tool": {"messages": [user, {"role": "tool", "tool_call_id": "c", "content": SAID}]},
        "arguments": {"messages": [user, {"role": "assistant", "tool_calls": [call]}]},
        "name": {"messages": [{"role": "user", "name": EMAIL, "content": "hello"}]},
        "metadata": {"messages": [user], "metadata": {"who": SAID, EMAIL: "x"}},
        "schema": {
            "messages": [user],
            "tools": [{"type": "function", "function": {"name": "f", "description": SAID}}],
        },
        "stop": {"messages": [user], "stop": [EMAIL]},
        "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": SAID}]}]},
    }
    async with up.upstream(up.says()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.ask("/v1/chat/completions", {"model": "support"} | bodies[where])
    assert answer.status == 200, answer
    assert_nothing_private(rent.requests[0].body)


async def test_the_same_value_has_the_same_pseudonym_at_every_turn(tmp_path: Path) -> None:
    first = {"role": "user", "content": f"Write to {EMAIL}"}
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        one = await house.ask("/v1/chat/completions", {"model": "support", "messages": [first]})
        said = one.json["choices"][0]["message"]["content"]
        turns = [
            first,
            {"role": "assistant", "content": said},
            {"role": "user", "content": f"Did {EMAIL} answer?"},
        ]
        await house.ask("/v1/chat/completions", {"model": "support", "messages": turns})
    assert said == f"Write to {EMAIL}"
    before, after = (exchange.json["messages"] for exchange in rent.requests)
    pseudonym = before[0]["content"].removeprefix("Write to ")
    assert after[0] == before[0]
    assert after[2]["content"] == f"Did {pseudonym} answer?"


async def test_an_owned_model_gets_the_words_as_they_are(tmp_path: Path) -> None:
    more = 'home = "own"'
    async with up.upstream(up.says()) as rent, up.upstream(echoes()) as own:
        async with gateway(tmp_path, config(rent.url, own.url, more)) as house:
            answer = await house.chat(content=SAID)
    assert answer.headers["x-freehold-model"] == "llama"
    assert own.requests[0].json["messages"][0]["content"] == SAID
    assert "pseudonyms" not in answer.headers["x-freehold-reason"]
    assert rent.requests == []


async def test_when_the_owned_model_is_down_the_rented_one_gets_pseudonyms(tmp_path: Path) -> None:
    async with up.upstream(echoes()) as rent:
        async with gateway(tmp_path, config(rent.url, "http://127.0.0.1:9/v1", 'home = "own"')) as house:
            answer = await house.chat(content=SAID)
    assert answer.json["choices"][0]["message"]["content"] == SAID
    assert_nothing_private(rent.requests[0].body)


@pytest.mark.parametrize("how", ["header", "floor", "split over parts"])
async def test_a_label_without_a_text_to_replace_is_not_lowered(tmp_path: Path, how: str) -> None:
    more = 'label = "personal"' if how == "floor" else ""
    headers = {"x-freehold-label": "personal"} if how == "header" else {}
    parts = [{"type": "text", "text": part} for part in ("my card is 4111 1111 ", "1111 1111 ok")]
    content: Any = parts if how == "split over parts" else SAID
    async with up.upstream(up.says()) as rent, gateway(tmp_path, config(rent.url, more=more)) as house:
        answer = await house.chat(content=content, headers=headers)
    assert (answer.status, answer.error["code"]) == (403, "label_above_clearance")
    assert rent.requests == []
    assert not any(canary in answer.body.decode() for canary in CANARIES)


async def test_a_public_request_is_rented_as_it_is(tmp_path: Path) -> None:
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content="What is the capital of France?")
    assert answer.json["choices"][0]["message"]["content"] == "What is the capital of France?"
    assert rent.requests[0].json["messages"][0]["content"] == "What is the capital of France?"


async def test_responses_are_redacted_and_restored_too(tmp_path: Path) -> None:
    async with up.upstream(echoes()) as rent, gateway(tmp_path, config(rent.url)) as house:
        plain = await house.ask("/v1/responses", {"model": "support", "input": SAID})
        stream = await house.ask("/v1/responses", {"model": "support", "input": SAID, "stream": True})
    assert plain.json["output"][0]["content"][0]["text"] == SAID
    deltas = re.findall(rb'data: (\{"type":"response.output_text.delta".*)', stream.body)
    assert "".join(json.loads(delta)["delta"] for delta in deltas) == SAID
    for exchange in rent.requests:
        assert_nothing_private(exchange.body)


async def test_embeddings_are_made_of_pseudonyms(tmp_path: Path) -> None:
    vectors = {
        "object": "list",
        "model": "m",
        "data": [{"index": 0, "embedding": [0.5]}],
        "usage": {"prompt_tokens": 1},
    }
    async with up.upstream(up.says(vectors)) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.ask("/v1/embeddings", {"model": "support", "input": [SAID, EMAIL]})
    assert answer.status == 200, answer
    assert_nothing_private(rent.requests[0].body)


async def test_a_value_that_stands_in_two_fields_is_replaced_in_both(tmp_path: Path) -> None:
    body = {
        "messages": [{"role": "user", "content": f"I am {EMAIL}"}],
        "user": EMAIL,
        "metadata": {"a": EMAIL},
    }
    async with up.upstream(up.says()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.ask("/v1/chat/completions", {"model": "support"} | body)
    assert answer.status == 200, answer
    assert_nothing_private(rent.requests[0].body)
    sent = rent.requests[0].json
    assert sent["user"] == sent["metadata"]["a"] == sent["messages"][0]["content"].removeprefix("I am ")


async def test_a_grammar_is_bound_to_what_the_model_gets_and_not_to_what_was_asked(tmp_path: Path) -> None:
    """A grammar repeats words of the request: those of the redacted one."""
    number = CARD.replace(" ", "")
    text = config("http://127.0.0.1:9/v1", more='grammar = "ticket"')
    async with up.upstream(up.says()) as own:
        owned = '[models.llama]\ntenure = "owned"\nprovider = "llamacpp"\nclearance = "internal"\n'
        owned += f'url = "{own.url}"\n'
        text = text.replace("[routes.support]", f'{owned}[routes.support]\nown = "llama"\nhome = "own"')
        async with gateway(tmp_path, text) as house:
            answer = await house.chat(content=f"Order {number} is broken.")
    assert answer.headers["x-freehold-model"] == "llama", answer
    assert "grammar" in own.requests[0].json
    assert number not in own.requests[0].body.decode()


def refuses(way: str) -> up.Step:
    """A model that repeats what it was told in its error, which OpenAI's do for a prompt that they flag."""

    async def step(exchange: up.Exchange) -> None:
        message = f"I will not speak of {exchange.json['messages'][-1]['content']}"
        error = {"error": {"message": message, "type": "t", "param": None, "code": "c"}}
        if way == "status":
            await up.says(error, "400 Bad Request")(exchange)
            return
        event = b"data: " + json.dumps(error).encode() + b"\n\n"
        await up.streams(*((up.chunk("Well, "),) if way == "later" else ()), event)(exchange)

    return step


@pytest.mark.parametrize("way", ["status", "first", "later"])
async def test_an_error_that_repeats_the_prompt_names_the_clients_own_words_to_the_client_alone(
    tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="freehold")
    async with up.upstream(refuses(way)) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content=SAID, stream=way != "status")
        record = await house.record(answer)
    pseudonym = rent.requests[0].json["messages"][0]["content"].split()[2].rstrip(",")
    assert "@" in pseudonym
    told = answer.body.decode()
    assert f"I will not speak of {SAID}" in told
    assert pseudonym not in told
    written = f"{record} {answer.headers.get('x-freehold-reason')} {caplog.text}"
    assert pseudonym not in written
    assert_nothing_private(written.encode())
    assert ("[a pseudonym]" in written) is (way != "status")


async def test_a_fallbacks_reason_names_no_pseudonym_of_the_one_that_failed(tmp_path: Path) -> None:
    second = '[models.other]\ntenure = "rented"\nprovider = "compatible"\nurl = "{}"\n[routes.support]'
    async with up.upstream(refuses("first")) as rent, up.upstream(echoes()) as other:
        text = config(rent.url).replace("[routes.support]", second.format(other.url))
        async with gateway(tmp_path, text.replace('rent = "gpt"', 'rent = ["gpt", "other"]')) as house:
            answer = await house.chat(content=SAID, stream=True)
    assert streamed(answer) == SAID
    pseudonym = rent.requests[0].json["messages"][0]["content"].split()[2].rstrip(",")
    assert pseudonym not in answer.headers["x-freehold-reason"]
    assert "gpt failed" in answer.headers["x-freehold-reason"]


def with_logprobs() -> up.Step:
    """Answers what it was told, with the probability of every word of it, in two choices."""

    async def step(exchange: up.Exchange) -> None:
        body = exchange.json
        said = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
        words = [
            {"token": word, "logprob": -0.1, "bytes": list(word.encode()), "top_logprobs": []}
            for word in re.findall(r"\S+\s*", said)
        ]
        if body.get("stream"):
            events = [
                up.chunk(
                    choices=[
                        {
                            "index": n,
                            "delta": {"content": word["token"]},
                            "logprobs": {"content": [word]},
                            "finish_reason": None,
                        }
                    ]
                )
                for word in words
                for n in (0, 1)
            ]
            ends = [up.chunk(choices=[{"index": n, "delta": {}, "finish_reason": "stop"}]) for n in (0, 1)]
            await up.streams(*events, *ends, up.USAGE, up.DONE)(exchange)
            return
        probable: dict[str, Any] = {"content": words, "refusal": None}
        if "prompt" in body:
            probable = {"tokens": [word["token"] for word in words], "token_logprobs": [-0.1] * len(words)}
        said_so = {"text": said} if "prompt" in body else {"message": {"role": "assistant", "content": said}}
        choices = [{"index": n, "finish_reason": "stop", "logprobs": probable} | said_so for n in (0, 1)]
        await up.says(up.ANSWER | {"choices": choices})(exchange)

    return step


@pytest.mark.parametrize("kind", ["plain", "stream", "completions", "responses"])
async def test_log_probabilities_of_pseudonyms_are_withheld_in_every_choice(
    tmp_path: Path, kind: str
) -> None:
    chat = {"model": "support", "messages": [{"role": "user", "content": SAID}], "n": 2, "logprobs": True}
    path, body = {
        "plain": ("chat/completions", chat),
        "stream": ("chat/completions", chat | {"stream": True}),
        "completions": ("completions", {"model": "support", "prompt": SAID, "n": 2, "logprobs": 1}),
        "responses": (
            "responses",
            {"model": "support", "input": SAID, "include": ["message.output_text.logprobs"]},
        ),
    }[kind]
    async with up.upstream(with_logprobs()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.ask(f"/v1/{path}", body)
    assert answer.status == 200, answer
    asked = rent.requests[0].json
    pseudonym = (asked["prompt"] if "prompt" in asked else asked["messages"][0]["content"]).split()[2]
    told = answer.body.decode()
    assert pseudonym.rstrip(",") not in told
    assert str(list(pseudonym.encode()))[1:-1].replace(" ", "") not in told.replace(" ", "")
    if kind == "stream":
        events = [json.loads(line[6:]) for line in told.split("\n\n") if line.startswith("data: {")]
        choices = [choice for event in events for choice in event["choices"]]
        assert {choice["index"] for choice in choices} == {0, 1}
    elif kind == "responses":
        assert answer.json["output"][0]["content"][0]["logprobs"] == []
        return
    else:
        choices = answer.json["choices"]
        assert len(choices) == 2
    assert all(choice.get("logprobs") is None for choice in choices)


async def test_log_probabilities_of_what_was_not_redacted_pass(tmp_path: Path) -> None:
    async with up.upstream(with_logprobs()) as rent, gateway(tmp_path, config(rent.url)) as house:
        answer = await house.chat(content="What is the capital of France?", n=2, logprobs=True)
    assert all(len(choice["logprobs"]["content"]) == 6 for choice in answer.json["choices"])
