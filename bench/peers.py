"""Installs the other gateways beside this file, at the versions of `peers.txt`; each once.

They live in `bench/.peers`, outside of the product's own environment.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.processes import BenchError

_HERE = Path(__file__).resolve().parent
_PEERS = _HERE / ".peers"
_INSTALL_SECONDS = 1800

LITELLM = _PEERS / "litellm" / "bin" / "litellm"
PORTKEY = _PEERS / "portkey" / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"


def install_litellm() -> None:
    """A virtual environment of its own, about 600 MB."""
    stamp = _PEERS / "litellm" / f"installed-{pinned('litellm')}"
    if stamp.exists():
        return
    _say(f"installing LiteLLM {pinned('litellm')} into {stamp.parent}, once; this takes minutes")
    _run([sys.executable, "-m", "venv", str(stamp.parent)])
    pip = [
        str(stamp.parent / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
    ]
    _run([*pip, f"litellm[proxy]=={pinned('litellm')}"])
    stamp.touch()


def install_portkey() -> bool:
    """Whether it is there; without Node it is left out."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    stamp = _PEERS / "portkey" / f"installed-{pinned('@portkey-ai/gateway')}"
    if not stamp.exists():
        _say(f"installing Portkey {pinned('@portkey-ai/gateway')} into {stamp.parent}, once")
        npm = ["npm", "install", "--prefix", str(stamp.parent), "--no-fund", "--no-audit", "--ignore-scripts"]
        _run([*npm, "--loglevel=error", f"@portkey-ai/gateway@{pinned('@portkey-ai/gateway')}"])
        stamp.touch()
    return True


def pinned(name: str) -> str:
    """The version of a peer in `peers.txt`."""
    text = (_HERE / "peers.txt").read_text()
    found = re.search(rf"^{re.escape(name)}(?:\[\w+\])?==(\S+)$", text, re.MULTILINE)
    if found is None:
        raise BenchError(f"peers.txt does not pin {name}")
    return found.group(1)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, timeout=_INSTALL_SECONDS, stdout=sys.stderr)
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchError(f"a peer could not be installed: {error}") from error
