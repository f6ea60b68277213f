"""Which sources there are: those that the ledger's events name, and those whose files stand beside it.

Does not look into fingerprints.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from freehold.cli.learning.store import Store
from freehold.ledger import LedgerMissing, events
from freehold.privacy import Damaged, facts_of

LEARNED: Final = "privacy.learned"
FORGOTTEN: Final = "privacy.forgotten"


@dataclass(frozen=True, slots=True)
class Held:
    """One source. `sum` is the checksum that its file must have; `None` where no event tells of it.

    `problem` says why it cannot be used, as far as its first line tells; `left_out_by` why so many were left
    out (`short`, `common`, `long`), which only the lesson itself knows.
    """

    name: str
    type: str
    kind: str
    values: int
    left_out: int
    at: float
    file: Path
    sum: str | None
    problem: str | None
    left_out_by: Mapping[str, int] = field(default_factory=dict)


def held(ledger: Path) -> list[Held]:
    """The sources, by name."""
    store = Store(ledger)
    named = {source.name: source for source in _told(ledger, store)}
    found = {source.name: source for source in _found(store)}
    both = [_checked(source, found.get(name)) for name, source in named.items()]
    return sorted([*both, *(s for name, s in found.items() if name not in named)], key=lambda s: s.name)


def _told(ledger: Path, store: Store) -> Iterator[Held]:
    """Those that were learned and not forgotten since."""
    try:
        told = events(ledger, "privacy.")
    except LedgerMissing:
        return
    present = {}
    for event in told:
        body = event.body
        if event.kind == LEARNED:
            present[body["source"]] = (body, event.at)
        elif event.kind == FORGOTTEN:
            present.pop(body["source"], None)
    for name, (body, at) in present.items():
        yield Held(
            name=name,
            type=body["type"],
            kind=body["kind"],
            values=body["values"],
            left_out=body["left_out"],
            at=at,
            file=store.file_of(name),
            sum=body["sum"],
            problem=None,
        )


def _found(store: Store) -> Iterator[Held]:
    """What the files say of themselves. One that says nothing is called by its file's name."""
    for file in store.files():
        try:
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                facts = facts_of(mapped[:65_536])[0]
        except (OSError, ValueError) as error:
            yield Held(file.name, "", "", 0, 0, 0.0, file, None, f"cannot be read: {error}")
        except Damaged as error:
            yield Held(file.name, "", "", 0, 0, 0.0, file, None, error.message)
        else:
            yield Held(
                facts.name,
                facts.type,
                facts.kind,
                facts.values,
                facts.left_out,
                facts.at,
                file,
                facts.sum,
                None,
            )


def _checked(told: Held, found: Held | None) -> Held:
    if found is None:
        problem = "its fingerprints cannot be read" if told.file.exists() else "its fingerprints are gone"
    elif found.sum != told.sum:
        problem = "its fingerprints are others than those that were learned"
    else:
        return told
    return Held(
        told.name, told.type, told.kind, told.values, told.left_out, told.at, told.file, told.sum, problem
    )
