"""A request right after an engine's death waits shortly for the next one, not for one that never comes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest
from tests.engine.tiny_gguf import Shape, write_gguf
from tests.gateway import upstream as up
from tests.gateway.house import Gateway, gateway

from freehold.gateway import plan

pytest.importorskip("xllamacpp", reason="the owned engine needs the [own] extra")


def config(more: str = "", route: str = "") -> str:
    return f"""
[models.llama]
tenure = "owned"
provider = "llamacpp"
weights = "tiny.gguf"
threads = 1
slots = 2
context_tokens = 512
{more}
[routes.support]
own = "llama"
home = "own"
{route}
"""


@pytest.fixture(autouse=True)
def _weights(tmp_path: Path) -> None:
    write_gguf(tmp_path / "tiny.gguf", Shape(context_tokens=512))


def patient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(plan, "PATIENCE_SECONDS", seconds)


async def kill(house: Gateway, *, noticed: bool = True) -> None:
    engine = house.running.engines["llama"]
    assert engine.state.pid is not None
    os.kill(engine.state.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        while noticed and engine.ready:  # noqa: ASYNC110 - out of our reach
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("stream", [True, False])
async def test_it_is_answered_by_the_next_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, noticed: bool, stream: bool
) -> None:
    patient(monkeypatch, 60)  # however slow this machine is
    async with gateway(tmp_path, config()) as house:
        await kill(house, noticed=noticed)
        answer = await house.chat(max_tokens=4, stream=stream)
        assert house.running.engines["llama"].state.restarts > 0
    assert answer.status == 200
    assert answer.headers["x-freehold-model"] == "llama"


async def test_another_model_that_may_answer_is_asked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, 1000)
    async with up.upstream(up.says()) as server:
        rent = f'[models.gpt]\ntenure = "rented"\nprovider = "compatible"\nurl = "{server.url}"'
        async with gateway(tmp_path, config(more=rent, route='rent = "gpt"')) as house:
            shutil.move(tmp_path / "tiny.gguf", tmp_path / "gone.gguf")
            await kill(house)
            answer = await asyncio.wait_for(house.chat(max_tokens=4), 60)
    assert (answer.status, answer.headers["x-freehold-model"]) == (200, "gpt")


async def test_patience_ends_in_a_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch, 0.3)
    async with gateway(tmp_path, config()) as house:
        shutil.move(tmp_path / "tiny.gguf", tmp_path / "gone.gguf")
        await kill(house)
        answer = await house.chat(max_tokens=4)
    assert (answer.status, answer.error["code"]) == (503, "model_unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_the_routes_deadline_ends_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch, 1000)
    async with gateway(tmp_path, config(route="deadline_seconds = 0.3")) as house:
        shutil.move(tmp_path / "tiny.gguf", tmp_path / "gone.gguf")
        await kill(house)
        answer = await asyncio.wait_for(house.chat(max_tokens=4), 60)
    assert answer.status == 503


async def test_nobody_waits_for_an_engine_that_was_stopped_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, 1000)
    async with gateway(tmp_path, config()) as house:
        await house.running.engines["llama"].stop()
        answer = await asyncio.wait_for(house.chat(max_tokens=4), 60)
    assert (answer.status, answer.error["code"]) == (503, "model_unavailable")
