"""Mistakes and warnings, collected while a file is read: each with its key, its line and a hint.

Does not know what makes something a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from freehold.config.lines import KeyPath, Lines
from freehold.errors import ConfigError, FreeholdError

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_QUOTE = 60


class ConfigErrors(FreeholdError):
    """Everything that is wrong with one config file, in the order of its lines."""

    def __init__(self, source: str, errors: Iterable[ConfigError]) -> None:
        self.source = source
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(f"{source} has {'1 mistake' if count == 1 else f'{count} mistakes'}")

    def __str__(self) -> str:
        return "\n".join([self.message, *(told(error) for error in self.errors)])


class Findings:
    """Collects what is wrong (`errors`) and what is odd (`warnings`)."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._errors: list[ConfigError] = []
        self._warnings: list[ConfigError] = []

    def wrong(self, path: KeyPath, message: str, hint: str | None = None) -> None:
        self._errors.append(self._at(path, message, hint))

    def odd(self, path: KeyPath, message: str, hint: str | None = None) -> None:
        self._warnings.append(self._at(path, message, hint))

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        return tuple(sorted(self._errors, key=_line))

    @property
    def warnings(self) -> tuple[ConfigError, ...]:
        return tuple(sorted(self._warnings, key=_line))

    def _at(self, path: KeyPath, message: str, hint: str | None) -> ConfigError:
        return ConfigError(dotted(path), message, line=self._lines.find(path), hint=hint)


def _line(error: ConfigError) -> int:
    return 0 if error.line is None else error.line


def told(error: ConfigError) -> str:
    """One finding for a person: `line 12: routes.support.own: no model is called "lama"` and its hint."""
    place = "" if error.line is None else f"line {error.line}: "
    hint = "" if error.hint is None else f"\n    hint: {error.hint}"
    return f"  {place}{error}{hint}"


def dotted(path: KeyPath) -> str:
    """A path as it would be written in TOML; an item of a list as `can[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else quoted(part))
    return text


def quoted(word: str) -> str:
    """A word from the file, on one line and cut where it is long."""
    short = word if len(word) <= _LONGEST_QUOTE else word[:_LONGEST_QUOTE] + "…"
    return '"' + short.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'


def listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def did_you_mean(word: str, options: Iterable[str]) -> str | None:
    """A hint: the option nearest to `word`, else all of them. `None` where there are none."""
    known = sorted(options)
    near = get_close_matches(word, known, n=1) or get_close_matches(word.lower(), known, n=1)
    if near:
        return f"did you mean {quoted(near[0])}?"
    return f"known are {listed(known)}" if known else None
