"""What a stranger relies on before reading any code: licence, tools, versions, a clean tree."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import freehold

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = set(PROJECT["optional-dependencies"])

# Spelled so that this file does not find itself.
ADDRESSES = re.compile(
    r"pypi[.](org|python)|pythonhosted[.]org|--(extra-)?index-url|--find[-]links|--trusted[-]host|/simple[/](?=[\s\"']|$)"
)
SCAFFOLDING = re.compile(r"/work[/]|\bissue\s#?\d|co-authored[-]by|\bthe brief\b", re.IGNORECASE)
PINNED = re.compile(r"[A-Za-z0-9_.-]+==[0-9][^\s;]*")


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout to know which files are tracked")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in names.stdout.split("\0") if name and (ROOT / name).is_file()]


def found(pattern: re.Pattern[str]) -> list[str]:
    """Every place in a tracked text file where `pattern` stands."""
    places = []
    for file in tracked():
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue  # weights and the like
        lines = enumerate(text.splitlines(), start=1)
        places += [f"{file.relative_to(ROOT)}:{n}: {line}" for n, line in lines if pattern.search(line)]
    return places


def canonical(requirement: str) -> str:
    """A requirement's distribution name as indexes compare it."""
    name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["license"] == "Apache-2.0"


def test_the_changelog_begins_with_the_version_that_the_package_has() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == freehold.__version__


def test_no_tracked_file_holds_the_address_of_a_registry() -> None:
    assert found(ADDRESSES) == []


def test_the_project_speaks_of_the_product_alone() -> None:
    assert found(SCAFFOLDING) == []


@pytest.mark.parametrize(
    "target", ["up", "install", "browser", "test", "test-slow", "check", "bench", "docs", "pictures"]
)
def test_a_make_target_is_there_and_has_no_logic_of_its_own(target: str) -> None:
    rule = re.search(rf"^{target}:.*\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert rule is not None, f"there is no make {target}"
    assert rule[1].count("\n") <= 2


@pytest.mark.parametrize(("port", "call"), [("", "freehold up"), ("9000", "freehold up --port 9000")])
def test_make_up_serves_on_the_port_that_is_asked_for(port: str, call: str) -> None:
    command = ["make", "--dry-run", "--no-print-directory", "up", f"PORT={port}"]
    dry = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert dry.stdout.splitlines()[-1].endswith(call)


def test_ci_calls_make_test() -> None:
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert "make test" in run.read_text()
    assert "set -euo pipefail" in run.read_text()


@pytest.mark.parametrize(
    ("file", "extras"),
    [("constraints.txt", EXTRAS - {"clients"}), ("constraints-clients.txt", {"clients"})],
)
def test_every_dependency_is_pinned(file: str, extras: set[str]) -> None:
    lines = (ROOT / file).read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not PINNED.fullmatch(pin)] == []
    optional = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *(r for extra in extras for r in optional[extra])]
    assert {canonical(requirement) for requirement in wanted} - {canonical(pin) for pin in pins} == set()


def test_every_exception_in_the_linters_settings_has_a_reason() -> None:
    lists = re.findall(r"^\S.*= \[\n?((?:.*\n)*?)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    codes = [line for block in lists for line in block.splitlines() if re.match(r'\s+"[A-Z]{1,4}\d*"', line)]
    assert codes
    assert [line for line in codes if "#" not in line] == []
