"""Content rules: text in, scores by category out. Pure: no network, no model, no clock.

Rules are words and patterns that people wrote down, not a classifier: they find what they name and nothing
else.
"""

from freehold.guards.file import STARTER, RulesFile, read_rules, starter_text
from freehold.guards.pattern import Pattern
from freehold.guards.rules import DEFAULT_THRESHOLD, Judgement, Rule, Rules

__all__ = [
    "DEFAULT_THRESHOLD",
    "STARTER",
    "Judgement",
    "Pattern",
    "Rule",
    "Rules",
    "RulesFile",
    "read_rules",
    "starter_text",
]
