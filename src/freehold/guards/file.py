"""From a TOML file to rules, or to every mistake in it at once. Knows no folder: text in, rules out."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from freehold.config import ConfigErrors, Findings, scan, unknown_word
from freehold.errors import ConfigError
from freehold.guards.pattern import Pattern, pattern_of
from freehold.guards.phrases import MOST_WORDS
from freehold.guards.rules import Rule, Rules
from freehold.guards.text import Words

STARTER = "starter"
"""The rules that ship with the product, by their name after `builtin:`."""

MOST_PHRASES = 50_000
# All patterns of a file together: each is tried on the whole of every text.
MOST_PATTERN_STEPS = 4_096
_KEYS = ("category", "phrases", "pattern", "weight")
_EXAMPLE = 'such as category = "harassment" and phrases = ["words to look for"]'
_DIGEST_DIGITS = 12

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RulesFile:
    """`name` holds the file's own and the first digits of its SHA-256: it tells which rules judged."""

    name: str
    rules: Rules


def starter_text() -> str:
    """The starter's own text, to copy and to change."""
    return files(__package__).joinpath(f"{STARTER}.toml").read_text("utf-8")


def read_rules(text: str, *, name: str, categories: Collection[str]) -> RulesFile:
    """The rules that `text`, a file called `name`, holds for these categories.

    Raises:
        ConfigErrors: all that is wrong, each with key, line and hint.
    """
    try:
        document, lines = tomllib.loads(text), scan(text)
    except (ValueError, RecursionError) as failure:
        raise ConfigErrors(name, [_not_toml(str(failure), text)]) from None
    findings = Findings(lines)
    rules = _Reader(document, findings, categories).read()
    if findings.errors:
        raise ConfigErrors(name, findings.errors)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_DIGITS]
    return RulesFile(f"rules:{name}@sha256:{digest}", rules)


def _not_toml(said: str, text: str) -> ConfigError:
    place = re.search(r"at line (\d+)", said)
    return ConfigError("", f"is not TOML: {said}", line=int(place[1]) if place else text.count("\n") + 1)


class _Reader:
    def __init__(self, document: Table, findings: Findings, categories: Collection[str]) -> None:
        self._document = document
        self._findings = findings
        self._categories = categories
        self._words = Words()
        self._count = 0
        self._steps = 0

    def read(self) -> Rules:
        for key in self._document:
            if key not in ("rules", "thresholds"):
                self._wrong((key,), *unknown_word(key, "key", ("rules", "thresholds")))
        rules = list(self._rules())
        if not rules and not self._findings.errors:
            self._wrong(("rules",), "no rule is written", f"[[rules]] with {_EXAMPLE[8:]}")
        return Rules(self._words, rules, dict(self._thresholds()))

    def _rules(self) -> Iterator[Rule]:
        tables = self._document.get("rules", [])
        if not isinstance(tables, list):
            self._wrong(("rules",), "takes tables, each headed [[rules]]")
            return
        for number, table in enumerate(tables):
            if isinstance(table, dict):
                yield from self._rule(table, ("rules", number))
            else:
                self._wrong(("rules", number), "takes a table", _EXAMPLE)

    def _rule(self, table: Table, path: tuple[str | int, ...]) -> Iterator[Rule]:
        for key in table:
            if key not in _KEYS:
                self._wrong((*path, key), *unknown_word(key, "key of a rule", _KEYS))
        category = self._category(table.get("category"), path)
        weight = self._share(table.get("weight", 1.0), (*path, "weight"))
        phrases = self._phrases(table.get("phrases", []), (*path, "phrases"))
        pattern = self._pattern(table.get("pattern"), (*path, "pattern"))
        if "phrases" not in table and "pattern" not in table:
            self._wrong(path, "a rule needs phrases or a pattern", _EXAMPLE)
        if category is not None and weight is not None:
            yield Rule(category, weight, phrases, pattern)

    def _category(self, value: object, path: tuple[str | int, ...]) -> str | None:
        if isinstance(value, str) and value in self._categories:
            return value
        if value is None:
            self._wrong(path, "category is missing", _EXAMPLE)
        elif isinstance(value, str):
            self._wrong((*path, "category"), *unknown_word(value, "category", self._categories))
        else:
            self._wrong((*path, "category"), "takes text", _EXAMPLE)
        return None

    def _share(self, value: object, path: tuple[str | int, ...]) -> float | None:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self._wrong(path, "takes a number above 0 and at most 1", "such as 0.6")
        return None

    def _phrases(self, value: object, path: tuple[str | int, ...]) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._wrong(path, "takes a list of texts", 'such as phrases = ["words to look for"]')
            return ()
        self._count += len(value)
        if self._count - len(value) <= MOST_PHRASES < self._count:
            self._wrong(path, f"the file has more than {MOST_PHRASES} phrases")
            return ()
        return tuple(p for number, p in enumerate(value) if self._is_phrase(p, (*path, number)))

    def _is_phrase(self, phrase: object, path: tuple[str | int, ...]) -> bool:
        if not isinstance(phrase, str):
            self._wrong(path, "takes text", "put it in quotes")
            return False
        count = len(self._words.of(phrase))
        if count == 0:
            self._wrong(path, "holds no word", "a phrase is found by its letters and digits")
        elif count > MOST_WORDS:
            self._wrong(path, f"has {count} words, and {MOST_WORDS} are the most", "a part of it will do")
        return 0 < count <= MOST_WORDS

    def _pattern(self, value: object, path: tuple[str | int, ...]) -> Pattern | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(path, "takes text", "put it in single quotes, so that \\ is kept as it is")
            return None
        try:
            pattern = pattern_of(value)
        except ValueError as error:
            self._wrong(path, str(error), "what a pattern may hold is in docs/how-to/moderate.md")
            return None
        self._steps += pattern.cost.steps
        if self._steps - pattern.cost.steps <= MOST_PATTERN_STEPS < self._steps:
            message = f"the patterns of this file take more than {MOST_PATTERN_STEPS} steps at one place"
            self._wrong(path, message, "write as phrases what needs no pattern")
        return pattern

    def _thresholds(self) -> Iterator[tuple[str, float]]:
        table = self._document.get("thresholds", {})
        if not isinstance(table, dict):
            self._wrong(("thresholds",), "takes a table", "[thresholds]")
            return
        for name, value in table.items():
            if name not in self._categories:
                self._wrong(("thresholds", name), *unknown_word(name, "category", self._categories))
                continue
            share = self._share(value, ("thresholds", name))
            if share is not None:
                yield name, share

    def _wrong(self, path: tuple[str | int, ...], message: str, hint: str | None = None) -> None:
        self._findings.wrong(path, message, hint)
