from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import CONFIG, Freehold, command, environment, spawn
from tests.engine.tiny_gguf import Shape, write_gguf

from freehold.cli.gateway_at_hand import gateway_url
from freehold.cli.reading import read_settings
from freehold.ledger import who_holds

NOBODY_ANSWERS = CONFIG.replace(
    'provider = "sandbox"', 'provider = "compatible"\nurl = "http://127.0.0.1:9/v1"'
).replace("ttft_seconds = 0\ntokens_per_second = 100000\n", "retries = 0\n")


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours; it is told to end at the end, and is not done before it has."""
    with subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr is not None else ""
    return line


def told_when_ready(process: subprocess.Popen[str]) -> Any:
    """What `--json` says, read up to the end of its object."""
    text = first_line(process)
    while not text.rstrip().endswith("\n}"):
        text += first_line(process)
    return json.loads(text)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The config of a gateway that runs, shared by the tests of this file."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "freehold.toml").write_text(CONFIG)
    with running(folder, "serve") as process:
        first_line(process)
        yield folder / "freehold.toml"


def test_serve_says_in_one_line_that_it_is_ready_and_a_signal_ends_it(config: Path) -> None:
    with running(config.parent, "serve", "--port", "0") as process:
        said = first_line(process)
        assert said.startswith("Freehold serves http://127.0.0.1:")
        port = int(said.split()[2].rpartition(":")[2].removesuffix("/v1"))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60) as ready:
            assert ready.status == 200
        process.send_signal(signal.SIGTERM)
        rest, logged = process.communicate(timeout=60)
        assert (process.returncode, rest) == (0, "")
        (line,) = logged.splitlines()
        assert line.endswith("Z INFO stopped; drained 0 requests")


def test_serve_tells_programs_where_it_is_and_what_it_runs(config: Path) -> None:
    with running(config.parent, "serve", "--json") as process:
        told = told_when_ready(process)
        assert set(told) == {"url", "page", "config", "ledger", "models", "routes"}
        assert told["config"] == str(config)
        assert {m["name"]: m["simulated"] for m in told["models"]} == {"gpt": True, "llama": False}


def test_a_second_gateway_on_one_ledger_is_told_who_has_it(served: Path) -> None:
    ended = spawn(["serve", "--port", "0"], served.parent)
    assert ended.returncode == 1
    assert "another process" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken_is_a_sentence(served: Path, freehold: Freehold) -> None:
    holder = who_holds(served.parent / "freehold.db")
    assert holder is not None
    port = holder["note"]["url"].rpartition(":")[2]
    ended = freehold("serve", "--port", port, "--config", str(served))
    assert ended.code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.err
    assert "--port" in ended.err


def test_try_asks_the_gateway_that_runs_and_one_silent_home_is_shown_and_not_fatal(
    served: Path, freehold: Freehold
) -> None:
    ended = freehold("try", "support", "hello there", "--json", "--config", str(served))
    assert (ended.code, ended.err) == (0, "")
    rented, owned = ended.json["answers"]
    assert (rented["home"], rented["model"], rented["status"], rented["error"]) == ("rent", "gpt", 200, None)
    assert rented["simulated"] is True
    assert rented["text"].startswith("[simulated]")
    assert rented["usage"]["output_tokens"] > 0
    assert float(rented["cost_usd"]) > 0
    assert (owned["home"], owned["model"]) == ("own", None)
    assert owned["status"] >= 500
    assert owned["error"]
    listed = {
        line["request_id"] for line in freehold("requests", "--json", "--config", str(served)).json_lines
    }
    assert {rented["request_id"], owned["request_id"]} <= listed


def test_try_shows_a_person_both_homes_and_says_what_is_simulated(served: Path) -> None:
    ended = spawn(["try", "support", "hello there"], served.parent)
    assert ended.returncode == 0
    assert "rent: gpt (simulated)" in ended.stdout
    assert "USD simulated" in ended.stdout
    assert "own: " in ended.stdout
    assert ended.stdout.count("freehold explain req_") == 2


@pytest.mark.parametrize("arguments", [["support", "hi", "--home", "rent"], ["gpt", "hi"]])
def test_try_asks_one_home_alone_or_a_model_by_its_name(
    arguments: list[str], served: Path, freehold: Freehold
) -> None:
    ended = freehold("try", *arguments, "--json", "--config", str(served))
    assert [answer["home"] for answer in ended.json["answers"]] == ["rent"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["suport", "hi"], "no route is called 'suport'"),
        (["gpt", "hi", "--home", "own"], "has no model to own"),
        (["support", "hi", "--url", "http://example.com"], "a gateway on this machine only"),
    ],
)
def test_try_refuses_what_it_cannot_ask(
    arguments: list[str], said: str, served: Path, freehold: Freehold
) -> None:
    ended = freehold("try", *arguments, "--config", str(served))
    assert ended.code == 2
    assert said in ended.err


def test_try_on_a_terminal_shows_the_answers_side_by_side(served: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command("try", "support", "hello there"),
        cwd=served.parent,
        env={**environment(), "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"},
        stdout=theirs,
    ) as process:
        os.close(theirs)
        shown = read_all(ours)
        process.wait(60)
    assert process.returncode == 0
    frames = [line for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown).splitlines() if "╭" in line]
    assert "╭─ rent: gpt (simulated) " in frames[-1]
    assert "╭─ own " in frames[-1]


def read_all(descriptor: int) -> str:
    pieces = []
    try:
        while piece := os.read(descriptor, 65_536):
            pieces.append(piece)
    except OSError:
        pass  # how a terminal says that its other side is closed
    os.close(descriptor)
    return b"".join(pieces).decode()


def test_a_key_is_needed_where_the_config_says_so_and_comes_from_the_environment(config: Path) -> None:
    config.write_text(CONFIG.replace("port = 0", "port = 0\nrequire_keys = true"))
    made = json.loads(spawn(["keys", "create", "--json"], config.parent).stdout)
    with running(config.parent, "serve") as process:
        first_line(process)
        ended = spawn(["try", "gpt", "hi"], config.parent)
        assert ended.returncode == 1
        assert "FREEHOLD_KEY" in ended.stdout
        with_key = subprocess.run(
            command("try", "gpt", "hi", "--json"),
            cwd=config.parent,
            env={**environment(), "FREEHOLD_KEY": made["key"]},
            capture_output=True,
            text=True,
            check=False,
        )
    assert with_key.returncode == 0
    assert [answer["key"] for answer in json.loads(with_key.stdout)["answers"]] == [made["id"]]


def test_where_nobody_answers_try_ends_with_a_finding_and_still_tells(config: Path) -> None:
    config.write_text(NOBODY_ANSWERS)
    ended = spawn(["try", "support", "hi", "--json"], config.parent)
    assert ended.returncode == 1
    assert "one is started for this command" in ended.stderr
    assert [bool(answer["error"]) for answer in json.loads(ended.stdout)["answers"]] == [True, True]


def test_without_a_gateway_one_is_started_for_the_while_and_is_gone_afterwards(config: Path) -> None:
    settings = read_settings(config)
    with gateway_url(settings, None) as url:
        holder = who_holds(settings.ledger.path)
        assert holder is not None
        assert holder["note"]["url"] == url
    assert who_holds(settings.ledger.path) is None


def test_a_gateway_that_cannot_start_says_why_through_try(config: Path) -> None:
    config.write_text(CONFIG + '\n[prices]\nfile = "missing.toml"\n')
    ended = spawn(["try", "support", "hi"], config.parent)
    assert ended.returncode == 1
    assert "the gateway did not start" in ended.stderr
    assert "missing.toml" in ended.stderr


def test_up_shows_what_runs_what_to_try_and_where_things_are(config: Path) -> None:
    write_gguf(config.parent / "tiny.gguf", Shape())
    config.write_text(
        CONFIG.replace('"compatible"', '"llamacpp"').replace(
            'url = "http://127.0.0.1:9/v1"', 'weights = "tiny.gguf"\nthreads = 1'
        )
    )
    with running(config.parent, "up") as process:
        lines = [first_line(process)]
        while not lines[-1].startswith("  Stop"):
            lines.append(first_line(process))
        owned = spawn(["try", "support", "hi", "--home", "own", "--json"], config.parent)
    shown = "".join(lines)
    (gpt,) = (line for line in lines if line.startswith("    gpt "))
    (llama,) = (line for line in lines if line.startswith("    llama "))
    assert "simulated" in gpt
    assert llama.split()[1:4] == ["owned", "llamacpp", "ready"]
    assert "home rent: gpt, or llama" in shown
    for what in (
        "curl http://127.0.0.1:",
        "OpenAI(base_url=",
        "freehold try support",
        str(config),
        "freehold.db",
    ):
        assert what in shown
    (answer,) = json.loads(owned.stdout)["answers"]
    assert (answer["model"], answer["tenure"], answer["error"]) == ("llama", "owned", None)
    assert answer["slot_microseconds"] > 0


def test_up_in_an_empty_folder_writes_the_sample_and_serves_it(tmp_path: Path) -> None:
    with running(tmp_path, "up", "--port", "0", "--json") as process:
        told = told_when_ready(process)
    assert Path(told["config"]) == tmp_path / "freehold.toml"
    assert {m["name"]: (m["tenure"], m["status"]) for m in told["models"]} == {
        "gpt": ("rented", None),
        "llama": ("owned", "ready"),
    }
    assert spawn(["check"], tmp_path).returncode == 0


def test_up_writes_the_port_that_was_asked_for_into_the_sample(tmp_path: Path, free_port: int) -> None:
    with running(tmp_path, "up", "--port", str(free_port), "--json") as process:
        assert told_when_ready(process)["url"] == f"http://127.0.0.1:{free_port}/v1"
    assert read_settings(tmp_path / "freehold.toml").server.port == free_port
    with running(tmp_path, "serve", "--json") as process:
        assert told_when_ready(process)["url"] == f"http://127.0.0.1:{free_port}/v1"
