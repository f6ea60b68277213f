"""A child that dies is replaced; a file that is wrong is said to be; the end is the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from tests.engine.conftest import spec_for
from tests.engine.talk import chat

from freehold.engine import Engine, EngineError, EngineState
from freehold.errors import ConfigError


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def pid_of(engine: Engine) -> int:
    assert engine.state.pid is not None
    return engine.state.pid


async def test_the_states_are_told_in_order(tiny: Path) -> None:
    told: list[EngineState] = []
    engine = Engine(spec_for(tiny), told.append)
    assert engine.state.status == "stopped"
    await engine.start()
    await engine.stop()
    await asyncio.sleep(0)
    assert [state.status for state in told] == ["starting", "starting", "ready", "stopped"]
    assert told[2].sandboxed is True
    assert engine.address is None
    assert engine.secret is None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_child_that_dies_is_replaced_with_a_new_secret(tiny: Path, how: signal.Signals) -> None:
    told: list[EngineState] = []
    engine = Engine(spec_for(tiny), told.append)
    await engine.start()
    first, secret = pid_of(engine), engine.secret
    os.kill(first, how)
    await until(lambda: not engine.ready)
    assert engine.address is None
    await until(lambda: engine.ready)
    assert engine.secret != secret
    assert engine.state.restarts == 1
    assert (await asyncio.to_thread(chat, engine)).status == 200
    await engine.stop()
    lost = next(state for state in told if state.status == "restarting")
    assert how.name in str(lost.reason)


async def test_a_request_in_a_dying_child_is_an_error_and_the_next_one_an_answer(tiny: Path) -> None:
    engine = Engine(spec_for(tiny))
    await engine.start()
    long = asyncio.to_thread(chat, engine, max_tokens=8000, ignore_eos=True)
    cut = asyncio.create_task(long)
    await until(lambda: engine.health is not None)
    os.kill(pid_of(engine), signal.SIGKILL)
    with pytest.raises(OSError, match=r"closed|reset|refused"):
        await cut
    await until(lambda: not engine.ready)
    await until(lambda: engine.ready)
    assert (await asyncio.to_thread(chat, engine)).status == 200
    await engine.stop()


async def test_weights_that_vanish_are_the_reason_until_they_are_back(tiny: Path, tmp_path: Path) -> None:
    weights = tmp_path / "model.gguf"
    shutil.copyfile(tiny, weights)
    engine = Engine(spec_for(weights))
    await engine.start()
    weights.unlink()
    os.kill(pid_of(engine), signal.SIGKILL)
    await until(lambda: "does not exist" in str(engine.state.reason))
    assert engine.state.status == "restarting"
    shutil.copyfile(tiny, weights)
    await until(lambda: engine.ready)
    await engine.stop()


async def test_a_child_that_says_nothing_is_killed_and_replaced(tiny: Path) -> None:
    engine = Engine(spec_for(tiny, stall_seconds=2.5))
    await engine.start()
    first = pid_of(engine)
    os.kill(first, signal.SIGSTOP)
    await until(lambda: engine.ready and pid_of(engine) != first)
    assert not alive(first)
    await engine.stop()


async def test_a_bad_file_is_named_before_anything_starts(tmp_path: Path) -> None:
    weights = tmp_path / "model.gguf"
    weights.write_bytes(b"<html>404 Not Found</html>")
    engine = Engine(spec_for(weights))
    with pytest.raises(ConfigError) as raised:
        await engine.start()
    assert raised.value.key == "models.llama.weights"
    assert engine.state.status == "failed"
    assert "not a GGUF file" in str(engine.state.reason)
    assert engine.state.pid is None


async def test_what_llama_cpp_refuses_is_told_in_its_own_words(tiny: Path) -> None:
    engine = Engine(spec_for(tiny, chat_template="{% if %}"))
    with pytest.raises(EngineError, match="Unexpected token"):
        await engine.start()
    assert engine.state.status == "failed"


async def test_after_a_failed_start_one_can_try_again(tiny: Path, tmp_path: Path) -> None:
    weights = tmp_path / "model.gguf"
    engine = Engine(spec_for(weights))
    with pytest.raises(ConfigError):
        await engine.start()
    shutil.copyfile(tiny, weights)
    await engine.start()
    assert engine.ready
    await engine.stop()


async def test_stopping_ends_the_child_and_nothing_comes_after(tiny: Path) -> None:
    engine = Engine(spec_for(tiny))
    await engine.start()
    pid = pid_of(engine)
    await engine.stop()
    assert not alive(pid)
    assert engine.state.status == "stopped"
    await engine.stop()


async def test_stopping_while_it_starts_leaves_no_child(tiny: Path) -> None:
    engine = Engine(spec_for(tiny))
    starting = asyncio.create_task(engine.start())
    await until(lambda: engine.state.pid is not None)
    pid = pid_of(engine)
    await engine.stop()
    with pytest.raises(EngineError, match="stopped while it started"):
        await starting
    assert not alive(pid)


async def test_a_cancelled_start_leaves_no_child(tiny: Path) -> None:
    engine = Engine(spec_for(tiny))
    starting = asyncio.create_task(engine.start())
    await until(lambda: engine.state.pid is not None)
    pid = pid_of(engine)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not alive(pid)
    assert engine.state.status == "stopped"


async def test_health_is_heard_over_the_pipe(tiny: Path) -> None:
    engine = Engine(spec_for(tiny))
    await engine.start()
    await until(lambda: engine.health is not None)
    assert engine.health is not None
    assert engine.health.rss_bytes > 2**20
    assert engine.health.slots_busy == 0
    await engine.stop()


def test_it_runs_under_uvloop_too(tiny: Path) -> None:
    async def life() -> int:
        engine = Engine(spec_for(tiny))
        await engine.start()
        os.kill(pid_of(engine), signal.SIGKILL)
        await until(lambda: not engine.ready)
        await until(lambda: engine.ready)
        status = (await asyncio.to_thread(chat, engine)).status
        await engine.stop()
        return status

    assert uvloop.run(life()) == 200


ORPHAN = """
import asyncio, os, signal, sys
from pathlib import Path
from freehold.engine import Engine, EngineSpec

async def main():
    engine = Engine(EngineSpec("llama", Path(sys.argv[1])))
    await engine.start()
    print(engine.state.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_the_child_does_not_outlive_its_parent(tiny: Path) -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    parent = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(tiny)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PYTHONPATH": paths},
    )
    assert parent.returncode == -signal.SIGKILL
    asyncio.run(until(lambda: not alive(int(parent.stdout))))
