"""What tests of the whole product share: the public data, a free port, and a real gateway that runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# The same commit draws the same examples, so that a red run can be made again anywhere; what nobody has drawn
# yet is looked for by `HYPOTHESIS_PROFILE=explore`. A big example beats a run that shrinks it for minutes.
_QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
settings.register_profile("suite", derandomize=True, deadline=None, phases=_QUICK)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("FREEHOLD_SHARED", ROOT.parent / "shared"))
_BIN = Path(sys.executable).parent
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gateway:
    """A `freehold serve` that answers. `url` ends in `/v1`; `folder` holds its `freehold.toml`."""

    url: str
    port: int
    folder: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]


def environment(home: Path) -> dict[str, str]:
    """What a command may see: this installation first on the path, no key, no proxy, no settings of mine."""
    return {"PATH": f"{_BIN}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Gateway]:
    """Serves the `freehold.toml` in `folder`, made by `freehold init` if it is not there, until the end."""
    env = environment(folder)
    if not (folder / "freehold.toml").exists():
        subprocess.run(["freehold", "init"], cwd=folder, env=env, check=True, capture_output=True)
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            ["freehold", "serve", "--port", str(port)], cwd=folder, env=env, stdout=log, stderr=log
        )
    try:
        _wait_until_ready(process, port, folder / "serve.log")
        yield Gateway(f"http://127.0.0.1:{port}/v1", port, folder, env, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    pytest.fail(f"the gateway did not become ready:\n{log.read_text()}")


@pytest.fixture(scope="session")
def freehold_shared() -> Path:
    """The folder of public data. The skip is listed at the end of a run."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the public data: {SHARED} is not there, FREEHOLD_SHARED names another folder")
    return SHARED


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    return _free_port()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A real gateway on the sample config, shared by the whole run: tests leave its config as it is."""
    with serving(tmp_path_factory.mktemp("gateway"), _free_port()) as running:
        yield running
