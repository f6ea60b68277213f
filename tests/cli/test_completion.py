"""A real bash takes the script up and asks the real program, as when somebody presses the tab key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Freehold, environment

# Presses tab at the end of the words given, and prints what bash would offer.
PRESS_TAB = """\
set -eu
eval "$(freehold completion bash)"
complete -p freehold > /dev/null
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_freehold_completion freehold
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def path(folder: Path) -> str:
    """A PATH on which `freehold` is this source tree's."""
    program = folder / "bin" / "freehold"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m freehold.cli "$@"\n')
    program.chmod(0o755)
    return f"{program.parent}:{environment()['PATH']}"


def offered(path: str, *words: str) -> list[str]:
    ended = subprocess.run(
        ["bash", "--norc", "-c", PRESS_TAB, "bash", "freehold", *words],
        env={**environment(), "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stderr == ""
    return ended.stdout.split()


def test_bash_completes_commands_options_and_choices(path: str) -> None:
    assert offered(path, "ex") == ["explain", "export"]
    assert {"--since", "--json"} <= set(offered(path, "stats", "--"))
    assert offered(path, "export", "--format", "p") == ["parquet"]
    assert "create" in offered(path, "keys", "")


@pytest.mark.usefixtures("config")
def test_bash_completes_the_names_of_routes_and_models(path: str) -> None:
    assert offered(path, "try", "") == ["support", "gpt", "llama"]
    assert offered(path, "requests", "--model", "l") == ["llama"]
    assert offered(path, "keys", "create", "--route", "") == ["support"]


def test_the_names_come_from_the_config_that_the_line_names(path: str, config: Path) -> None:
    config.rename("other.toml")
    assert offered(path, "try", "") == []
    assert offered(path, "requests", "--config", "other.toml", "--route", "s") == ["support"]


@pytest.mark.parametrize("text", ["not = [toml", "routes = 1", "[routes]\n", "\x00"])
def test_a_config_with_mistakes_offers_what_it_can_and_says_nothing(
    path: str, config: Path, text: str
) -> None:
    config.write_text(text)
    assert offered(path, "requests", "--route", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script_and_a_line_that_takes_it_up(freehold: Freehold, shell: str) -> None:
    told = freehold("completion", shell, "--json").json
    assert set(told) == {"shell", "install", "file", "script"}
    assert f"_FREEHOLD_COMPLETE={shell}_complete" in told["script"]
    assert freehold("completion", shell).out.strip() == told["script"].strip()
    assert told["install"] in freehold("completion", "--help").out


def test_completing_a_command_imports_no_other() -> None:
    code = (
        "import sys\nfrom freehold.cli.entry import run\n"
        "try:\n    run([])\nexcept SystemExit:\n    pass\n"
        "print(sorted(name for name in sys.modules if name.startswith('freehold.cli.commands.')))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **environment(),
            "_FREEHOLD_COMPLETE": "bash_complete",
            "COMP_WORDS": "freehold ",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    *offers, imported = ended.stdout.splitlines()
    assert {"plain,check", "plain,export"} <= set(offers)
    assert imported == "[]"
