"""`llm`, the command, with Freehold as one of its extra models for OpenAI's API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.clients.conftest import Served

pytest.importorskip("llm", reason="llm is not installed: `make test-clients`")


@pytest.fixture
def settings(served: Served, tmp_path: Path) -> Mapping[str, str]:
    model = {
        "model_id": "freehold",
        "model_name": served.model,
        "api_base": served.url,
        "api_key_name": "freehold",
        "supports_schema": True,
        "supports_tools": True,
        "vision": True,
    }
    # JSON is YAML.
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps([model]))
    (tmp_path / "keys.json").write_text(json.dumps({"freehold": served.key}))
    return os.environ | {"LLM_USER_PATH": str(tmp_path), "HOME": str(tmp_path)}


def llm(settings: Mapping[str, str], *arguments: str, fails: bool = False) -> str:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "llm"), "-m", "freehold", *arguments],
        env=dict(settings), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (run.returncode != 0) == fails, run.stderr
    return run.stderr if fails else run.stdout


@pytest.mark.parametrize("arguments", [(), ("--no-stream",), ("-s", "Be brief."), ("-o", "temperature", "0")])
def test_a_prompt_is_answered(settings: Mapping[str, str], arguments: tuple[str, ...]) -> None:
    assert "hé" in llm(settings, "say “hé”", *arguments)


def test_an_object_of_a_schema(settings: Mapping[str, str]) -> None:
    said = llm(settings, "--schema", "name, age int", "a dog 'Rex' of 3")
    assert json.loads(said) == {"name": "Rex", "age": 3}


def test_a_tool_is_called(settings: Mapping[str, str]) -> None:
    function = "def weather(city: str) -> str:\n    'The weather.'\n    return 'sunny in ' + city"
    assert "sunny in Rome" in llm(settings, "--functions", function, "weather in 'Rome'")


def test_a_conversation_goes_on(settings: Mapping[str, str], served: Served) -> None:
    llm(settings, "one")
    llm(settings, "-c", "two")
    assert [m["role"] for m in served.strict.seen[-1]["messages"]] == ["user", "assistant", "user"]


def test_an_error_is_told(settings: Mapping[str, str]) -> None:
    assert "as asked" in llm(settings, "fail 400", fails=True)
