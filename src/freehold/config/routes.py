"""The rules about a route: its models are there, on the right side, and somebody may answer.

Works on tables as written, so that one mistake does not hide the next. Does not know how a policy ranks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from freehold.config.findings import Findings, quoted
from freehold.config.kinds import LABELS
from freehold.config.lines import KeyPath
from freehold.config.words import unknown_word

_SIDES = {"rent": "rented", "own": "owned"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a route may name. `grammars` is `None` where the reader was not told them."""

    models: Mapping[str, Mapping[str, Any]]
    policies: Collection[str]
    grammars: Collection[str] | None


def with_defaults(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a route with the default that depends on its other keys."""
    return {"home": _home(table)} | dict(table)


def _home(table: Mapping[str, Any]) -> str:
    return "own" if not table.get("rent") and table.get("own") else "rent"


def check_route(table: Mapping[str, Any], path: KeyPath, known: Known, findings: Findings) -> None:
    """Every rule about one route that spans more than one key."""
    for side in _SIDES:
        _check_side(table, path, side, known, findings)
    if not table.get("rent") and not table.get("own"):
        hint = 'such as rent = "gpt" or own = "llama"'
        findings.wrong(path, "a route needs a model to rent or to own", hint)
    elif table.get("home") in ("rent", "own") and not table.get(table["home"]):
        other = "rent" if table["home"] == "own" else "own"
        message = f"its home is {table['home']}, and it names no model there"
        findings.wrong((*path, "home"), message, f'write home = "{other}", or name a model there')
    _check_words(table, path, known, findings)
    _check_split(table, path, findings)
    _check_clearance(table, path, known, findings)
    _check_budget(table, path, known, findings)


def _check_budget(table: Mapping[str, Any], path: KeyPath, known: Known, findings: Findings) -> None:
    """A budget holds the worst case of each request, so something must bound the answer of a rented model."""
    if "budget_usd" not in table:
        if "budget_period" in table:
            findings.wrong((*path, "budget_period"), "is not used", "write budget_usd, or take it out")
        return
    rented = [known.models[name] for _, name in _named(table, "rent") if name in known.models]
    if "max_output_tokens" not in table and any("context_tokens" not in model for model in rented):
        message = "a budget holds the worst case of a request, and nothing bounds an answer"
        findings.wrong((*path, "max_output_tokens"), message, "such as max_output_tokens = 4096")


def _check_side(table: Mapping[str, Any], path: KeyPath, side: str, known: Known, findings: Findings) -> None:
    seen: set[str] = set()
    for where, name in _named(table, side):
        at = (*path, side, *where)
        tenure = known.models.get(name, {}).get("tenure")
        if name not in known.models:
            findings.wrong(at, *unknown_word(name, "model", known.models))
        elif tenure in _SIDES.values() and tenure != _SIDES[side]:
            other = "own" if side == "rent" else "rent"
            findings.wrong(at, f"{quoted(name)} is {tenure}", f"name it under {other}")
        elif name in seen:
            findings.wrong(at, f"{quoted(name)} is named twice")
        seen.add(name)


def _named(table: Mapping[str, Any], side: str) -> Iterator[tuple[KeyPath, str]]:
    """Names as written: those of the wrong kind are reported where the table's types are read."""
    value = table.get(side)
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, list):
        yield from (((index,), name) for index, name in enumerate(value) if isinstance(name, str))


def _names(table: Mapping[str, Any]) -> list[str]:
    return [name for side in _SIDES for _, name in _named(table, side)]


def _check_words(table: Mapping[str, Any], path: KeyPath, known: Known, findings: Findings) -> None:
    policy, grammar = table.get("policy"), table.get("grammar")
    if isinstance(policy, str) and policy and policy not in known.policies:
        findings.wrong((*path, "policy"), *unknown_word(policy, "policy", known.policies))
    if known.grammars is not None and isinstance(grammar, str) and grammar and grammar not in known.grammars:
        findings.wrong((*path, "grammar"), *unknown_word(grammar, "grammar", known.grammars))


def _check_split(table: Mapping[str, Any], path: KeyPath, findings: Findings) -> None:
    policy, split = table.get("policy", "home"), table.get("split")
    if policy == "split" and not split:
        hint = "such as split = { gpt = 0.9, llama = 0.1 }"
        findings.wrong((*path, "split"), 'policy = "split" needs the share of each model', hint)
    elif policy != "split" and split is not None:
        findings.wrong((*path, "split"), "is not used", 'write policy = "split", or take it out')
    named = _names(table)
    for name in split if isinstance(split, Mapping) else ():
        if name not in named:
            message, hint_ = unknown_word(name, "model of this route", named)
            findings.wrong((*path, "split", name), message, hint_)


def _check_clearance(table: Mapping[str, Any], path: KeyPath, known: Known, findings: Findings) -> None:
    """A route that no model may ever answer, or whose home may not, is odd: its requests are refused."""
    label = table.get("label", "internal")
    named = _names(table)
    if label not in LABELS or not named or any(name not in known.models for name in named):
        return
    at = (*path, "label")
    if not any(_cleared(known.models[name], label) for name in named):
        message = f"no model of this route may ever answer it: none is cleared for {label}"
        hint = "name an owned model, or raise a model's clearance"
        findings.odd(at, message, hint)
        return
    home = table.get("home", _home(table))
    at_home = [name for _, name in _named(table, home)] if home in ("rent", "own") else []
    if at_home and not any(_cleared(known.models[name], label) for name in at_home):
        message = f"its home is {home}, and no model there is cleared for {label}: the other side answers all"
        findings.odd((*path, "home" if "home" in table else "label"), message)


def _cleared(model: Mapping[str, Any], label: str) -> bool:
    """Whether a model may receive `label`. One whose clearance is itself a mistake counts as cleared."""
    clearance = model.get("clearance")
    return clearance not in LABELS or LABELS.index(clearance) >= LABELS.index(label)
