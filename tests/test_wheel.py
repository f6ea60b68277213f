"""The wheel alone, without this checkout: it serves the sample, its model, its pages and its documentation.

Its dependencies are those that are installed here; what they are is `pip`'s business.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT, environment

TICKET = "My order #48213 arrived broken. I need a replacement before Friday!"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, as an installation has it."""
    built, folder = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("unpacked")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def variables(unpacked: Path, home: Path) -> dict[str, str]:
    return environment(home) | {"PYTHONPATH": str(unpacked)}  # before the checkout that is installed here


def said(command: list[str], unpacked: Path, home: Path) -> str:
    env = variables(unpacked, home)
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, check=True).stdout


def test_the_code_that_runs_is_the_wheels(unpacked: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import freehold.cli; print(freehold.cli.__file__)"]
    assert Path(said(command, unpacked, tmp_path).strip()).is_relative_to(unpacked)


def test_up_in_an_empty_folder_answers_from_the_owned_model(
    unpacked: Path, tmp_path: Path, free_port: int
) -> None:
    command = [sys.executable, "-m", "freehold.cli", "up", "--port", str(free_port), "--json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=variables(unpacked, tmp_path), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            told = ""
            while not told.rstrip().endswith("\n}"):
                line = process.stdout.readline()
                assert line, told
                told += line
            ticket = {"model": "triage", "messages": [{"role": "user", "content": TICKET}]}
            answer = json.loads(asked(free_port, "POST", "/v1/chat/completions", ticket))
            page = asked(free_port, "GET", "/")
        finally:
            process.terminate()
            process.wait(60)
    assert json.loads(answer["choices"][0]["message"]["content"])["order_id"] == "48213"
    assert b"Freehold" in page


def test_its_documentation_is_in_it(unpacked: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "freehold.cli", "docs", "tutorial", "--json"]
    shown = json.loads(said(command, unpacked, tmp_path))
    assert Path(shown["file"]).is_relative_to(unpacked)
    assert shown["text"].startswith("# Your first hour")


def asked(port: int, method: str, path: str, body: Any = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()
    finally:
        connection.close()
