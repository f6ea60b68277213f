"""Running `freehold` in a folder of its own: in this process for speed, as a real one where it counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT

from freehold.cli.entry import run
from freehold.ledger import Idle, Ledger, Record

CONFIG = """\
[server]
port = 0

[models.gpt]
tenure = "rented"
provider = "sandbox"
price_as = "openai/gpt-4o-mini"
ttft_seconds = 0
tokens_per_second = 100000

[models.llama]
tenure = "owned"
provider = "compatible"
url = "http://127.0.0.1:9/v1"
slots = 4
hourly_cost_usd = 0.6

[routes.support]
rent = "gpt"
own = "llama"
home = "rent"
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Freehold = Callable[..., Ended]
Wrote = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with none of our variables around."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "FREEHOLD_KEY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def freehold(folder: Path, capsys: pytest.CaptureFixture[str]) -> Freehold:
    """Runs a command in `folder`, in this process, with its output no terminal."""

    def freehold_(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run(list(arguments))
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    assert folder.is_dir()
    return freehold_


@pytest.fixture
def config(folder: Path) -> Path:
    """A config with a rented sandbox, an owned model somewhere and a route over both."""
    path = folder / "freehold.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def wrote(folder: Path) -> Wrote:
    """Writes entries into the ledger of `folder`, as a gateway would."""

    def wrote_(*entries: Record | Idle) -> Path:
        path = folder / "freehold.db"
        with Ledger.open(path) as ledger:
            for entry in entries:
                ledger.append(entry)
        return path

    return wrote_


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "freehold.cli", *arguments]


def environment() -> dict[str, str]:
    """What a real process gets: this source tree, and no settings of whoever runs the tests."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "LANG": "C.UTF-8"}


def spawn(arguments: Iterable[str], folder: Path, *, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """A real process, its output in pipes."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
