"""What somebody measured, typed in or kept by `freehold bench`, beside what is predicted for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from freehold.cli.reading import settings_for_looking
from freehold.costs import capacity
from freehold.errors import ConfigError
from freehold.ledger import events

_KIND = "bench.result"


def typed(
    question: capacity.Question,
    facts: capacity.Facts,
    constants: capacity.Constants,
    figures: Mapping[str, float],
) -> tuple[capacity.Measured, ...]:
    """Figures that somebody measured in this very configuration."""
    if not figures:
        return ()
    tokens, tpot = figures.get("tokens_per_s"), figures.get("tpot_ms")
    return (capacity.learn(question, facts, constants, tokens_per_s=tokens, tpot_ms=tpot),)


def kept(
    name: str,
    config: Path | None,
    question: capacity.Question,
    facts: capacity.Facts,
    constants: capacity.Constants,
) -> tuple[capacity.Measured, ...]:
    """The last result of `freehold bench NAME` in the ledger, each level by itself. Raises ConfigError."""
    path = settings_for_looking(config).ledger.path
    found = [event.body for event in events(path, _KIND) if event.body.get("model") == name]
    if not found:
        raise ConfigError(
            "--bench", f"the ledger holds no measurement of {name}", hint=f"`freehold bench {name}` makes one"
        )
    if found[-1].get("simulated"):
        raise ConfigError("--bench", f"{name} was answered by a sandbox", hint="measure a real model")
    return tuple(
        capacity.learn(asked, facts, constants, tokens_per_s=tokens, tpot_ms=tpot)
        for asked, tokens, tpot in _levels(question, found[-1]["levels"])
    )


def _levels(
    question: capacity.Question, levels: list[dict[str, Any]]
) -> Iterator[tuple[capacity.Question, float, float | None]]:
    """What each level asked and found; levels without an answer or a count of tokens say nothing."""
    for level in levels:
        answers, tokens = level["answers"], level["output_tokens_per_second"]
        if not answers or not tokens or not level["input_tokens"] or not level["output_tokens"]:
            continue
        asked = replace(
            question,
            input_len=max(round(level["input_tokens"] / answers), 1),
            output_len=max(round(level["output_tokens"] / answers), 1),
            concurrency=level["concurrency"],
            slo_tpot_ms=None,
        )
        tpot = level["tpot"]
        yield asked, tokens, None if tpot is None else tpot["p50"] * 1e3
