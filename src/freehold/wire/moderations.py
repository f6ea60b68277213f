"""`/v1/moderations`: its categories, its input as text, and an answer from scores. Knows no rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from freehold.errors import Refused
from freehold.wire.ask import Ask
from freehold.wire.errors import invalid_type

MODERATION_CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
"""OpenAI's, all of which stand in every answer (its API document, `CreateModerationResponse`)."""

_INPUT = "a string, an array of strings, or an array of text and image parts"


def moderation_texts(ask: Ask) -> list[str]:
    """The texts to judge, one for each result: a list of parts is one, its texts joined by line breaks.

    Raises `Refused` (400) for what is not text.
    """
    value = ask.value("input")
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not value:
        raise invalid_type("input", _INPUT)
    if all(isinstance(item, str) for item in value):
        return value
    return ["\n".join(map(_text_of, value))]


def _text_of(part: Any) -> str:
    if not isinstance(part, dict):
        raise invalid_type("input", _INPUT)
    if part.get("type") != "text":
        raise Refused(400, "This model judges text alone.", param="input", code="unsupported_parameter")
    text = part.get("text")
    if not isinstance(text, str):
        raise invalid_type("input", _INPUT)
    return text


def moderation_answer(
    id_: str, model: str, judged: Sequence[tuple[Mapping[str, float], Collection[str]]]
) -> bytes:
    """OpenAI's answer: for each text the score of each category (none counts as 0), and what is flagged."""
    results = [_result(scores, flagged) for scores, flagged in judged]
    return msgspec.json.encode({"id": id_, "model": model, "results": results})


def _result(scores: Mapping[str, float], flagged: Collection[str]) -> dict[str, Any]:
    return {
        "flagged": bool(flagged),
        "categories": {category: category in flagged for category in MODERATION_CATEGORIES},
        "category_scores": {category: scores.get(category, 0.0) for category in MODERATION_CATEGORIES},
        "category_applied_input_types": {category: ["text"] for category in MODERATION_CATEGORIES},
    }
