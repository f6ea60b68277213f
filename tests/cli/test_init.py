from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Freehold
from tests.engine.tiny_gguf import Shape, write_gguf

from freehold.cli import llama_cpp
from freehold.config import load


def test_a_first_config_owns_the_shipped_model_and_rents_from_the_sandbox(
    freehold: Freehold, folder: Path
) -> None:
    ended = freehold("init")
    assert ended.code == 0
    assert "simulated" in ended.out
    settings = load(folder / "freehold.toml", {})
    assert settings.models["llama"].weights == "builtin:triage"
    assert settings.models["gpt"].provider == "sandbox"


def test_a_config_that_is_there_is_never_overwritten(freehold: Freehold, config: Path) -> None:
    before = config.read_text()
    ended = freehold("init")
    assert ended.code == 2
    assert "already there" in ended.err
    assert config.read_text() == before


def test_a_gguf_in_the_models_folder_is_what_it_owns(freehold: Freehold, folder: Path) -> None:
    (folder / "models").mkdir()
    write_gguf(folder / "models" / "a.gguf", Shape())
    (folder / "models" / "b.gguf").write_bytes(b"another")
    ended = freehold("init", "--json")
    assert ended.json["own"] == "models/a.gguf"
    assert any("b.gguf" in remark for remark in ended.json["remarks"])
    assert 'weights   = "models/a.gguf"' in (folder / "freehold.toml").read_text()


def test_weights_that_are_none_are_refused_and_nothing_is_written(freehold: Freehold, folder: Path) -> None:
    (folder / "no.gguf").write_bytes(b"not weights")
    ended = freehold("init", "--own", "no.gguf")
    assert ended.code == 2
    assert "error: weights: " in ended.err
    assert not (folder / "freehold.toml").exists()


def test_a_key_in_the_environment_alone_rents_nothing(
    freehold: Freehold, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen")
    ended = freehold("init")
    assert "OPENAI_API_KEY: set here and not used" in ended.out
    assert "sk-not-to-be-seen" not in ended.out + (folder / "freehold.toml").read_text()
    assert load(folder / "freehold.toml", {}).models["gpt"].provider == "sandbox"


def test_renting_for_real_is_asked_for_by_name(freehold: Freehold, folder: Path) -> None:
    ended = freehold("init", "--rent", "openai")
    assert "OPENAI_API_KEY is not set here" in ended.out
    assert load(folder / "freehold.toml", {"OPENAI_API_KEY": "k"}).models["gpt"].provider == "openai"


def test_renting_from_nowhere_is_a_sentence_and_nothing_is_written(freehold: Freehold, folder: Path) -> None:
    ended = freehold("init", "--rent", "chatgpt")
    assert ended.code == 1
    assert "neither a provider" in ended.err
    assert not (folder / "freehold.toml").exists()


def test_without_llama_cpp_no_owned_model_is_written_and_it_says_how_to_get_it(
    freehold: Freehold, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "is_installed", lambda: False)
    ended = freehold("init", "--json")
    assert ended.json["own"] is None
    assert any(llama_cpp.INSTALL in remark for remark in ended.json["remarks"])
    assert list(load(folder / "freehold.toml", {}).models) == ["gpt"]


def test_up_without_llama_cpp_writes_nothing_and_says_what_to_install(
    freehold: Freehold, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "is_installed", lambda: False)
    ended = freehold("up")
    assert ended.code == 1
    assert f"hint: {llama_cpp.INSTALL}" in ended.err
    assert not (folder / "freehold.toml").exists()


def test_renting_from_a_url_without_a_model_says_what_to_fill_in(freehold: Freehold, folder: Path) -> None:
    ended = freehold("init", "--rent", "http://127.0.0.1:8000/v1", "--json")
    assert "fill in `model` in it: what http://127.0.0.1:8000/v1 calls the model" in ended.json["remarks"][0]
    text = (folder / "freehold.toml").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("model ")]
    assert "FILL IN" in line
    assert "GET http://127.0.0.1:8000/v1/models" in line
    named = freehold(
        "init", "--rent", "http://127.0.0.1:8000/v1", "--rent-model", "m", "--config", "b.toml", "--json"
    )
    assert not any("fill in" in remark for remark in named.json["remarks"])
