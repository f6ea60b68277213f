"""What an organisation answers when it asks whether to rent or to own: one TOML file, checked.

Its facts, what must be (constraints decide), what it would rather have (preferences rank), its team, what its
contracts say, and figures of its own. Everything may be left out. Does not know what follows from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

import msgspec

from freehold.errors import ConfigError

Purpose = Literal["commercial", "research", "hosting"]
Support = Literal["none", "business-hours", "around-the-clock"]
SUPPORT: tuple[Support, ...] = get_args(Support)  # rising
Weight = Annotated[int, msgspec.Meta(ge=0, le=3)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; an unknown key in it is a mistake."""


class Company(_Section, frozen=True):
    """Who asks. `monthly_users` of all products together: some licences end at a number of them."""

    profile: str | None = None
    use_case: str | None = None
    purpose: Purpose | None = None
    monthly_users: Count | None = None


class TrafficAnswers(_Section, frozen=True):
    """As the options of the same names. Paths are relative to the file."""

    requests_per_month: Decimal | None = None
    input_tokens: Decimal | None = None
    output_tokens: Decimal | None = None
    cached_tokens: Decimal | None = None
    peak_to_mean: float | None = None
    growth_per_year: Decimal | None = None
    may_not_leave: Decimal | None = None
    trace: str | None = None
    usage: str | None = None
    usage_models: tuple[str, ...] = ()
    route: str | None = None
    ttft_p95_seconds: float | None = None
    tpot_p95_seconds: float | None = None


class Ways(_Section, frozen=True):
    """What is compared, as the options of the same names."""

    rent: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    precision: str | None = None
    gpus: tuple[str, ...] = ()
    gpu_usd_per_hour: Decimal | None = None
    batch: bool = False


class Constraints(_Section, frozen=True):
    """What must be. The first five leave one home only; the others remove the ways that do not meet them."""

    data_may_not_leave: bool = False
    must_work_offline: bool = False
    nobody_can_run_gpus: bool = False
    no_open_model_is_good_enough: bool = False
    licence_forbids_owning: bool = False
    no_training_on_data: bool = False
    retention_days_at_most: Count | None = None
    residency: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()
    support: Support | None = None
    least_good_enough_share: Share | None = None


class Preferences(_Section, frozen=True):
    """What is liked, from 0 (does not matter) to 3 (matters most)."""

    independence: Weight = 0
    predictable_cost: Weight = 0
    control_of_changes: Weight = 0
    data_at_home: Weight = 0
    little_operation: Weight = 0
    quick_start: Weight = 0
    strongest_model: Weight = 0


class Team(_Section, frozen=True):
    """Who would run an owned model. `people_usd_per_month`: what owning takes in people beyond renting."""

    gpu_skills: Literal["none", "some", "daily"] | None = None
    may_hire: bool | None = None
    people_usd_per_month: Decimal | None = None


class Contract(_Section, frozen=True):
    """What the contract for a rented model says; `None` where nobody looked.

    `retires`: the model's last day. `leaving_takes`: what a change to another vendor would need.
    """

    trains_on_data: bool | None = None
    retention_days: Count | None = None
    certifications: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    support: Support | None = None
    retires: date | None = None
    leaving_takes: str | None = None
    leaving_engineer_months: float | None = None
    source: str | None = None
    as_of: date | None = None


class Quality(_Section, frozen=True):
    """How much of this use case's work a model does well enough: stated, with who says so."""

    good_enough_share: Share
    source: str
    as_of: date | None = None


class Answers(_Section, frozen=True):
    """The whole file. `contracts` and `quality` by model; `assumptions` as a file of assumptions has them."""

    company: Company = Company()
    traffic: TrafficAnswers = TrafficAnswers()
    ways: Ways = Ways()
    constraints: Constraints = Constraints()
    preferences: Preferences = Preferences()
    team: Team = Team()
    contracts: dict[str, Contract] = {}
    quality: dict[str, Quality] = {}
    assumptions: dict[str, Any] = {}

    def declared(self) -> dict[str, bool]:
        """The constraints that leave one home only; a team without skills that may not hire is one."""
        said = {key: getattr(self.constraints, key) for key in ONE_HOME}
        if self.team.gpu_skills == "none" and self.team.may_hire is False:
            said["nobody_can_run_gpus"] = True
        return said


ONE_HOME = (
    "data_may_not_leave",
    "must_work_offline",
    "nobody_can_run_gpus",
    "no_open_model_is_good_enough",
    "licence_forbids_owning",
)


def read_answers(text: str, name: str = "the answers") -> Answers:
    """The file's text, checked. Raises `ConfigError` with the key that is wrong and what it takes."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            name, f"is no TOML: {error}", hint="docs/reference/answers.md shows a whole file"
        ) from error
    try:
        return msgspec.convert(table, Answers)
    except msgspec.ValidationError as error:
        raise _mistake(str(error), name) from error


def contracts_of(text: str) -> dict[str, Contract]:
    """A table of contracts by model or provider, such as the product's own."""
    return msgspec.convert(tomllib.loads(text), dict[str, Contract])


@dataclass(frozen=True, slots=True)
class Contracted:
    """What several tables say of one contract: the first that says something counts, with its origin."""

    tables: tuple[Contract, ...] = ()

    def says(self) -> Contract:
        return Contract(**{name: getattr(self._who(name), name) for name in Contract.__struct_fields__})

    def origin(self, name: str) -> tuple[str, date | None]:
        """Who says so, and when."""
        table = self._who(name)
        return table.source or "your answers", table.as_of

    def _who(self, name: str) -> Contract:
        return next((table for table in self.tables if getattr(table, name) is not None), Contract())


def _mistake(said: str, name: str) -> ConfigError:
    what, _, where = said.partition(" - at `$.")
    key = where.rstrip("`") or name
    if "unknown field" not in what:
        return ConfigError(
            key, f"in {name}: {_plain(what)}", hint="docs/reference/answers.md lists every key"
        )
    unknown = what.rsplit("`", 2)[1]
    whole = f"{key}.{unknown}" if where else unknown
    return ConfigError(whole, f"{name} has no such key", hint=f"known here: {', '.join(_known(where))}")


def _plain(what: str) -> str:
    words = {"`array`": "a list", "`str`": "text", "`int`": "a whole number", "`float`": "a number"}
    words |= {
        "Invalid decimal string": "needs a number",
        "`bool`": "true or false",
        "`decimal`": "a number",
        "`object`": "a table",
        "`null`": "nothing",
    }
    for word, plain in words.items():
        what = what.replace(word, plain)
    return what[:1].lower() + what[1:]


def _known(where: str) -> tuple[str, ...]:
    section = where.rstrip("`").partition(".")[0].partition("[")[0]
    kinds: Mapping[str, type[msgspec.Struct]] = {
        "company": Company,
        "traffic": TrafficAnswers,
        "ways": Ways,
        "constraints": Constraints,
        "preferences": Preferences,
        "team": Team,
        "contracts": Contract,
        "quality": Quality,
    }
    return tuple(kinds.get(section, Answers).__struct_fields__)
