"""Names of weights become paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.engine import read_header, resolve_weights
from freehold.engine.weights import shards
from freehold.errors import ConfigError


def test_a_relative_path_starts_at_the_config_s_folder(tmp_path: Path) -> None:
    assert resolve_weights("models/a.gguf", tmp_path) == tmp_path / "models" / "a.gguf"


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    assert resolve_weights("/srv/a.gguf", tmp_path) == Path("/srv/a.gguf")


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert resolve_weights("~/a.gguf", tmp_path) == Path("/home/somebody/a.gguf")


def test_the_model_that_ships_is_a_whole_file_with_a_chat_template(tmp_path: Path) -> None:
    header = read_header(resolve_weights("builtin:triage", tmp_path))
    assert header.architecture == "llama"
    assert header.has_chat_template
    assert header.parameters > 1_000_000


def test_an_unknown_builtin_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve_weights("builtin:triag", tmp_path, key="models.llama.weights")
    assert raised.value.key == "models.llama.weights"
    assert raised.value.hint == "built in: triage"


def test_a_model_in_pieces_is_all_its_pieces() -> None:
    first = Path("/srv/big-00001-of-00003.gguf")
    assert [path.name for path in shards(first)] == [f"big-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    assert shards(Path("/srv/whole.gguf")) == (Path("/srv/whole.gguf"),)
