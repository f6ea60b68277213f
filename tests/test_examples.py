"""The examples run as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT, environment

EXAMPLES = sorted((ROOT / "examples").glob("*.sh"))


def test_there_are_examples() -> None:
    assert ROOT / "examples" / "first_hour.sh" in EXAMPLES


@pytest.mark.parametrize("example", [pytest.param(example, id=example.name) for example in EXAMPLES])
def test_an_example_tells_its_story_to_the_end(example: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [example],
        env=environment(tmp_path) | {"PYTHON": sys.executable, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, f"{ran.stdout[-4000:]}\n{ran.stderr[-4000:]}"
    assert list(tmp_path.glob("tmp.*")) == [], "it leaves its folder behind"
