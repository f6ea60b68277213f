"""Strict mode in processes of their own: an audit hook cannot be taken back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import environment

BEFORE = """
import sys
from freehold.egress import NotThroughTheDoor, forbid_other_connections
forbid_other_connections([sys.executable])
"""

ATTEMPTS = {
    "urllib": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    "socket": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "udp": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "name": "import socket; socket.getaddrinfo('example.com', 80)",
    "curl": "import subprocess; subprocess.run(['curl', 'http://127.0.0.1:9/'])",
    "shell": "import os; os.system('true')",
    "thread": (
        "from concurrent.futures import ThreadPoolExecutor as E; import socket; "
        "E(1).submit(socket.create_connection, ('127.0.0.1', 9)).result()"
    ),
}


@pytest.mark.parametrize("how", ATTEMPTS)
def test_nothing_but_the_door_connects(how: str, tmp_path: Path) -> None:
    script = (
        f"{BEFORE}\ntry:\n    exec({ATTEMPTS[how]!r})\n"
        "except NotThroughTheDoor:\n    print('refused')\n"
        "except OSError as error:\n"
        "    print('refused' if 'did not come through the door' in str(error) else 'reached')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "refused\n"
    assert "did not come through the door" in done.stderr


def test_the_door_connects_and_our_own_interpreter_may_be_started(tmp_path: Path) -> None:
    script = f"""{BEFORE}
import asyncio, subprocess, threading, uvloop
from freehold.egress import Client, Origin, Request, Timeouts
from freehold.privacy import Label, clear

async def main():
    async def answer(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok")
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    origin, _ = Origin.parse(f"http://127.0.0.1:{{server.sockets[0].getsockname()[1]}}")
    client = Client()
    permit = clear(Label.PUBLIC, Label.PUBLIC, origin.text, policy="test", body=b"")
    response = await client.send(permit, Request(origin, "GET", "/", (), b"", Timeouts()))
    print((await response.read(10)).decode())
    await client.close()
    server.close()

uvloop.run(main())
print(subprocess.run([sys.executable, "-c", "print('own')"], capture_output=True, text=True).stdout.strip())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout == "ok\nown\n", done.stderr
