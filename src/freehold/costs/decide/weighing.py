"""Not only money: which ways a constraint removes, what nobody has said yet, and what preferences rank first.

Facts are handed over: contracts, licences, models. Does not know prices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from freehold.costs.decide.answers import SUPPORT, Answers, Contract, Contracted, Quality
from freehold.costs.decide.rule import Constraint, Leaning, Side


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licence of open weights limits; `None` or true: it does not."""

    name: str
    commercial: bool = True
    hosting: bool = True
    most_monthly_users: int | None = None
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """A way that a constraint leaves out. `key` names what was declared, or the licence."""

    name: str
    side: Side
    key: str
    says: str


@dataclass(frozen=True, slots=True)
class ToAsk:
    """What must be, of a way of which nobody has said whether it is so."""

    name: str
    key: str
    asks: str


@dataclass(frozen=True, slots=True)
class Known:
    """A fact that no figure holds, told beside the verdict. `key`: what it is about, the answers' word."""

    name: str
    says: str
    source: str
    as_of: date | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """All that was weighed beside the money."""

    removed: tuple[Removed, ...] = ()
    to_ask: tuple[ToAsk, ...] = ()
    known: tuple[Known, ...] = ()
    leaning: Leaning | None = None
    constraints: tuple[Constraint, ...] = ()

    def is_removed(self, name: str, side: Side) -> bool:
        return any(one.name == name and one.side == side for one in self.removed)


_LEANS: Final[Mapping[str, tuple[Side, str]]] = {
    "independence": ("own", "independence from one vendor"),
    "predictable_cost": ("own", "a cost that does not move with the traffic"),
    "control_of_changes": ("own", "a model that changes only when you change it"),
    "data_at_home": ("own", "data that stays at home"),
    "little_operation": ("rent", "little to operate"),
    "quick_start": ("rent", "a quick start"),
    "strongest_model": ("rent", "the strongest models"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of one side, with what is known of it; `weights` where its weights are open."""

    name: str
    side: Side
    contract: Contracted = field(default_factory=Contracted)
    licence: Licence | None = None
    quality: Quality | None = None
    weights: str | None = None


def weigh(answers: Answers, candidates: Sequence[Candidate], today: date) -> Weighed:
    """Apply what was answered to every candidate.

    A side that loses all its candidates while the other keeps one is a constraint of its own: it decides.
    """
    found = [each for one in candidates for each in _judged(answers, one)]
    removed = [each for each in found if isinstance(each, Removed)]
    to_ask = [each for each in found if isinstance(each, ToAsk)]
    known = [each for one in candidates for each in _facts(one, today)]
    gone = {(one.name, one.side) for one in removed}
    constraints = tuple(_decisive(candidates, gone, removed))
    return Weighed(tuple(removed), tuple(to_ask), tuple(known), _leaning(answers), constraints)


def _decisive(
    candidates: Sequence[Candidate], gone: set[tuple[str, Side]], removed: Sequence[Removed]
) -> Iterator[Constraint]:
    sides: tuple[tuple[Side, Side], ...] = (("rent", "own"), ("own", "rent"))
    for side, other in sides:
        mine = [one for one in candidates if one.side == side]
        if mine and all((one.name, side) in gone for one in mine):
            first = next(one for one in removed if one.side == side)
            what = "rented" if side == "rent" else "owned"
            number = "the only" if len(mine) == 1 else "no"
            tail = "is out" if len(mine) == 1 else "is left"
            yield Constraint(first.key, f"{number} {what} model {tail}: {first.name} {first.says}", other)


def _judged(answers: Answers, one: Candidate) -> Iterator[Removed | ToAsk]:
    if one.side == "rent":
        yield from _contract(answers, one)
    elif one.licence is not None:
        yield from _licence(answers, one, one.licence)
    least = answers.constraints.least_good_enough_share
    if least is None:
        return
    if one.quality is None:
        yield ToAsk(one.name, "least_good_enough_share", "how much of the work it does well enough")
    elif one.quality.good_enough_share < least:
        says = f"does {one.quality.good_enough_share:.0%} of the work well enough, not {least:.0%}"
        yield Removed(one.name, one.side, "least_good_enough_share", says)


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing that a contract has to say: what to ask where it says nothing, and why it fails (or "")."""

    key: str
    silent: bool
    asks: str
    fails: str


def _contract(answers: Answers, one: Candidate) -> Iterator[Removed | ToAsk]:
    said = one.contract.says()
    for check in (*_promises(answers, said), *_lists(answers, said)):
        if check.silent:
            yield ToAsk(one.name, check.key, check.asks)
        elif check.fails:
            yield Removed(one.name, "rent", check.key, check.fails)


def _promises(answers: Answers, said: Contract) -> Iterator[_Check]:
    must, days = answers.constraints, said.retention_days
    if must.no_training_on_data:
        yield _Check(
            "no_training_on_data",
            said.trains_on_data is None,
            "whether the provider trains on what it is sent",
            "is trained on what it is sent" if said.trains_on_data else "",
        )
    if must.retention_days_at_most is not None:
        too_long = days is not None and days > must.retention_days_at_most
        asks = "how long the provider keeps what it is sent"
        fails = f"keeps what it is sent for {days} days" if too_long else ""
        yield _Check("retention_days_at_most", days is None, asks, fails)
    if must.support is not None:
        less = said.support is not None and SUPPORT.index(said.support) < SUPPORT.index(must.support)
        fails = f"has support {said.support}, not {must.support}" if less else ""
        yield _Check("support", said.support is None, f"whether support is {must.support}", fails)


def _lists(answers: Answers, said: Contract) -> Iterator[_Check]:
    must = answers.constraints
    if must.residency:
        places = " or ".join(must.residency)
        there = _same(must.residency) & _same(said.regions or ())
        fails = "" if there else f"cannot be had in {places}"
        yield _Check("residency", said.regions is None, f"whether it can be had in {places}", fails)
    if must.certifications:
        held = _same(said.certifications or ())
        lacking = ", ".join(each for each in must.certifications if not _same([each]) & held)
        fails = f"is not certified by {lacking}" if lacking else ""
        asks = f"whether it is certified by {', '.join(must.certifications)}"
        yield _Check("certifications", said.certifications is None, asks, fails)


def _same(names: Sequence[str]) -> set[str]:
    return {"".join(letter for letter in name.casefold() if letter.isalnum()) for name in names}


def _licence(answers: Answers, one: Candidate, licence: Licence) -> Iterator[Removed | ToAsk]:
    company, most = answers.company, licence.most_monthly_users
    if company.purpose in {"commercial", "hosting"} and not licence.commercial:
        yield Removed(one.name, "own", "licence", f"is under {licence.name}, which forbids commercial use")
    if company.purpose == "hosting" and not licence.hosting:
        yield Removed(
            one.name, "own", "licence", f"is under {licence.name}, which forbids hosting for others"
        )
    if most is not None and company.monthly_users is not None and company.monthly_users > most:
        yield Removed(
            one.name,
            "own",
            "licence",
            f"is under {licence.name}, and you have {company.monthly_users:,} users a month",
        )


def _facts(one: Candidate, today: date) -> Iterator[Known]:
    licence = one.licence
    if licence is not None and one.side == "own":
        source = licence.source or "the list of models"
        yield Known(one.name, f"licence: {licence.name}", source, licence.as_of, "licence")
    if one.side == "rent":
        for name, says in _said(one.contract.says(), today):
            yield Known(one.name, says, *one.contract.origin(name), name)
        if one.weights is not None:
            says = f"its weights ({one.weights}) are open: other hosts have them, and you could"
            yield Known(one.name, says, "the list of models", None)
    if one.quality is not None:
        share = f"does {one.quality.good_enough_share:.0%} of the work well enough (stated)"
        yield Known(one.name, share, one.quality.source, one.quality.as_of, "quality")


def _said(said: Contract, today: date) -> Iterator[tuple[str, str]]:
    """Field and words. The last two are what depending on the vendor means."""
    if said.trains_on_data is not None:
        yield "trains_on_data", f"{'trains' if said.trains_on_data else 'does not train'} on what it is sent"
    if said.retention_days is not None:
        yield "retention_days", f"keeps what it is sent for {said.retention_days} days"
    if said.certifications:
        yield "certifications", f"is certified by {', '.join(said.certifications)}"
    if said.regions:
        yield "regions", f"can be had in {', '.join(said.regions)}"
    if said.support is not None:
        yield "support", f"support: {said.support}"
    if said.retires is not None:
        past = "was retired" if said.retires < today else "will be retired"
        yield "retires", f"{past} on {said.retires.isoformat()}"
    if said.leaving_engineer_months is not None:
        yield "leaving_engineer_months", f"leaving takes {said.leaving_engineer_months:g} engineer's months"
    if said.leaving_takes is not None:
        yield "leaving_takes", f"leaving takes {said.leaving_takes}"


def _leaning(answers: Answers) -> Leaning | None:
    weights = {key: getattr(answers.preferences, key) for key in _LEANS}
    liked = [(weight, *_LEANS[key]) for key, weight in weights.items() if weight]
    if not liked:
        return None
    said = sorted(liked, key=lambda each: -each[0])
    return Leaning(
        for_own=sum(weight for weight, side, _ in liked if side == "own"),
        for_rent=sum(weight for weight, side, _ in liked if side == "rent"),
        says=", ".join(f"{words} ({side}, {weight})" for weight, side, words in said),
    )
