"""What the child may no longer do, tried for real in a process that has given its rights up."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.engine import landlock

pytestmark = pytest.mark.skipif(landlock.abi() < 4, reason="this kernel has no Landlock with network rules")

SCRIPT = """
import ctypes, json, os, signal, socket, subprocess, sys
from pathlib import Path
from freehold.engine.confinement import confine

weights, other, port, parent = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
report = confine([weights], parent_pid=parent)

def outcome(action):
    try:
        action()
    except OSError as error:
        return error.errno
    return "done"

def listen():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

libc = ctypes.CDLL(None, use_errno=True)
def ptrace():
    if libc.ptrace(16, parent, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "")

def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", port))

def tcp():
    with socket.socket() as client:
        client.connect(("127.0.0.1", port))

def fast_open():
    with socket.socket() as client:
        client.sendto(b"x", 0x20000000, ("127.0.0.1", port))

print(json.dumps({
    "complete": report.complete,
    "missing": report.missing,
    "read weights": outcome(weights.read_bytes),
    "read another file": outcome(lambda: open(other).read()),
    "list a folder": outcome(lambda: os.listdir("/")),
    "write weights": outcome(lambda: open(weights, "r+b")),
    "create a file": outcome(lambda: open(other + ".new", "w")),
    "delete a file": outcome(lambda: os.unlink(other)),
    "listen": outcome(listen),
    "connect": outcome(tcp),
    "connect by sending": outcome(fast_open),
    "send a datagram": outcome(udp),
    "open a unix socket": outcome(lambda: socket.socket(socket.AF_UNIX)),
    "run a program": outcome(lambda: os.execv("/bin/true", ["true"])),
    "signal the parent": outcome(lambda: os.kill(parent, 0)),
    "trace the parent": outcome(ptrace),
}))
"""


@pytest.fixture(scope="module")
def outcomes(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    other = tmp_path_factory.mktemp("private") / "key.txt"
    other.write_text("sk-made-up")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        arguments = [sys.executable, "-c", SCRIPT, str(tiny), str(other), str(port), str(os.getpid())]
        paths = os.pathsep.join(path for path in sys.path if path)
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=30, check=True, env={"PYTHONPATH": paths}
        )
        yield json.loads(done.stdout)
    assert other.read_text() == "sk-made-up"


def test_everything_is_enforced_on_this_kernel(outcomes: dict[str, Any]) -> None:
    assert outcomes["complete"] is True
    assert outcomes["missing"] == []


@pytest.mark.parametrize("action", ["read weights", "listen"])
def test_what_the_engine_lives_by_still_works(outcomes: dict[str, Any], action: str) -> None:
    assert outcomes[action] == "done"


@pytest.mark.parametrize(
    "action",
    [
        "read another file",
        "list a folder",
        "write weights",
        "create a file",
        "delete a file",
        "connect",
        "connect by sending",
        "send a datagram",
        "open a unix socket",
        "run a program",
        "signal the parent",
        "trace the parent",
    ],
)
def test_what_the_engine_does_not_need_is_denied(outcomes: dict[str, Any], action: str) -> None:
    assert outcomes[action] in (1, 13), "EPERM or EACCES"
