"""A known host is one line of config; what it can and cannot do is data."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.cli.reading import read_settings
from freehold.config import ConfigErrors
from freehold.providers import load_provider, presets, provider_names

CONFIG = '[models.m]\ntenure = "rented"\nprovider = "{name}"\n{more}'


@pytest.mark.parametrize("name", presets())
def test_a_preset_needs_no_more_than_its_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / "freehold.toml"
    path.write_text(CONFIG.format(name=name, more=""))
    preset = presets()[name]
    model = read_settings(path, {} if preset.key_env is None else {preset.key_env: "k"}).models["m"]
    assert model.url == preset.url
    assert model.secret() == (None if preset.key_env is None else "k")
    assert load_provider(name).can == preset.can
    assert name in provider_names()


@pytest.mark.parametrize("name", [n for n, p in presets().items() if p.key_env])
def test_a_host_without_its_key_is_a_mistake_that_names_the_variable(name: str, tmp_path: Path) -> None:
    path = tmp_path / "freehold.toml"
    path.write_text(CONFIG.format(name=name, more=""))
    with pytest.raises(ConfigErrors, match=presets()[name].key_env):
        read_settings(path, {})


def test_another_address_is_not_sent_the_presets_key(tmp_path: Path) -> None:
    path = tmp_path / "freehold.toml"
    path.write_text(CONFIG.format(name="groq", more='url = "http://127.0.0.1:1/v1"'))
    assert read_settings(path, {"GROQ_API_KEY": "k"}).models["m"].secret() is None


@pytest.mark.parametrize("preset", presets().values(), ids=lambda preset: preset.name)
def test_every_preset_says_where_it_was_read(preset: object) -> None:
    assert preset.source.startswith("https://")  # type: ignore[attr-defined] # parametrised
    assert preset.cannot  # type: ignore[attr-defined] # parametrised
