"""What a simulated chat model says: facts about the request, counted. It never pretends to know an answer."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]{3,}(?:['’][^\W\d_]+)?")
_SENTENCE_END = re.compile(r"[.!?]+(?:\s|$)")
# Words too common to be what a text is about.
_COMMON_TEXT = (
    "about after again all also and any are ask because been before but can could did does for from get give "
    "had has have her here his how into its just know let like make many may more most much must new not now "
    "one only other our out over please said same say see shall she should since some such tell than that "
    "the their them then there these they this those too two use very want was way were what when where "
    "which who why will with would write yes yet you your"
)
_COMMON = frozenset(_COMMON_TEXT.split())
_MOST_TERMS = 6
_MOST_TEXT = 20_000  # characters searched for key terms


def key_terms(text: str, most: int = _MOST_TERMS) -> list[str]:
    """The words that a text uses most, common ones left out, ties in order of appearance."""
    words = (word.lower() for word in _WORD.findall(text[:_MOST_TEXT]))
    counted = Counter(word for word in words if word not in _COMMON)
    return [word for word, _ in counted.most_common(most)]


def restated(text: str, messages: int) -> str:
    """The answer to `text`, the last of `messages` (0 = a bare prompt)."""
    words, sentences = len(text.split()), len(_SENTENCE_END.findall(text))
    where = "The prompt" if messages == 0 else f"The last user message of {messages}"
    if messages == 1:
        where = "The message"
    terms = key_terms(text)
    about = f"Its key terms are {_listed(terms)}." if terms else "It has no key terms."
    size = f"{_counted(words, 'word')} in {_counted(max(sentences, 1), 'sentence')}"
    return (
        "[simulated] No language model wrote this: the sandbox stands in for a rented API and restates what "
        f"it was asked. {where} has {size}. {about} "
        "A real model would answer here; rent one by putting a provider and a key into freehold.toml."
    )


def _listed(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"{', '.join(terms[:-1])} and {terms[-1]}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
