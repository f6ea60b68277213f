"""`freehold pull` as a real process, against a hub on loopback: killed, interrupted, resumed, told."""

from __future__ import annotations

import hashlib
import os
import pty
import signal
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CONFIG, Ended, Freehold, command, environment
from tests.engine.stand_in_hub import Fault, StandInHub, stand_in_hub
from tests.engine.tiny_gguf import Shape, write_gguf

from freehold.cli.owning import model_name

WEIGHTS = bytes(range(256)) * 16_384  # 4 MiB
NAME = "m-Q4_K_M.gguf"
SECRET = "hf_never_shown"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInHub]:
    with stand_in_hub() as running:
        running.add("org/M-1B-GGUF", {NAME: WEIGHTS}, cardData={"license": "llama3.2"})
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield running


def process(hub: StandInHub, folder: Path, *more: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("pull", "org/M-1B-GGUF", *more),
        cwd=folder,
        env=environment() | {"HF_ENDPOINT": hub.url} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def part(folder: Path) -> Path:
    return folder / "models" / f"{NAME}.{hashlib.sha256(WEIGHTS).hexdigest()[:12]}.part"


def some_has_come(folder: Path) -> int:
    """Waits until a part has grown, and says how far."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if part(folder).exists() and part(folder).stat().st_size > 200_000:
            return part(folder).stat().st_size
        time.sleep(0.01)
    pytest.fail("nothing came")


def end(running: subprocess.Popen[str]) -> Ended:
    out, err = running.communicate(timeout=60)
    return Ended(running.returncode, out, err)


def test_a_killed_process_is_taken_up_by_the_next(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("slow", NAME))
    with process(hub, tmp_path) as killed:
        come = some_has_come(tmp_path)
        killed.kill()
    assert not (tmp_path / "models" / NAME).exists()
    with process(hub, tmp_path) as running:
        ended = end(running)
    assert ended.code == 0, ended.err
    assert (tmp_path / "models" / NAME).read_bytes() == WEIGHTS
    begins = int(hub.of_store()[-1].headers["range"].removeprefix("bytes=").rstrip("-"))
    assert begins >= come
    assert "of it here already" in ended.err
    assert not part(tmp_path).exists()


def test_ctrl_c_keeps_what_has_come_and_says_so(hub: StandInHub, tmp_path: Path) -> None:
    hub.faults.append(Fault("slow", NAME))
    with process(hub, tmp_path) as running:
        some_has_come(tmp_path)
        running.send_signal(signal.SIGINT)
        ended = end(running)
    assert ended.code == 130
    assert "the same command goes on" in ended.err
    assert "Traceback" not in ended.err
    assert part(tmp_path).stat().st_size > 200_000


def test_the_screen_shows_licence_origin_and_lines_that_own_it(
    hub: StandInHub, folder: Path, freehold: Freehold
) -> None:
    ended = freehold("pull", "org/M-1B-GGUF")
    assert ended.code == 0, ended.err
    assert "licence  llama3.2" in ended.out
    assert f"{hub.url}/org/M-1B-GGUF" in ended.out
    start = ended.out.index("[models.")
    lines = [line.strip() for line in ended.out[start:].splitlines()]
    own = tomllib.loads("\n".join(lines[: lines.index("")]))
    assert own["models"]["m-1b"]["weights"] == f"models/{NAME}"
    assert (folder / own["models"]["m-1b"]["weights"]).read_bytes() == WEIGHTS
    assert f"{NAME}: 100 % of 4.19 MB" in ended.err


def test_the_lines_it_shows_make_a_config_without_a_mistake(
    hub: StandInHub, folder: Path, freehold: Freehold
) -> None:
    whole = write_gguf(folder / "x.gguf", Shape()).read_bytes()
    hub.add("org/Tiny-GGUF", {"tiny-F32.gguf": whole})
    (folder / "freehold.toml").write_text(CONFIG)
    pulled = freehold("pull", "org/Tiny-GGUF", "--json").json_lines[-1]
    (folder / "freehold.toml").write_text(f"{CONFIG}\n{pulled['config']}\n")
    ended = freehold("check")
    assert ended.code == 0, ended.out


def test_json_is_one_event_a_line_and_the_model_at_the_end(
    hub: StandInHub, folder: Path, freehold: Freehold
) -> None:
    hub.faults.append(Fault("cut", NAME, after=1_000_000))
    ended = freehold("pull", "org/M-1B-GGUF", "--into", "elsewhere", "--json")
    events: list[dict[str, Any]] = ended.json_lines
    kinds = [event["event"] for event in events]
    assert kinds[0] == "chosen"
    assert kinds[-2:] == ["finished", "pulled"]
    assert "waiting" in kinds
    assert events[0]["missing_bytes"] == len(WEIGHTS)
    assert events[-1]["path"] == str(folder / "elsewhere" / NAME)
    assert events[-1]["licence"] == "llama3.2"
    assert events[-1]["files"][0]["sha256"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert ended.err == ""


def test_a_terminal_sees_a_bar(hub: StandInHub, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    with subprocess.Popen(
        command("pull", "org/M-1B-GGUF"),
        cwd=tmp_path,
        env=environment() | {"HF_ENDPOINT": hub.url, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=slave,
    ) as running:
        os.close(slave)
        seen = b""
        try:
            while piece := os.read(master, 65_536):
                seen += piece
        except OSError:
            pass  # the other end has closed
        running.wait(60)
    os.close(master)
    assert running.returncode == 0
    assert "━".encode() in seen
    assert b"MB" in seen


def test_the_token_is_used_and_never_shown(hub: StandInHub, tmp_path: Path) -> None:
    hub.gated.add("org/M-1B-GGUF")
    with process(hub, tmp_path, "--json", HF_TOKEN=SECRET) as running:
        ended = end(running)
    assert ended.code == 0, ended.err
    assert SECRET not in ended.out + ended.err
    assert all(SECRET.encode() not in file.read_bytes() for file in (tmp_path / "models").iterdir())
    assert not any(SECRET in str(asked.headers) for asked in hub.of_store())


@pytest.mark.usefixtures("hub")
def test_what_goes_wrong_is_a_sentence_and_a_hint(folder: Path, freehold: Freehold) -> None:
    for name, said in [
        ("org/none", "no such model"),
        ("nonsense", "not the name of a model"),
        ("org/M-1B-GGUF:Q8_0", "has no Q8_0"),
    ]:
        ended = freehold("pull", name)
        assert ended.code == 1
        assert said in ended.err
        assert "hint: " in ended.err
    assert not (folder / "models").exists()


def test_a_hub_that_is_not_there_is_told_in_a_sentence(
    folder: Path, freehold: Freehold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "hub")
    ended = freehold("pull", "org/name")
    assert ended.code == 1
    assert "HF_ENDPOINT" in ended.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("repo", "name"),
    [
        ("bartowski/Llama-3.2-1B-Instruct-GGUF", "llama-3.2-1b-instruct"),
        ("a/GGUF", "owned"),
        ("a/Qwen2.5_7B.gguf", "qwen2.5_7b"),
    ],
)
def test_a_model_is_named_after_its_repository(repo: str, name: str) -> None:
    assert model_name(repo) == name
