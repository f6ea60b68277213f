"""The settings as a command needs them. Does not know what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from freehold.cli.finding import find_config
from freehold.config import Settings, load
from freehold.providers import Preset, grammar_names, presets, provider_names
from freehold.routing import policy_names


def settings_for_looking(given: Path | None) -> Settings:
    """The settings for a command that asks no model: it does not need the upstreams' keys at hand."""
    return read_settings(find_config(given), _SecretsElsewhere())


def read_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings at `path`, checked against what this installation knows. Raises `ConfigErrors`.

    `environ` is this process's environment unless another is given.
    """
    return load(
        path,
        os.environ if environ is None else environ,
        providers=provider_names(),
        policies=policy_names(),
        grammars=grammar_names(),
        presets={name: _defaults(preset) for name, preset in presets().items()},
    )


def _defaults(preset: Preset) -> dict[str, str]:
    return {"url": preset.url} | ({} if preset.key_env is None else {"key_env": preset.key_env})


class _SecretsElsewhere(Mapping[str, str]):
    """This environment, with a placeholder for what is not set here but where the gateway runs."""

    def __getitem__(self, name: str) -> str:
        return os.environ.get(name) or "not-read-here"

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)
