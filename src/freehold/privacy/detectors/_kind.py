"""One kind of identifier as a row of facts: its type, its forms, its check and the words beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from freehold.privacy.detectors._words import words

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """`forms` write 9 for a digit and A for a letter.

    `alone`: the check is strong enough to need no words. `forgiving`: with the words, a failed check is
    passed over, for numbers that were mistyped or made up. `upper`: without the words, letters are capitals.
    """

    type: str
    forms: tuple[str, ...]
    check: Check
    context: re.Pattern[str]
    alone: bool = False
    forgiving: bool = False
    upper: bool = True


def kind(
    type_: str, forms: str, check: Check, context: str, *, alone: bool = False, forgiving: bool = False
) -> Kind:
    """A row as the tables write it: forms and words separated by `|`."""
    return Kind(
        type_, tuple(forms.split("|")), check, words(*context.split("|")), alone=alone, forgiving=forgiving
    )


def stdnum(module: str) -> Check:
    """The check of a module of python-stdnum, which is loaded with the first number to check.

    What it stumbles over is no such number: its tables of birth places have holes (a `KeyError` for China's).
    """

    def check(written: str) -> bool:
        try:
            return bool(import_module(f"stdnum.{module}").is_valid(written))
        except (LookupError, ValueError, TypeError):
            return False

    return check


def any_number(written: str) -> bool:
    """For kinds without a check digit."""
    return len(set(written)) > len("9-")
