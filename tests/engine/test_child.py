"""The running child: who may talk to it, and what it was given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.engine.conftest import running, spec_for
from tests.engine.talk import ask, chat

from freehold.engine import Engine

PATHS = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/chat/completions"),
    ("POST", "/v1/completions"),
    ("POST", "/completion"),
    ("POST", "/v1/embeddings"),
    ("POST", "/embedding"),
    ("POST", "/tokenize"),
    ("POST", "/apply-template"),
    ("POST", "/infill"),
    ("GET", "/slots"),
    ("POST", "/slots/0"),
    ("GET", "/props"),
    ("GET", "/metrics"),
    ("GET", "/lora-adapters"),
    ("GET", "/v1/models"),
    ("GET", "/models"),
    ("GET", "/health"),
    ("GET", "/v1/health"),
    ("GET", "/"),
    ("GET", "/index.html"),
    ("GET", "/v1/stream"),
    ("GET", "/tools"),
]


def status_of(engine: Engine, name: str) -> str:
    lines = Path(f"/proc/{engine.state.pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{name}:")).split(":")[1].strip()


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("secret", [None, "wrong"])
def test_no_path_answers_without_the_secret(
    engine: Engine, method: str, path: str, secret: str | None
) -> None:
    body: dict[str, object] | None = {} if method == "POST" else None
    assert ask(engine, method, path, body, secret=secret).status == 401
    outside = ask(engine, method, path, body, secret=secret, bare=True)
    assert outside.status in (401, 404)
    assert b"llama" not in outside.body


def test_with_the_secret_it_answers_under_our_name(engine: Engine) -> None:
    answer = chat(engine)
    assert answer.status == 200
    assert answer.json["model"] == "llama"


def test_the_prompts_of_others_cannot_be_looked_at_even_with_the_secret(engine: Engine) -> None:
    assert ask(engine, "GET", "/slots").status == 501
    assert ask(engine, "POST", "/props", {}).status == 501


def test_the_port_is_on_loopback_only(engine: Engine) -> None:
    assert engine.address is not None
    port = int(engine.address.split(":")[2].split("/")[0])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    assert listening == {f"0100007F:{port:04X}"}
    assert f":{port:04X} " not in Path("/proc/net/tcp6").read_text()


def test_the_parent_s_secrets_are_not_in_the_child(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-made-up")
    with running(spec_for(tiny)) as engine:
        environment = Path(f"/proc/{engine.state.pid}/environ").read_bytes()
        command = Path(f"/proc/{engine.state.pid}/cmdline").read_bytes()
    names = {entry.split(b"=")[0] for entry in environment.split(b"\0") if entry}
    assert names <= {b"PYTHONPATH", b"LANG", b"TZ", b"OMP_WAIT_POLICY", b"LD_LIBRARY_PATH"}
    assert b"sk-made-up" not in environment
    assert engine.secret is None
    assert b"secret" not in command


def test_the_secret_is_not_on_the_command_line_or_in_the_environment(engine: Engine) -> None:
    assert engine.secret is not None
    for name in ("environ", "cmdline"):
        assert engine.secret.encode() not in Path(f"/proc/{engine.state.pid}/{name}").read_bytes()


def test_the_kernel_confirms_that_rights_are_gone(engine: Engine) -> None:
    assert engine.state.sandboxed is True, engine.state.reason
    assert status_of(engine, "NoNewPrivs") == "1"
    assert status_of(engine, "Seccomp") == "2"
    assert int(status_of(engine, "CapEff"), 16) & ~(1 << 2) == 0
    limits = Path(f"/proc/{engine.state.pid}/limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_the_child_leads_its_own_session_and_holds_no_file_of_ours(engine: Engine, tmp_path: Path) -> None:
    with (tmp_path / "ours").open("w"), running(spec_for(engine.spec.weights)) as another:
        pid = another.state.pid
        assert pid is not None
        assert os.getsid(pid) == pid
        held = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
    expected = ("pipe:", "socket:", "anon_inode:", f"/proc/{pid}/statm", str(engine.spec.weights), "/dev/")
    assert [name for name in held if not name.startswith(expected)] == []
