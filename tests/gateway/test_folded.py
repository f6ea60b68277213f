"""Plain answers of a real llama.cpp, asked for as streams: the client sees no difference."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.engine.tiny_gguf import Shape, write_gguf
from tests.gateway import upstream as up
from tests.gateway.house import gateway, hang_up
from tests.gateway.test_owned import SLOTS, owned

from freehold.providers import llamacpp

pytest.importorskip("xllamacpp", reason="the owned engine needs the [own] extra")

TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "parameters": {"type": "object", "properties": {"at": {"enum": ["x", "y"]}}, "required": ["at"]},
    },
}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("chat/completions", {}),
    ("chat/completions", {"n": 2}),
    ("chat/completions", {"logprobs": True, "top_logprobs": 2}),
    ("chat/completions", {"response_format": {"type": "json_object"}}),
    ("chat/completions", {"timings_per_token": True, "return_progress": True}),
    ("chat/completions", {"grammar": 'root ::= ""'}),
    ("completions", {"prompt": "hi"}),
    ("completions", {"prompt": "hi", "logprobs": 2}),
    ("completions", {"prompt": ["a", "b"]}),
    ("completions", {"prompt": "hi", "n": 2}),
]
CALLS = {
    "tools": [TOOL],
    "tool_choice": "required",
    "logit_bias": [["<tool_call>", 20]],  # random weights would not think of it by themselves
    "max_tokens": 200,
}
CALLED: list[tuple[str, dict[str, Any]]] = [("chat/completions", CALLS | {"n": n}) for n in (1, 2)]
# Random weights end in the middle of a character, which a stream leaves out and a plain answer marks: these
# here are bound to ASCII by their tool.
TRIAGE = Path(__file__).parents[2] / "models/triage/triage.gguf"
ANEW = {"id", "created", "timings"}  # each time


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("weights") / "tiny.gguf", Shape(context_tokens=2048))


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from one answer to the next."""
    for choice in answer["choices"]:
        for call in choice.get("message", {}).get("tool_calls", ()):
            assert call.pop("id")
    return {name: value for name, value in answer.items() if name not in ANEW} | {
        "timings": sorted(answer["timings"])
    }


@pytest.mark.parametrize("asked", [ASKED, CALLED], ids=["said", "called"])
async def test_a_folded_answer_is_the_plain_one(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    async with gateway(tmp_path, owned(weights if asked is CALLED else TRIAGE)) as house:
        for path, more in asked:
            body = {"model": "support", "max_tokens": 6, "temperature": 0, "seed": 1, "cache_prompt": False}
            if path.startswith("chat"):
                body |= {"messages": [{"role": "user", "content": "hi"}]}
            folded = await house.ask(f"/v1/{path}", body | more)
            with monkeypatch.context() as plainly:
                plainly.setattr(llamacpp.Provider, "folds", lambda *_: False)
                plain = await house.ask(f"/v1/{path}", body | more)
            assert (folded.status, plain.status) == (200, 200), (more, folded.body, plain.body)
            assert told(folded.json) == told(plain.json), more
            assert asked is ASKED or folded.json["choices"][0]["message"]["tool_calls"]
        records = await house.records()
    assert all(record.usage is not None for record in records)


async def test_hanging_up_on_plain_requests_frees_the_engine(tmp_path: Path, weights: Path) -> None:
    async with gateway(tmp_path, owned(weights)) as house:
        body = {
            "model": "support", "max_tokens": 1000, "ignore_eos": True,
            "messages": [{"role": "user", "content": "hi"}],
        }  # fmt: skip
        writers = [(await house.open("/v1/chat/completions", body))[1] for _ in range(SLOTS)]
        await asyncio.sleep(0.1)
        for writer in writers:
            await hang_up(writer)
        answer = await asyncio.wait_for(house.chat(max_tokens=2), 60)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        (up.streams(*up.WHOLE[:2]), 503, "upstream_cut"),  # our own model died
        (up.streams(b'data: {"error":{"message":"out of slots"}}\n\n'), 502, "upstream_error"),
        (up.says(), 200, None),
    ],
)
async def test_a_server_that_breaks_off_or_does_not_stream(
    tmp_path: Path, step: Any, status: int, code: str | None
) -> None:
    async with up.upstream(step) as server:
        config = f"""
[models.llama]
tenure = "owned"
provider = "llamacpp"
url = "{server.url}"
retries = 0
[routes.support]
own = "llama"
"""
        async with gateway(tmp_path, config) as house:
            answer = await house.chat()
        assert b'"stream":true' in server.requests[0].body.replace(b" ", b"")
    assert answer.status == status
    assert code is None or answer.error["code"] == code
