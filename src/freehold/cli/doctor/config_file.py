"""The config's mistakes and warnings; and as much of it as can be used all the same.

A key that is not set here may be set where the gateway runs: the models that need one are still looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from freehold.cli.certificate import tls_findings
from freehold.cli.doctor.report import Check, Group
from freehold.cli.figures import counted
from freehold.cli.places import capabilities
from freehold.cli.placing import placed
from freehold.cli.prices import price_file
from freehold.cli.reading import read_settings, settings_for_looking
from freehold.cli.sorting import search_mistakes
from freehold.config import ConfigErrors, Settings
from freehold.errors import ConfigError
from freehold.providers import load_provider

_GROUP = Group("config")
_KEYS = ("key_env", "key_file")


@dataclass(frozen=True, slots=True)
class Reading:
    """`settings` is `None` where the file cannot be used at all; `unkeyed` models have no key here."""

    settings: Settings | None
    unkeyed: frozenset[str]
    checks: tuple[Check, ...]


def read_config(path: Path) -> Reading:
    try:
        settings = read_settings(path)
    except ConfigErrors as errors:
        return _with_mistakes(path, errors)
    models, routes = counted(len(settings.models), "model"), counted(len(settings.routes), "route")
    good = _GROUP.good("file", f"no mistakes in {path}: {models}, {routes}")
    return Reading(settings, frozenset(), (good, *_oddities(settings)))


def _with_mistakes(path: Path, errors: ConfigErrors) -> Reading:
    keyless = [error for error in errors.errors if error.key.rpartition(".")[2] in _KEYS]
    try:
        settings = settings_for_looking(path)
    except ConfigErrors:
        return Reading(None, frozenset(), tuple(_mistake(error) for error in errors.errors))
    unkeyed = frozenset(error.key.split(".", 2)[1].strip('"') for error in keyless)
    mistakes = [_mistake(error) for error in errors.errors]
    return Reading(settings, unkeyed & settings.models.keys(), (*mistakes, *_oddities(settings)))


def _mistake(error: ConfigError) -> Check:
    return _GROUP.bad(error.key or "file", _placed(error), error.hint)


def _placed(error: ConfigError) -> str:
    return error.message if error.line is None else f"{error.message} (line {error.line})"


def _oddities(settings: Settings) -> Iterator[Check]:
    for warning in settings.warnings:
        yield _GROUP.odd(warning.key, _placed(warning), warning.hint)
    wrong, odd = tls_findings(settings.server)
    for error in wrong:
        yield _mistake(placed(settings.path, error))
    for warning in odd:
        yield _GROUP.odd(warning.key, _placed(placed(settings.path, warning)), warning.hint)
    for error in search_mistakes(settings):
        yield _mistake(error)
    try:
        price_file(settings)
    except ConfigError as error:
        yield _GROUP.bad(error.key, error.message, error.hint)
    for name, route in settings.routes.items():
        if route.grammar is not None and not any(_takes_grammars(settings, m) for m in route.candidates):
            message = f"none of its models takes a grammar: {route.grammar} is never used"
            hint = "own a model under llama.cpp, or take the line out"
            yield _GROUP.odd(f"routes.{name}.grammar", message, hint)


def _takes_grammars(settings: Settings, name: str) -> bool:
    model = settings.models[name]
    return "grammar" in capabilities(model, load_provider(model.provider))
