"""What each named host and engine can and cannot do, asked through a gateway: passed on or refused unsent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway

from freehold.providers import presets

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = sorted(presets())
_CHAT = {"messages": [{"role": "user", "content": "hi"}]}
_PIXEL = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
_SOUND = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
# A request that needs each capability: where it goes and what it says.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("chat/completions", _CHAT),
    "completions": ("completions", {"prompt": "hi"}),
    "embeddings": ("embeddings", {"input": "hi"}),
    "tools": ("chat/completions", _CHAT | {"tools": [{"type": "function", "function": {"name": "f"}}]}),
    "json_object": ("chat/completions", _CHAT | {"response_format": {"type": "json_object"}}),
    "json_schema": (
        "chat/completions",
        _CHAT | {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
    ),
    "grammar": ("chat/completions", _CHAT | {"grammar": 'root ::= "a"'}),
    "logprobs": ("chat/completions", _CHAT | {"logprobs": True}),
    "images": ("chat/completions", {"messages": [{"role": "user", "content": [_PIXEL]}]}),
    "audio": ("chat/completions", {"messages": [{"role": "user", "content": [_SOUND]}]}),
    "moderations": ("moderations", {"input": "hi"}),
}
# An engine's own words, which must reach it: vLLM's guided decoding and sampling, for one.
EXTRAS = {
    "top_k": 7,
    "min_p": 0.05,
    "structured_outputs": {"choice": ["a"]},
    "chat_template_kwargs": {"x": 1},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Gateway, up.Upstream]]:
    """One gateway, a model of each preset, all at one upstream that answers everything."""
    async with up.upstream(_any) as backend:
        folder: Path = tmp_path_factory.mktemp("presets")
        models = [_model(name, backend.url) for name in NAMES]
        async with gateway(folder, "".join(models)) as served:
            yield served, backend


def _model(name: str, url: str) -> str:
    tenure = "rented" if presets()[name].key_env else "owned"
    return f'[models.{name}]\ntenure = "{tenure}"\nprovider = "{name}"\nurl = "{url}"\n'


async def _any(exchange: up.Exchange) -> None:
    """A whole answer of whatever kind was asked for."""
    if "/embeddings " in exchange.head:
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        vector = [{"object": "embedding", "index": 0, "embedding": [0.5]}]
        await up.says({"object": "list", "model": "m", "data": vector, "usage": usage})(exchange)
    elif exchange.json.get("stream"):
        await up.streams(*up.WHOLE)(exchange)
    else:
        await up.says()(exchange)


@pytest.mark.parametrize("need", ASKED)
@pytest.mark.parametrize("name", NAMES)
async def test_what_it_can_is_passed_on_and_what_it_cannot_is_refused_unsent(
    house: tuple[Gateway, up.Upstream], name: str, need: str
) -> None:
    served, backend = house
    before = len(backend.requests)
    endpoint, body = ASKED[need]
    answer = await served.ask(f"/v1/{endpoint}", {"model": name} | body)
    if need in presets()[name].can:
        assert answer.status == 200, answer.body
        sent = backend.requests[-1]
        assert f"POST /v1/{endpoint} " in sent.head
        assert {key: sent.json[key] for key in body} == body
    else:
        assert answer.status == 400, answer.body
        assert len(backend.requests) == before
        assert name in answer.error["message"]


@pytest.mark.parametrize("name", NAMES)
async def test_an_engines_own_fields_reach_it_as_they_are(
    house: tuple[Gateway, up.Upstream], name: str
) -> None:
    served, backend = house
    assert (await served.chat(name, **EXTRAS)).status == 200
    assert {key: backend.requests[-1].json[key] for key in EXTRAS} == EXTRAS


@pytest.mark.parametrize("name", NAMES)
async def test_a_stream_is_asked_for_its_usage_only_where_that_is_known(
    house: tuple[Gateway, up.Upstream], name: str
) -> None:
    served, backend = house
    answer = await served.chat(name, stream=True)
    assert answer.whole
    asked = "stream_options" in backend.requests[-1].json
    assert asked == ("stream_usage" in presets()[name].can)
    assert (await served.record(answer)).usage is not None


async def test_every_capability_of_a_preset_has_its_question() -> None:
    known = {*ASKED, "stream_usage"}
    assert [name for name in NAMES if not presets()[name].can <= known] == []
