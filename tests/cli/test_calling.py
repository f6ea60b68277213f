from __future__ import annotations

from pathlib import Path

import pytest

from freehold.cli.calling import call


@pytest.fixture
def program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `freehold` in `.venv/bin` of the folder at hand, started by its path."""
    path = folder / ".venv" / "bin" / "freehold"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(path)])
    return path


def test_a_program_on_the_path_is_called_by_its_name(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert call("try", "support", config=Path("freehold.toml")) == "freehold try support"


def test_a_program_that_the_shell_would_not_find_is_called_by_its_path(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert call("up", config=Path("freehold.toml")) == ".venv/bin/freehold up"
    monkeypatch.chdir(program.parent.parent)
    assert call("up", config=Path("freehold.toml")) == "bin/freehold up"


def test_a_config_elsewhere_is_named(program: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert call("up", config=folder / "freehold.toml") == "freehold up"
    assert call("up", config=Path("my configs/x.toml")) == "freehold up --config 'my configs/x.toml'"
