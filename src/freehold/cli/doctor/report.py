"""What the doctor says: checks with a verdict, a sentence and a hint each. Makes none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

# good: as it should be. odd: works, and somebody should know. bad: a finding. skipped: not looked at.
Verdict = Literal["good", "odd", "bad", "skipped"]

_SHORTEST_SECRET = 4  # shorter ones would be found in any sentence
_LONGEST_SAID = 400


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    `group` says where (`ledger`, `model gpt`), `name` what; `seconds` is how long it took, where that counts.
    """

    group: str
    name: str
    verdict: Verdict
    said: str
    hint: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Makes the checks of one group."""

    name: str

    def good(self, name: str, said: str, *, seconds: float | None = None) -> Check:
        return Check(self.name, name, "good", said, seconds=seconds)

    def odd(self, name: str, said: str, hint: str | None = None, *, seconds: float | None = None) -> Check:
        return Check(self.name, name, "odd", said, hint, seconds)

    def bad(self, name: str, said: str, hint: str | None = None) -> Check:
        return Check(self.name, name, "bad", said, hint)

    def skipped(self, name: str, said: str, hint: str | None = None) -> Check:
        return Check(self.name, name, "skipped", said, hint)


def presentable(checks: Iterable[Check], secrets: Iterable[str]) -> tuple[Check, ...]:
    """The checks with words from outside made harmless: no secret, no control character, no novel."""
    hidden = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    return tuple(
        replace(
            check,
            said=_harmless(check.said, hidden),
            hint=None if check.hint is None else _harmless(check.hint, hidden),
        )
        for check in checks
    )


def _harmless(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[the key]")
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_SAID else line[: _LONGEST_SAID - 1] + "…"
