"""Read the config and tell every mistake in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from freehold.cli import llama_cpp
from freehold.cli.certificate import tls_findings
from freehold.cli.entry import DONE, FINDING
from freehold.cli.figures import counted
from freehold.cli.finding import find_config
from freehold.cli.front_door import stops_serving
from freehold.cli.house_rules import rules_of
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.placing import placed
from freehold.cli.reading import read_settings
from freehold.cli.screen import Block, Meaning, Screen, Word, line
from freehold.cli.sorting import search_mistakes
from freehold.cli.user_file import text_of
from freehold.config import ConfigErrors, Settings
from freehold.costs import mistakes_in_prices
from freehold.engine import read_header, resolve_weights
from freehold.errors import ConfigError

Severity = Literal["mistake", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or odd, and the file it stands in."""

    file: Path
    error: ConfigError
    severity: Severity

    def shape(self) -> dict[str, Any]:
        error = self.error
        return {
            "file": str(self.file),
            "key": error.key,
            "line": error.line,
            "message": error.message,
            "hint": error.hint,
            "severity": self.severity,
        }


@click.command()
@config_option
@json_option
def command(config: Path | None, *, as_json: bool) -> int:
    """Tell every mistake in the config at once, each with its line, its key and how to mend it.

    Also looks into the files that it names: weights, prices, rules. Asks nobody, starts nothing. Exit code
    1 where there is a mistake, 2 where the file cannot be read; warnings alone are 0.

    --json prints a list of objects: file, key, line, message, hint, severity (mistake or warning).
    """
    path = find_config(config)
    if not os.access(path, os.R_OK):
        raise ConfigError("", f"{path} cannot be read")
    settings, findings = _look(path)
    shapes = [finding.shape() for finding in findings]
    answer(shapes, lambda: _told(path, settings, findings), as_json=as_json)
    return FINDING if any(finding.severity == "mistake" for finding in findings) else DONE


def _look(path: Path) -> tuple[Settings | None, list[Finding]]:
    try:
        settings = read_settings(path)
    except ConfigErrors as errors:
        return None, [Finding(path, error, "mistake") for error in errors.errors]
    wrong_tls, odd_tls = tls_findings(settings.server)
    wrong = [*_wrong_weights(settings), *wrong_tls]
    mistakes = [Finding(path, placed(path, error), "mistake") for error in wrong]
    odd = [Finding(path, w, "mistake" if stops_serving(w) else "warning") for w in settings.warnings]
    odd += [Finding(path, placed(path, error), "warning") for error in odd_tls]
    mistakes += [Finding(path, error, "mistake") for error in search_mistakes(settings)]
    return settings, [*mistakes, *_wrong_prices(settings), *_wrong_rules(settings), *odd]


def _wrong_weights(settings: Settings) -> Iterator[ConfigError]:
    for name, model in settings.models.items():
        if model.weights is None:
            continue
        key = f"models.{name}.weights"
        if not llama_cpp.is_installed():
            yield ConfigError(key, "llama.cpp, which runs them, is not installed", hint=llama_cpp.INSTALL)
        try:
            read_header(resolve_weights(model.weights, settings.base, key=key), key=key)
        except ConfigError as error:
            yield error


def _wrong_rules(settings: Settings) -> Iterator[Finding]:
    for name, model in settings.models.items():
        if model.rules is None:
            continue
        try:
            rules_of(name, model, settings.base)
        except ConfigErrors as errors:
            yield from (Finding(settings.base / model.rules, error, "mistake") for error in errors.errors)
        except ConfigError as error:
            yield Finding(settings.path, error, "mistake")


def _wrong_prices(settings: Settings) -> Iterator[Finding]:
    file = settings.prices.file
    if file is None:
        return
    try:
        text = text_of(file, "prices.file")
    except ConfigError as unread:
        yield Finding(settings.path, unread, "mistake")
        return
    for mistake in mistakes_in_prices(text, name=file.name):
        yield Finding(file, mistake, "mistake")


def _told(path: Path, settings: Settings | None, findings: list[Finding]) -> Screen:
    blocks: list[Block] = [block for finding in findings for block in _finding(finding)]
    mistakes = sum(finding.severity == "mistake" for finding in findings)
    if mistakes or settings is None:
        blocks.append(line(Word(counted(mistakes, "mistake"), "bad"), f" in {path}"))
    else:
        models, routes = counted(len(settings.models), "model"), counted(len(settings.routes), "route")
        blocks.append(line(Word("no mistakes", "good"), f" in {path}: {models}, {routes}"))
    return blocks


def _finding(finding: Finding) -> Iterator[Block]:
    error = finding.error
    place = str(finding.file) if error.line is None else f"{finding.file}:{error.line}"
    key = f"{error.key}: " if error.key else ""
    meaning: Meaning = "bad" if finding.severity == "mistake" else "odd"
    tag = "" if finding.severity == "mistake" else "warning: "
    yield line(Word(place, "strong"), ": ", Word(tag, "odd"), Word(key, meaning), error.message)
    if error.hint is not None:
        yield line(Word("hint: ", "faint"), error.hint, indent=2)
