"""What the engine's address can do, each asked over a real socket."""

from __future__ import annotations

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.engine.conftest import running, spec_for
from tests.engine.talk import ask, chat, events, metrics, opened

from freehold.engine import Engine

SCHEMA = {
    "type": "object",
    "properties": {"intent": {"enum": ["refund", "other"]}, "urgent": {"type": "boolean"}},
    "required": ["intent", "urgent"],
    "additionalProperties": False,
}
AS_SCHEMA = {"type": "json_schema", "json_schema": {"name": "ticket", "schema": SCHEMA}}


def content(answer_json: dict[str, object]) -> str:
    choices = answer_json["choices"]
    assert isinstance(choices, list)
    text = choices[0]["message"]["content"]
    assert isinstance(text, str)
    return text


def wait_until_idle(engine: Engine) -> None:
    deadline = time.monotonic() + 60
    while metrics(engine)["requests_processing"] > 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_chat_is_answered_with_usage_and_the_engine_s_own_timings(engine: Engine) -> None:
    answer = chat(engine).json
    assert answer["usage"]["completion_tokens"] == answer["timings"]["predicted_n"]
    assert answer["usage"]["total_tokens"] == sum(
        answer["usage"][part] for part in ("prompt_tokens", "completion_tokens")
    )


def test_a_plain_completion_is_answered(engine: Engine) -> None:
    answer = ask(engine, "POST", "/v1/completions", {"prompt": "hello", "max_tokens": 3, "ignore_eos": True})
    assert answer.status == 200
    assert answer.json["object"] == "text_completion"
    assert answer.json["usage"]["completion_tokens"] == 3


def test_the_chat_template_inside_the_file_shapes_the_prompt(engine: Engine) -> None:
    messages = [{"role": "user", "content": "hello"}]
    prompt = ask(engine, "POST", "/apply-template", {"messages": messages}).json["prompt"]
    assert prompt.endswith("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n")


def test_a_template_from_the_spec_replaces_the_file_s(tiny: Path) -> None:
    template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}>"
    with running(spec_for(tiny, chat_template=template)) as engine:
        messages = [{"role": "user", "content": "hello"}]
        prompt = ask(engine, "POST", "/apply-template", {"messages": messages}).json["prompt"]
    assert prompt == "[user] hello\n>"


def test_a_stream_comes_in_pieces_and_ends_with_usage(engine: Engine) -> None:
    *pieces, last = events(engine, stream_options={"include_usage": True}, ignore_eos=True, max_tokens=6)
    assert last == "[DONE]"
    decoded = [json.loads(piece) for piece in pieces]
    assert len(decoded) > 3
    assert decoded[-1]["usage"]["completion_tokens"] == 6
    assert decoded[-2]["choices"][0]["finish_reason"] == "length"


def test_a_stream_and_a_plain_answer_say_the_same(engine: Engine) -> None:
    fields: dict[str, Any] = {"temperature": 0, "max_tokens": 20, "grammar": "root ::= [a-z]+"}
    pieces = [json.loads(piece) for piece in events(engine, **fields)[:-1]]
    streamed = "".join(piece["choices"][0]["delta"].get("content") or "" for piece in pieces)
    assert streamed == content(chat(engine, **fields).json)


@pytest.mark.parametrize("seed", range(3))
def test_an_answer_follows_its_json_schema(engine: Engine, seed: int) -> None:
    answer = json.loads(content(chat(engine, response_format=AS_SCHEMA, max_tokens=300, seed=seed).json))
    assert answer.keys() == {"intent", "urgent"}
    assert answer["intent"] in {"refund", "other"}
    assert isinstance(answer["urgent"], bool)


def test_a_streamed_answer_follows_its_json_schema_too(engine: Engine) -> None:
    lines = events(engine, response_format=AS_SCHEMA, max_tokens=300)[:-1]
    pieces = [json.loads(line) for line in lines]
    text = "".join(piece["choices"][0]["delta"].get("content") or "" for piece in pieces)
    assert json.loads(text).keys() == {"intent", "urgent"}


def test_an_answer_follows_its_grammar(engine: Engine) -> None:
    grammar = 'root ::= "{\\"order_id\\":" ("\\"A-17\\"" | "null") "}"'
    answers = {content(chat(engine, grammar=grammar, max_tokens=40, seed=seed).json) for seed in range(4)}
    assert answers <= {'{"order_id":"A-17"}', '{"order_id":null}'}


def test_a_broken_grammar_is_the_request_s_error_and_not_the_engine_s_end(engine: Engine) -> None:
    before = engine.state.pid
    assert chat(engine, grammar="root ::= ((").status == 400
    assert chat(engine).status == 200
    assert engine.state.pid == before


def test_log_probabilities_come_for_each_token(engine: Engine) -> None:
    answer = chat(engine, logprobs=True, top_logprobs=3, max_tokens=4, grammar="root ::= [a-z]+").json
    tokens = answer["choices"][0]["logprobs"]["content"]
    assert len(tokens) == 4
    assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) == 3 for token in tokens)


def test_a_tool_is_called_with_arguments_that_fit_its_schema(engine: Engine) -> None:
    parameters = {"type": "object", "properties": {"open": {"enum": ["yes", "no"]}}, "required": ["open"]}
    fields: dict[str, Any] = {
        "tools": [{"type": "function", "function": {"name": "ticket", "parameters": parameters}}],
        "tool_choice": "required",
        "logit_bias": [["<tool_call>", 20]],  # random weights would not think of it by themselves
        "max_tokens": 200,
    }
    call = chat(engine, **fields).json["choices"][0]["message"]["tool_calls"][0]["function"]
    assert call["name"] == "ticket"
    assert json.loads(call["arguments"])["open"] in {"yes", "no"}


def test_one_child_embeds_and_chats(engine: Engine) -> None:
    answer = ask(engine, "POST", "/v1/embeddings", {"input": ["one text", "another"]}).json
    first, second = (item["embedding"] for item in answer["data"])
    assert len(first) == 64
    assert math.isclose(sum(value * value for value in first), 1, abs_tol=1e-4)
    assert first != second
    assert answer["usage"]["prompt_tokens"] > 0
    assert chat(engine).status == 200


def test_a_text_s_vector_does_not_depend_on_what_else_is_in_the_batch(engine: Engine) -> None:
    texts = ["one text", "another", "a much longer text than the other two", "one text"]

    def vectors(*inputs: str) -> list[list[float]]:
        answer = ask(engine, "POST", "/v1/embeddings", {"input": inputs}).json
        return [item["embedding"] for item in answer["data"]]

    alone = [vectors(text)[0] for text in texts]
    for together, single in zip(vectors(*texts), alone, strict=True):
        assert together == pytest.approx(single, abs=1e-4)


def test_a_text_as_long_as_the_context_can_be_embedded(engine: Engine) -> None:
    assert ask(engine, "POST", "/v1/embeddings", {"input": "x " * 900}).status == 200


def test_embedding_does_not_change_what_chat_says(engine: Engine, tiny: Path) -> None:
    fields: dict[str, Any] = {"temperature": 0, "max_tokens": 30, "ignore_eos": True}
    with running(spec_for(tiny, context_tokens=2048)) as chat_only:
        assert content(chat(chat_only, **fields).json) == content(chat(engine, **fields).json)
        refused = ask(chat_only, "POST", "/v1/embeddings", {"input": "hello"})
    assert refused.status == 501


def test_requests_share_one_batch(engine: Engine) -> None:
    fields: dict[str, Any] = {"max_tokens": 400, "ignore_eos": True}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: chat(engine, f"text {number}", **fields), range(4)))
    assert [answer.json["usage"]["completion_tokens"] for answer in answers] == [400] * 4
    assert metrics(engine)["n_busy_slots_per_decode"] > 1


def test_more_requests_than_slots_wait_for_their_turn(engine: Engine) -> None:
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda number: chat(engine, f"text {number}").status, range(12)))
    assert statuses == [200] * 12


def test_every_slot_has_its_whole_context(engine: Engine) -> None:
    """A prompt of nearly the context passes; one beyond it is refused and says both numbers."""
    assert engine.context_tokens == 2048
    assert chat(engine, "x " * 1000, max_tokens=1).status == 200
    refused = chat(engine, "x " * 1100)
    assert refused.status == 400
    assert refused.json["error"]["type"] == "exceed_context_size_error"
    assert refused.json["error"]["n_ctx"] == 2048


def test_a_client_that_hangs_up_stops_its_generation(tiny: Path) -> None:
    wanted = 8000
    body = {
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "max_tokens": wanted,
        "ignore_eos": True,
    }
    with running(spec_for(tiny, slots=1)) as engine:
        with opened(engine, "POST", "/v1/chat/completions", body) as response:
            assert response.readline().startswith(b"data: ")
        wait_until_idle(engine)
        generated = metrics(engine)["tokens_predicted_total"]
    assert generated < wanted / 2
