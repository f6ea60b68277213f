"""Rules by category, and what a text scores by them. Knows no files and no wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freehold.guards.pattern import Pattern
from freehold.guards.phrases import Phrases
from freehold.guards.text import Words, normalised

DEFAULT_THRESHOLD = 0.5
# Floating point must not put a lone weight of 0.7 below a threshold of 0.7.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts towards a category, and how much: `weight` is above 0 and at most 1."""

    category: str
    weight: float
    phrases: tuple[str, ...] = ()
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Scores from 0 to 1 of the categories that have any, and those at or above their threshold."""

    scores: Mapping[str, float]
    flagged: frozenset[str]


class Rules:
    """All rules of a file. `thresholds` are by category; where there is none, `DEFAULT_THRESHOLD` holds."""

    def __init__(self, words: Words, rules: Sequence[Rule], thresholds: Mapping[str, float]) -> None:
        listed = [(rule, phrase) for rule in rules for phrase in rule.phrases]
        self._weights = [(rule.category, rule.weight) for rule, _ in listed]
        self._phrases = Phrases(words, enumerate(phrase for _, phrase in listed))
        self._patterns = [(rule, rule.pattern) for rule in rules if rule.pattern is not None]
        self._thresholds = thresholds

    def judge(self, text: str) -> Judgement:
        """Each phrase and pattern counts once, however often it stands there.

        Weights add up as independent pieces of evidence do, 1 - (1-a)(1-b)…, so that a score stays below 1
        and every further piece raises it.
        """
        spelled = normalised(text)
        found = [self._weights[number] for number in sorted(self._phrases.find(spelled))]
        found += [(r.category, r.weight) for r, pattern in self._patterns if pattern.found_in(spelled)]
        doubt: dict[str, float] = {}
        for category, weight in found:
            doubt[category] = doubt.get(category, 1.0) * (1.0 - weight)
        scores = {category: round(1.0 - left, _DIGITS) for category, left in doubt.items()}
        return Judgement(scores, frozenset(c for c, score in scores.items() if score >= self._threshold(c)))

    def _threshold(self, category: str) -> float:
        return self._thresholds.get(category, DEFAULT_THRESHOLD)
