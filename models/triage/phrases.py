"""The phrase language: templates with ``{one|or another}`` and ``<slot>``, parsed once, expanded often.

It does not know tickets, labels or models. What stands in a slot is decided by the caller's function.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Fill: TypeAlias = Callable[[str], str]
# A template is a sequence of parts: text, a slot (its name, a 1-tuple), or templates to choose from.
Part: TypeAlias = "str | tuple[str] | list[Template]"
Template: TypeAlias = "list[Part]"

FOLDER = Path(__file__).parent / "phrases"


def parse(source: str) -> Template:
    """One line of a phrase file as a template; raises ``ValueError`` for an unclosed brace or slot."""
    template, rest = _sequence(source.replace("\\n", "\n"), 0)
    if rest != len(source.replace("\\n", "\n")):
        raise ValueError(f"a brace too many in {source!r}")
    return template


def _sequence(source: str, at: int) -> tuple[Template, int]:
    parts: Template = []
    text = ""
    while at < len(source) and source[at] not in "|}":
        if source[at] == "<":
            end = source.index(">", at)
            parts += [text, (source[at + 1 : end],)]
            text, at = "", end + 1
        elif source[at] == "{":
            choices, at = _choices(source, at + 1)
            parts += [text, choices]
            text = ""
        else:
            text += source[at]
            at += 1
    return [part for part in [*parts, text] if part != ""], at


def _choices(source: str, at: int) -> tuple[list[Template], int]:
    choices = []
    while True:
        choice, at = _sequence(source, at)
        choices.append(choice)
        if at >= len(source):
            raise ValueError(f"a brace is not closed in {source!r}")
        at += 1
        if source[at - 1] == "}":
            return choices, at


def expand(template: Template, rng: random.Random, fill: Fill) -> str:
    """One of the texts that the template stands for."""
    words = []
    for part in template:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, tuple):
            words.append(fill(part[0]))
        else:
            words.append(expand(rng.choice(part), rng, fill))
    return "".join(words)


def load(name: str) -> dict[str, list[Template]]:
    """The sections of one phrase file: ``[section]`` heads, one template a line, comments first."""
    sections: dict[str, list[Template]] = {}
    current: list[Template] = []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], [])
        elif sections and line:
            current.append(parse(line))
    return sections


def load_slots(name: str) -> dict[str, list[str]]:
    """The choices of each slot of one file: ``slot: one|another`` on each line."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    named = [line.split(": ", 1) for line in lines if not line.startswith("#")]
    return {name: words.split("|") for name, words in named}


def words() -> set[str]:
    """Every word of the phrase files, in small letters."""
    texts = [path.read_text(encoding="utf-8").lower() for path in FOLDER.glob("*.txt")]
    return {word for text in texts for word in re.findall(r"[a-z]+", text)}
