"""The notebooks run from top to bottom, in a process of their own, and are kept without their outputs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.cli.conftest import environment
from tests.conftest import ROOT

pytest.importorskip("numpy")

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
# What a notebook shows at the end of a cell, printed: the value itself, and its picture where it has one.
SHOWN = """
import ast, json, sys
cells, names = json.loads(sys.stdin.read()), {"__name__": "__main__"}
for cell in cells:
    body = ast.parse(cell)
    last = body.body.pop() if isinstance(body.body[-1], ast.Expr) else None
    exec(compile(body, "cell", "exec"), names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if value is not None:
            print(value._repr_svg_() if hasattr(value, "_repr_svg_") else repr(value))
"""


def cells(notebook: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
    return found


def test_there_is_a_notebook() -> None:
    assert [notebook.name for notebook in NOTEBOOKS] == ["rent-or-own.ipynb"]


@pytest.mark.parametrize("notebook", [pytest.param(each, id=each.name) for each in NOTEBOOKS])
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    code = [cell for cell in cells(notebook) if cell["cell_type"] == "code"]
    assert code
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


@pytest.mark.parametrize("notebook", [pytest.param(each, id=each.name) for each in NOTEBOOKS])
def test_a_notebook_runs_and_shows_a_verdict_with_pictures(notebook: Path, tmp_path: Path) -> None:
    code = ["".join(cell["source"]) for cell in cells(notebook) if cell["cell_type"] == "code"]
    ran = subprocess.run(
        [sys.executable, "-c", SHOWN],
        input=json.dumps(code),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Keep renting openai/gpt-4o-mini" in ran.stdout
    pictures = [line for line in ran.stdout.splitlines() if line.startswith("<svg")]
    assert len(pictures) == 2
    assert all(ET.fromstring(each).tag.endswith("svg") for each in pictures)  # noqa: S314 - our own drawing
