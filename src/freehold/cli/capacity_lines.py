"""`freehold capacity --jsonl`: a question a line, an answer a line. One bad line spoils itself alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from freehold.costs import capacity
from freehold.errors import ConfigError, FreeholdError

_EXAMPLE = (
    '{"id": 1, "model": "llama-3.1-70b", "precision": "fp8", "gpu": "H100", "gpu_count": 4, '
    '"input_len": 1024, "output_len": 256, "concurrency": 64}'
)


def answered_lines(
    lines: Iterable[bytes], facts: capacity.Facts, constants: capacity.Constants
) -> Iterator[tuple[str, bool]]:
    """Each line's answer as JSON, and whether it is one. Empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        answer = _answer(line, number, facts, constants)
        yield json.dumps(answer, ensure_ascii=False), "error" not in answer


def _answer(line: bytes, number: int, facts: capacity.Facts, constants: capacity.Constants) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _failure(None, f"line {number} is no JSON: {error}", f"one object a line: {_EXAMPLE}")
    if not isinstance(row, dict):
        return _failure(None, f"line {number} is no JSON object", f"one object a line: {_EXAMPLE}")
    name = row.get("id")
    try:
        found = capacity.predict(capacity.read_question(row), facts, constants)
    except ConfigError as error:
        return _failure(name, f"line {number}: {error}", error.hint)
    except FreeholdError as error:
        return _failure(name, f"line {number}: {error.message}", error.hint)
    return {
        "id": name,
        "output_tokens_per_s": asdict(found.output_tokens_per_s),
        "tpot_ms": asdict(found.tpot_ms),
        "tp": found.deployment.tp,
        "pp": found.deployment.pp,
        "notes": [*found.notes, *(f"outside what was measured: {each}" for each in found.outside)],
    }


def _failure(name: Any, error: str, hint: str | None) -> dict[str, Any]:
    return {"id": name, "error": error, "hint": hint or "see `freehold capacity --help`"}
