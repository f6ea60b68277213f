from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Freehold, command, environment, spawn

from freehold.cli import command_line

COMMANDS_FOLDER = Path(str(sys.modules["freehold.cli"].__file__)).parent / "commands"
HEAVY = ("pydantic", "uvicorn", "rich", "genai_prices", "msgspec", "httptools", "ssl", "asyncio", "sqlite3")


def leaves(group: click.Group, *names: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from leaves(found, *names, name)
        else:
            yield " ".join((*names, name)), found


COMMANDS = dict(leaves(command_line))
WITHOUT_CONFIG = ("completion", "docs", "prices diff", "schema")  # these speak of no gateway


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that are there after a command has ended."""
    code = (
        "import json, sys\nfrom freehold.cli.entry import run\n"
        f"run({list(arguments)!r})\nsys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(ended.stderr.splitlines()[-1])}


def test_the_help_loads_nothing_heavy() -> None:
    assert loaded_by("--help").isdisjoint(HEAVY)


def test_the_version_loads_nothing_heavy() -> None:
    assert loaded_by("--version").isdisjoint(HEAVY)


def test_this_would_notice_a_heavy_module(tmp_path: Path) -> None:
    assert "msgspec" in loaded_by("requests", "--config", str(tmp_path / "missing.toml"))


def test_every_file_of_the_folder_is_a_command() -> None:
    files = {file.stem.rstrip("_") for file in COMMANDS_FOLDER.glob("*.py")} - {"", "__init"}
    assert files == {name.partition(" ")[0] for name in COMMANDS}


def test_the_help_lists_every_command_with_its_line() -> None:
    help_ = spawn(["--help"], Path.cwd()).stdout
    for name in {name.partition(" ")[0] for name in COMMANDS}:
        (line,) = (line for line in help_.splitlines() if line.startswith(f"  {name} "))
        assert len(line.split()) > 4


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_json_takes_a_config_and_tells_its_shape(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert options >= ({"--json"} if name in WITHOUT_CONFIG else {"--json", "--config"})
    assert "--json prints" in " ".join((COMMANDS[name].help or "").split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    options = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not (option.help or option.show_default)] == []


@pytest.mark.parametrize("name", ["checkk", "request", "statz"])
def test_a_mistyped_command_is_told_the_one_that_was_meant(name: str, freehold: Freehold) -> None:
    ended = freehold(name)
    assert ended.code == 2
    assert "did you mean" in ended.err


@pytest.mark.parametrize(
    "arguments", [["nothing-like-it"], ["--nonsense"], ["stats", "--since", "soon"], ["explain"]]
)
def test_a_wrong_call_is_a_sentence_and_exit_code_2(arguments: list[str], freehold: Freehold) -> None:
    ended = freehold(*arguments)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert "Traceback" not in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    "arguments", [["check"], ["requests"], ["stats"], ["keys", "list"], ["serve"], ["try", "a", "b"]]
)
def test_without_a_config_every_command_says_how_to_get_one(arguments: list[str], freehold: Freehold) -> None:
    ended = freehold(*arguments)
    assert ended.code == 2
    assert "there is no config in this folder" in ended.err
    assert "hint: `freehold init` writes one" in ended.err


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("up", "--help"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # before it has begun to write
        assert process.stderr.read() == ""
