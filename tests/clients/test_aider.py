"""aider, the pair programmer, as a command of its own: it pins what other clients need newer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.clients.conftest import Served

AIDER = os.environ.get("FREEHOLD_AIDER") or shutil.which("aider")

if AIDER is None:
    pytest.skip("aider is not installed (`pipx install aider-chat`)", allow_module_level=True)


# It would fetch a list of models first.
_NOWHERE_ELSE = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_a_question_is_answered(served: Served, tmp_path: Path, stream: str) -> None:
    (tmp_path / "a.py").write_text("print('hi')\n")
    here = {"OPENAI_API_BASE": served.url, "OPENAI_API_KEY": served.key, "HOME": str(tmp_path)}
    run = subprocess.run(
        [
            str(AIDER), "--model", f"openai/{served.model}", "--chat-mode", "ask", stream, "--no-git",
            "--yes-always", "--no-check-update", "--no-show-model-warnings", "--no-pretty", "--no-analytics",
            "--no-show-release-notes", "--no-detect-urls", "--map-tokens", "0", "--message", "say hé", "a.py",
        ],
        cwd=tmp_path,
        env=os.environ | _NOWHERE_ELSE | here,
        capture_output=True, text=True, check=False, timeout=300, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Choice 0: “say hé" in run.stdout
    assert served.strict.seen[-1]["messages"][-1]["content"].startswith("say hé")
