"""What is assumed about people, projects, prices to come and machines, each with its source and date.

A profile is a TOML file of the folder `presets`; a user's own file has the same form and overrides row by
row. Does not know traffic.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any

from freehold.costs.decide.rule import Constraint
from freehold.costs.decide.spread import Spread
from freehold.errors import ConfigError, FreeholdError

BASE = "base"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One uncertain figure: `value` in the unit that its name states, who says so and when."""

    name: str
    value: Spread
    source: str
    as_of: date
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All figures by name, and what the organisation declares: constraints decide, preferences rank."""

    figures: Mapping[str, Assumption]
    declared: Mapping[str, bool] = field(default_factory=dict)
    profile: str = BASE

    def __getitem__(self, name: str) -> Spread:
        return self.figures[name].value

    def with_value(self, name: str, value: Spread, source: str, today: date) -> Assumptions:
        """The same, with one figure replaced and marked so."""
        made = Assumption(name, value, source, today, overridden=True)
        return Assumptions({**self.figures, name: made}, self.declared, self.profile)

    def constraints(self) -> list[Constraint]:
        """What was declared, as far as it leaves one home only."""
        return [
            Constraint(key, says, leaves)
            for key, (says, leaves) in _CONSTRAINTS.items()
            if self.declared.get(key, False)
        ]


_CONSTRAINTS: Mapping[str, tuple[str, Any]] = {
    "data_may_not_leave": ("its data may not leave the house", "own"),
    "must_work_offline": ("it must work without the internet", "own"),
    "nobody_can_run_gpus": ("nobody can run GPUs", "rent"),
    "no_open_model_is_good_enough": ("no open model is good enough for it", "rent"),
    "licence_forbids_owning": ("the model's licence forbids this use", "rent"),
}
_ROW_KEYS = {"value", "range", "source", "as_of"}


def profiles() -> list[str]:
    """The names of the profiles that come with the package."""
    folder = resources.files(__package__).joinpath("presets")
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def profile_text(name: str) -> str:
    """A profile's file, to read and to copy. Raises `ConfigError` on an unknown one."""
    if name not in profiles():
        raise ConfigError(
            "profile",
            f"there is no profile {name!r}",
            hint=f"profiles are {', '.join(p for p in profiles() if p != BASE)}",
        )
    return resources.files(__package__).joinpath("presets", f"{name}.toml").read_text("utf-8")


def assumptions(profile: str | None = None, own_file: str | None = None) -> Assumptions:
    """The base, a profile over it, a user's own file (its text) over both.

    Raises `ConfigError` naming the row at fault, or the profile.
    """
    found = _over(Assumptions({}), profile_text(BASE), BASE, own=False)
    if profile not in {None, BASE}:
        found = _over(found, profile_text(str(profile)), str(profile), own=False)
    return found if own_file is None else _over(found, own_file, found.profile, own=True)


def _over(below: Assumptions, text: str, profile: str, *, own: bool) -> Assumptions:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("", f"the assumptions are no TOML: {error}") from error
    declared = dict(below.declared)
    for key, value in table.pop("declared", {}).items():
        if key not in _CONSTRAINTS or not isinstance(value, bool):
            known = ", ".join(_CONSTRAINTS)
            raise ConfigError(
                f"declared.{key}", "is nothing that can be declared", hint=f"true or false for: {known}"
            )
        declared[key] = value
    figures = dict(below.figures)
    for name, row in table.items():
        if own and name not in figures:
            raise ConfigError(name, "is no assumption", hint=f"assumptions are {', '.join(sorted(figures))}")
        figures[name] = _assumption(name, row, own=own)
    return Assumptions(figures, declared, profile)


def _assumption(name: str, row: Any, *, own: bool) -> Assumption:
    if not isinstance(row, dict) or not row.keys() <= _ROW_KEYS or ("value" in row) == ("range" in row):
        raise ConfigError(
            name,
            "is not an assumption's table",
            hint="{ value = 3 } or { range = [1, 2, 4] }, with source and as_of",
        )
    numbers = [row["value"]] * 3 if "value" in row else row["range"]
    if (
        not isinstance(numbers, list)
        or len(numbers) != 3
        or not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
    ):
        raise ConfigError(name, "needs one number, or three: low, middle, high")
    source, as_of = row.get("source"), row.get("as_of")
    if own:
        source, as_of = source or "your file", as_of or date.min
    if not isinstance(source, str) or not isinstance(as_of, date):
        raise ConfigError(name, "needs a source and a date", hint='source = "…", as_of = 2026-11-24')
    try:
        value = Spread(*(float(number) for number in numbers))
    except FreeholdError as error:
        raise ConfigError(name, error.message, hint=error.hint) from error
    return Assumption(name, value, source, as_of, overridden=own)
