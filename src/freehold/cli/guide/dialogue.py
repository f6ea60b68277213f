"""Asks one question after the other: on a terminal until the answer is understood, elsewhere a line each.

Does not know what is asked, nor where the answers go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from freehold.cli.guide.kinds import NotUnderstoodError, Value
from freehold.cli.guide.questions import Question
from freehold.errors import ConfigError

Ask = Callable[[str], str | None]
"""Shows a text and hands back the line that was answered, `None` at the end of the input."""


@dataclass(frozen=True, slots=True)
class Said:
    """A question and its answer: `None` where it was left open, `asked` whether it was put at all."""

    question: Question
    value: Value | None
    asked: bool


def asked(questions: Iterable[Question], ask: Ask, tell: Callable[[str], None], *, again: bool) -> list[Said]:
    """`again`: ask anew what was not understood; else it raises `ConfigError` with the key of the question.

    Whoever answers nothing, or no more, takes what the question proposes.
    """
    found: list[Said] = []
    for question in questions:
        if not question.wanted({said.question.key: said.value for said in found}):
            found.append(Said(question, None, asked=False))
            continue
        tell(f"\n{question.ask}\n  {question.why}")
        found.append(Said(question, _value(question, ask, tell, again=again), asked=True))
    return found


def _value(question: Question, ask: Ask, tell: Callable[[str], None], *, again: bool) -> Value | None:
    prompt = f"  [{question.default}] " if question.default else "  [–] "
    while True:
        line = ask(prompt)
        text = (line or "").strip() or question.default
        if not text or text in {"-", "–"}:
            return None
        try:
            return question.reads(text)
        except NotUnderstoodError as error:
            if not again:
                hint = "answers are read a line each, in the order of the questions; an empty line takes [ ]"
                raise ConfigError(question.key, f"{text!r} is no answer: {error}", hint=hint) from error
            tell(f"  {error}")
