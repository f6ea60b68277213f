"""What each type of private value was found: how often, when last, and whether it fell silent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from freehold.console.view import DetectorNow
from freehold.ledger import PrivacyStats


@dataclass(frozen=True, slots=True)
class Detected:
    """`by` are the detectors that look for the type, `raises` the label that it gives, `None` for none.

    `silent`: it was found in the time of the same length before and not in this one, though requests were
    looked through. `last_at` is when it was found last, ever, in Unix seconds.
    """

    type: str
    by: tuple[str, ...]
    raises: str | None
    requests: int
    values: int
    last_at: float | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Table:
    """`found` were found at some time, the silent ones first; `never` are looked for; `ignored` are not."""

    found: list[Detected]
    never: list[Detected]
    ignored: list[Detected]

    @property
    def all(self) -> list[Detected]:
        return [*self.found, *self.never, *self.ignored]

    @property
    def silent(self) -> list[Detected]:
        return [one for one in self.found if one.silent]

    @property
    def values(self) -> int:
        return sum(one.values for one in self.found)


def detected(detectors: Iterable[DetectorNow], stats: PrivacyStats) -> Table:
    """A row for each type that is looked for now, or was found once."""
    known = {one.type: one for one in detectors}
    counts = {one.type: one for one in stats.found}
    found, never, ignored = [], [], []
    for type_ in sorted({*known, *stats.last_found}):
        now, count = known.get(type_), counts.get(type_)
        one = Detected(
            type=type_,
            by=() if now is None else now.by,
            raises=None if now is None else now.raises,
            requests=0 if count is None else count.requests,
            values=0 if count is None else count.values,
            last_at=stats.last_found.get(type_),
            silent=count is None and type_ in stats.found_before and stats.looked > 0,
        )
        if one.last_at is not None:
            found.append(one)
        elif one.raises is None:
            ignored.append(one)
        else:
            never.append(one)
    found.sort(key=lambda one: (not one.silent, -one.requests, one.type))
    return Table(found, never, ignored)
