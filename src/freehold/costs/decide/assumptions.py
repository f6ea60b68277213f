"""What is assumed about people, projects, prices to come and machines, each with its source and date.

A profile is a TOML file of the folder `presets`, a use case (how long its requests are and what they have to
keep) one of `presets/use_cases`; a user's own file has the same form and overrides row by row. Does not
know what was typed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import resources
from typing import Any

from freehold.costs.decide.rule import Constraint
from freehold.costs.decide.spread import Spread
from freehold.errors import ConfigError, FreeholdError

BASE = "base"
_USE_CASES = "use_cases"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One uncertain figure: `value` in the unit that its name states, who says so and when."""

    name: str
    value: Spread
    source: str
    as_of: date
    overridden: bool = False

    @property
    def dated(self) -> str:
        """Its day in words: nobody's but yours, or unknown."""
        if self.overridden:
            return "yours"
        return "" if self.as_of == date.min else self.as_of.isoformat()


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All figures by name, and what the organisation declares: constraints decide, preferences rank."""

    figures: Mapping[str, Assumption]
    declared: Mapping[str, bool] = field(default_factory=dict)
    profile: str = BASE
    use_case: str | None = None

    def __getitem__(self, name: str) -> Spread:
        return self.figures[name].value

    def with_value(self, name: str, value: Spread, source: str, today: date) -> Assumptions:
        """The same, with one figure replaced and marked so."""
        made = Assumption(name, value, source, today, overridden=True)
        return replace(self, figures={**self.figures, name: made})

    def without(self, names: Iterable[str]) -> Assumptions:
        """The same without the figures that somebody stated or measured elsewhere."""
        left = set(names)
        return replace(self, figures={name: row for name, row in self.figures.items() if name not in left})

    @property
    def may_leave(self) -> bool:
        """Whether requests may go to a rented model at all, by what is declared."""
        return not any(self.declared.get(key, False) for key in _AT_HOME)

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
_AT_HOME = ("data_may_not_leave", "must_work_offline")
_ROW_KEYS = {"value", "range", "source", "as_of"}


def profiles() -> list[str]:
    """The names of the profiles that come with the package."""
    return _presets()


def profile_text(name: str) -> str:
    """A profile's file, to read and to copy. Raises `ConfigError` on an unknown one."""
    return _preset_text("profile", name)


def use_cases() -> list[str]:
    """The names of the use cases that come with the package."""
    return _presets(_USE_CASES)


def use_case_text(name: str) -> str:
    """A use case's file, to read and to copy. Raises `ConfigError` on an unknown one."""
    return _preset_text("use_case", name, _USE_CASES)


def _presets(*below: str) -> list[str]:
    folder = resources.files(__package__).joinpath("presets", *below)
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def _preset_text(kind: str, name: str, *below: str) -> str:
    known = _presets(*below)
    if name not in known:
        raise ConfigError(
            kind,
            f"there is no {kind.replace('_', ' ')} {name!r}",
            hint=f"{kind.replace('_', ' ')}s are {', '.join(one for one in known if one != BASE)}",
        )
    return resources.files(__package__).joinpath("presets", *below, f"{name}.toml").read_text("utf-8")


def assumptions(
    profile: str | None = None,
    own_file: str | None = None,
    *,
    use_case: str | None = None,
    answered: Mapping[str, Any] | None = None,
) -> Assumptions:
    """The base, a profile over it, a use case beside them, rows of answers, a user's own file over all.

    Raises `ConfigError` naming the row at fault, the profile or the use case.
    """
    found = _over(Assumptions({}), profile_text(BASE), BASE, own=False)
    if profile not in {None, BASE}:
        found = _over(found, profile_text(str(profile)), str(profile), own=False)
    if use_case is not None:
        found = _over(found, use_case_text(use_case), found.profile, own=False)
        found = replace(found, use_case=use_case)
    if answered is not None:
        found = _rows_over(found, dict(answered), found.profile, own=True)
    return found if own_file is None else _over(found, own_file, found.profile, own=True)


def _over(below: Assumptions, text: str, profile: str, *, own: bool) -> Assumptions:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "[own_engineers], and below it: range = [0.5, 1.0, 1.5]"
        raise ConfigError("", f"the assumptions are no TOML: {error}", hint=hint) from error
    return _rows_over(below, table, profile, own=own)


def _rows_over(below: Assumptions, table: dict[str, Any], profile: str, *, own: bool) -> Assumptions:
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
    return replace(below, figures=figures, declared=declared, profile=profile)


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
