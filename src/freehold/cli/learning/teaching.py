"""One source learned, or forgotten: from its files to its fingerprints and the event that says so."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from freehold.cli.learning.held import FORGOTTEN, LEARNED, Held, held
from freehold.cli.learning.sources import NotLearned, is_list, is_table, texts, values
from freehold.cli.learning.store import Store
from freehold.errors import FreeholdError
from freehold.ledger import append_event
from freehold.privacy import SHORTEST_ALONE, DocumentShingles, Seal, Sums, ValuePrints, facts_of, pack

_TELL_SECONDS: Final = 2.0
_REASONS: Final = {
    "short": f"shorter than {SHORTEST_ALONE} letters and digits",
    "common": "made of common words, which say too little",
    "long": "of many words that say too little",
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learned: a list's `columns`, and whether it is a list; `None` lets its look tell."""

    path: Path
    columns: tuple[str, ...]
    type: str
    as_values: bool | None

    @property
    def name(self) -> str:
        """What the source is called from then on."""
        return ":".join((str(self.path), *self.columns))


def learn(lesson: Lesson, ledger: Path, *, who: str) -> Held:
    """Learn it, in place of what was learned under its name before."""
    store = Store(ledger)
    key = store.make_key()
    seal = Seal(key)
    is_values = is_list(lesson.path) if lesson.as_values is None else lesson.as_values
    if lesson.columns and not is_values:
        raise NotLearned(f"{lesson.path} is no table", hint="--column is for CSV and JSON Lines")
    prints: ValuePrints | DocumentShingles = ValuePrints(seal) if is_values else DocumentShingles(seal)
    read = values(lesson.path, lesson.columns) if is_values else texts(lesson.path)
    for text in _told(read, "values" if is_values else "files"):
        prints.add(text)
    if not prints.values:
        raise _nothing_learned(lesson, prints)
    at = time.time()
    kind = "values" if is_values else "documents"
    facts = {"name": lesson.name, "type": lesson.type, "kind": kind, "values": prints.values}
    packed = pack({**facts, "left_out": prints.left_out, "at": at}, _sums(prints), key)
    made = facts_of(packed)[0]
    beside = store.prepare(lesson.name, packed)
    body = {
        "source": made.name,
        "type": made.type,
        "kind": made.kind,
        "values": made.values,
        "left_out": made.left_out,
        "sum": made.sum,
    }
    # The file comes last: a gateway that follows it finds the event.
    append_event(ledger, LEARNED, body, who=who, create=True)
    file = store.place(beside, lesson.name)
    why = dict(prints.left_out_by)
    return Held(made.name, made.type, kind, made.values, made.left_out, at, file, made.sum, None, why)


def _nothing_learned(lesson: Lesson, prints: ValuePrints | DocumentShingles) -> NotLearned:
    """What is said of a source of which nothing could be kept."""
    if prints.left_out:
        why = ", ".join(reasons(prints.left_out_by, are_values=isinstance(prints, ValuePrints)))
        return NotLearned(f"{lesson.path} was not learned: all of it is left out: {why}")
    if isinstance(prints, DocumentShingles):
        hint = "hidden files, licences, lock files and files that are no text are passed over"
    elif is_table(lesson.path):
        hint = "the first line of a table names its columns; each line below it is a value"
    else:
        hint = "each line is a value"
    return NotLearned(f"{lesson.path} was not learned: there is nothing in it", hint=hint)


def reasons(left_out_by: Mapping[str, int], *, are_values: bool) -> Iterator[str]:
    """Why so many were left out, in words."""
    if not are_values:
        yield from (f"{count:,} too short to be recognised" for count in left_out_by.values() if count)
        return
    for reason, said in _REASONS.items():
        if left_out_by.get(reason):
            yield f"{left_out_by[reason]:,} {said}"


def _sums(prints: ValuePrints | DocumentShingles) -> Sums:
    if isinstance(prints, ValuePrints):
        return Sums(prints.words, prints.pairs, prints.wholes, prints.parts, lengths=prints.lengths)
    return Sums(prints.words, shingles=prints.shingles)


def forget(name: str, ledger: Path, *, who: str, why: str | None) -> Held:
    """Forget a source, whole or damaged. Raises `FreeholdError` where none is called so."""
    sources = {source.name: source for source in held(ledger)}
    if name not in sources:
        hint = f"there are {', '.join(sources)}" if sources else "nothing was learned"
        raise FreeholdError(f"nothing was learned as {name!r}", hint=hint)
    append_event(ledger, FORGOTTEN, {"source": name}, who=who, why=why, create=True)
    Store(ledger).remove(sources[name].file)
    return sources[name]


def _told(read: Iterable[str], what: str) -> Iterator[str]:
    """What is read, and on stderr how far it is where that takes long."""
    said = None
    for number, text in enumerate(read, 1):
        yield text
        now = time.monotonic()
        if said is None:
            said = now
        elif now - said > _TELL_SECONDS:
            said = now
            sys.stderr.write(f"{number:,} {what} so far\n")
            sys.stderr.flush()
