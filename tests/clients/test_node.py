"""Clients for JavaScript: OpenAI's own and Vercel's AI SDK, each file of `node/` a run of node's test runner.

Their packages are outside the repository: `make test-clients` puts them into the folder that
`FREEHOLD_NODE_CLIENTS` names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.clients.conftest import Served

HERE = Path(__file__).parent / "node"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
PACKAGES = Path(os.environ.get("FREEHOLD_NODE_CLIENTS", _CACHE / "freehold" / "node-clients"))

if shutil.which("node") is None:
    pytest.skip("node is not installed", allow_module_level=True)
if not (PACKAGES / "node_modules" / "openai").is_dir():
    pytest.skip(f"no packages in {PACKAGES}: `make test-clients` fetches them", allow_module_level=True)


@pytest.mark.parametrize(("script", "tests"), [("openai.mjs", 12), ("vercel.mjs", 18)])
def test_a_client_for_javascript_is_content(served: Served, tmp_path: Path, script: str, tests: int) -> None:
    shutil.copy(HERE / script, tmp_path)
    (tmp_path / "node_modules").symlink_to(PACKAGES / "node_modules")
    run = subprocess.run(
        ["node", "--test", "--test-reporter=tap", script],
        cwd=tmp_path,
        env=os.environ | {"FREEHOLD_URL": served.url, "FREEHOLD_KEY": served.key},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    passed = re.search(r"^# pass (\d+)$", run.stdout, re.MULTILINE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert passed is not None
    assert int(passed[1]) == tests
