"""What a line of text is read as, and how the value stands in TOML. Does not know any question."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import click

from freehold.cli.amounts import FIGURE, SHARE
from freehold.cli.deciding import rented_model
from freehold.cli.facts_at_hand import facts_at_hand
from freehold.costs import PriceFile
from freehold.costs.capacity import find_model
from freehold.engine.sizing import find_gpu
from freehold.errors import FreeholdError

Value = str | int | bool | Decimal | tuple[str, ...]
Reads = Callable[[str], Value]


class NotUnderstoodError(ValueError):
    """A line that is no answer to the question, told in words."""


def one_of(*choices: str) -> Reads:
    def read(text: str) -> Value:
        found = [choice for choice in choices if choice.startswith(text.lower())]
        if len(found) != 1:
            raise NotUnderstoodError(f"say one of {', '.join(choices)}")
        return found[0]

    return read


def yes_or_no(text: str) -> Value:
    words = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
    if text.lower() not in words:
        raise NotUnderstoodError("say y or n")
    return words[text.lower()]


def figure(least: str, most: str) -> Reads:
    """A number as people type it, `10M`, from `least` to `most`."""
    low, high = Decimal(least), Decimal(most)

    def read(text: str) -> Value:
        value = _converted(FIGURE, text)
        if not low <= value <= high:
            raise NotUnderstoodError(f"say a number from {low:,f} to {high:,f}")
        return value

    return read


def whole(least: int, most: int) -> Reads:
    bounded = figure(str(least), str(most))

    def read(text: str) -> Value:
        value = bounded(text)
        if not isinstance(value, Decimal) or value != int(value):
            raise NotUnderstoodError("say a whole number")
        return int(value)

    return read


def share(least: str, most: str) -> Reads:
    """`20%` or `0.2`."""
    low, high = Decimal(least), Decimal(most)

    def read(text: str) -> Value:
        value = _converted(SHARE, text)
        if not low <= value <= high:
            raise NotUnderstoodError(f"say a share from {low:.0%} to {high:.0%}")
        return value

    return read


def _converted(kind: click.ParamType[Decimal], text: str) -> Decimal:
    try:
        return kind.convert(text, None, None)
    except click.BadParameter as error:
        raise NotUnderstoodError(error.message) from error


def a_file(text: str) -> Value:
    if not Path(text).is_file():
        raise NotUnderstoodError(f"{text} is not there")
    return text


def names(text: str) -> Value:
    """Words, separated by commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def rented(text: str) -> Value:
    """Models of providers whose price is known."""
    from datetime import UTC, datetime  # noqa: PLC0415 - beside its one use: prices are those of today

    return _each(text, lambda name: rented_model(name, datetime.now(UTC), PriceFile(), batch=False))


def owned(text: str) -> Value:
    """Open models that the facts know."""
    return _each(text, lambda name: find_model(name, facts_at_hand(None).models))


def gpus(text: str) -> Value:
    """GPUs that the facts know."""
    return _each(text, lambda name: find_gpu(name, facts_at_hand(None).gpus))


def _each(text: str, check: Callable[[str], object]) -> Value:
    found = names(text)
    for name in found if isinstance(found, tuple) else ():
        try:
            check(name)
        except FreeholdError as error:
            hint = "" if error.hint is None else f"; {error.hint}"
            raise NotUnderstoodError(f"{error.message}{hint}") from error
    return found


def toml(value: Value) -> str:
    """The value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(toml(part) for part in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
