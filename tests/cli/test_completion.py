"""Real shells take the script up and ask the real program, as when somebody presses the tab key."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


def needs(shell: str) -> str:
    """The shell's path. The skip is listed at the end of a run."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"needs {shell}: apt-get install {shell}")
    return found


def offered_by_fish(path: str, line: str) -> list[str]:
    ended = subprocess.run(
        [needs("fish"), "--no-config", "-c", f"freehold completion fish | source; complete -C {line!r}"],
        env={**environment(), "PATH": path, "HOME": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stderr == ""
    return [offer.partition("\t")[0] for offer in ended.stdout.splitlines()]


@pytest.mark.usefixtures("config")
def test_fish_completes_commands_options_choices_and_names(path: str) -> None:
    assert offered_by_fish(path, "freehold ex") == ["explain", "export"]
    assert {"--since", "--json"} <= set(offered_by_fish(path, "freehold stats --"))
    assert offered_by_fish(path, "freehold export --format p") == ["parquet"]
    assert offered_by_fish(path, "freehold requests --model l") == ["llama"]
    assert set(offered_by_fish(path, "freehold try ")) == {"support", "gpt", "llama"}


class Zsh:
    """An interactive zsh on a terminal of its own, before which somebody sits and types."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._shown = ""

    def type(self, keys: str, until: str) -> str:
        """Press the keys; what is shown from then on, once `until` is in it."""
        self._shown = ""
        os.write(self._terminal, keys.encode())
        deadline = time.monotonic() + 60
        while until not in self._shown:
            assert time.monotonic() < deadline, self._shown
            if select.select([self._terminal], [], [], 0.1)[0]:
                piece = os.read(self._terminal, 65_536).decode("utf-8", "replace")
                self._shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[\r\x07]", "", piece)
        return self._shown


@contextmanager
def zsh(path: str, home: Path) -> Iterator[Zsh]:
    ours, theirs = pty.openpty()
    env = {**environment(), "PATH": path, "HOME": str(home), "TERM": "xterm", "PS1": "$ ", "COLUMNS": "100"}
    with subprocess.Popen(
        [needs("zsh"), "-f", "-i"], env=env, stdin=theirs, stdout=theirs, stderr=theirs
    ) as shell:
        os.close(theirs)
        try:
            sits = Zsh(ours)
            sits.type("autoload -U compinit; compinit -u -D; echo is $((6 * 7))\n", until="is 42")
            sits.type('eval "$(freehold completion zsh)"; echo is $((6 * 9))\n', until="is 54")
            yield sits
        finally:
            shell.kill()
            os.close(ours)


@pytest.mark.usefixtures("config")
def test_zsh_completes_commands_options_and_names(path: str, folder: Path) -> None:
    with zsh(path, folder) as shell:
        shell.type("freehold ex\t", until="exp")  # as far as explain and export have it in common
        shell.type("\x15freehold explai\t", until="explain ")
        shell.type("\x15freehold try s\t", until="support ")
        shell.type("\x15freehold export --format p\t", until="parquet ")


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
