"""Whether the ledger is what it was: rows against leaves, leaves against tree, tree against checkpoints.

Everything is computed again from the leaves; nothing that is stored is taken for granted. Does not mend.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from freehold.audit import Checkpoint, Frontier
from freehold.ledger.checkpoints import kept_checkpoints, known_keys, origin
from freehold.ledger.leaves import read_leaf
from freehold.ledger.matching import Rows
from freehold.ledger.reader import LedgerReader
from freehold.ledger.schema import snapshot, visit

_MOST_FINDINGS = 100


class Finding(msgspec.Struct, frozen=True):
    where: str
    what: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found.

    `records`, `events`, `payloads`, `idle` and `corrections` are rows that have their leaves.
    `removed` records are gone for their age and `erased` ones lack what was private, as logged events say.
    `checkpoints` counts those that the log was held against, a copy that is kept elsewhere too once; `newest`
    covers most of it. Of many findings the
    first 100 are told.
    """

    tree_size: int
    root: str
    records: int
    sent: int
    events: int
    payloads: int
    idle: int
    corrections: int
    removed: int
    erased: int
    checkpoints: int
    findings: tuple[Finding, ...]
    more_findings: int
    newest: Checkpoint | None

    @property
    def intact(self) -> bool:
        return not self.findings


class _Findings:
    def __init__(self) -> None:
        self.told: list[Finding] = []
        self.more = 0

    def __call__(self, where: str, what: str) -> None:
        if len(self.told) < _MOST_FINDINGS:
            self.told.append(Finding(where, what))
        else:
            self.more += 1


def verify(path: Path, given: Sequence[Checkpoint] = ()) -> Verdict:
    """Check the whole ledger at `path`, also against checkpoints that were kept elsewhere.

    Takes everything in that was appended before; a gateway may run meanwhile. Raises `LedgerError` where the
    file cannot be read at all.
    """
    LedgerReader.open(path).close()  # brings the tables up to date
    connection = visit(path)
    try:
        with snapshot(connection, path):
            return _verify(connection, path, given)
    finally:
        connection.close()


def _verify(connection: sqlite3.Connection, path: Path, given: Sequence[Checkpoint]) -> Verdict:
    tell = _Findings()
    kept, odd = kept_checkpoints(connection)
    for id_ in odd:
        tell(f"checkpoint in row {id_} (kept in the ledger)", "it is not one that Freehold writes")
    _check_signatures(connection, kept, given, tell)
    at_size: dict[int, list[tuple[str, Checkpoint]]] = {}
    for name, checkpoints in (("kept in the ledger", kept), ("given", given)):
        for checkpoint in checkpoints:
            at_size.setdefault(checkpoint.tree_size, []).append((name, checkpoint))
    rows = Rows(connection, path, tell)
    frontier = _walk(connection, rows, at_size, tell)
    rows.finish()
    for size in sorted(at_size):
        for name, checkpoint in at_size[size]:
            tell(
                _name(name, checkpoint),
                f"it covers {size} leaves and the log has {frontier.size}: the end of the log is missing",
            )
    return Verdict(
        tree_size=frontier.size,
        root=frontier.root().hex(),
        records=rows.records,
        sent=rows.sent,
        events=rows.events,
        payloads=rows.payloads,
        idle=rows.plain["idle"],
        corrections=rows.plain["corrections"],
        removed=rows.removed,
        erased=rows.erased,
        checkpoints=len({*kept, *given}),
        findings=tuple(tell.told),
        more_findings=tell.more,
        newest=max((*kept, *given), key=lambda checkpoint: checkpoint.tree_size, default=None),
    )


def _walk(
    connection: sqlite3.Connection,
    rows: Rows,
    at_size: dict[int, list[tuple[str, Checkpoint]]],
    tell: _Findings,
) -> Frontier:
    """Grow the tree again, leaf by leaf. Checkpoints that it reaches are taken out of `at_size`."""
    frontier = Frontier()
    _compare(at_size.pop(0, []), frontier, tell)
    for number, leaf, hashes in connection.execute("SELECT id, leaf, hashes FROM log ORDER BY id"):
        if number != frontier.size:
            tell(f"log: leaf {frontier.size}", f"it is missing; the next one there is {number}")
            return frontier
        if frontier.append(leaf) != hashes:
            tell(f"log: leaf {number}", "it does not have the hash that is stored with it")
        try:
            rows.check(number, read_leaf(leaf))
        except (msgspec.DecodeError, UnicodeDecodeError):
            tell(f"log: leaf {number}", "it is not a leaf that Freehold writes")
        if frontier.size in at_size:
            _compare(at_size.pop(frontier.size), frontier, tell)
    return frontier


def _compare(checkpoints: list[tuple[str, Checkpoint]], frontier: Frontier, tell: _Findings) -> None:
    for name, checkpoint in checkpoints:
        if checkpoint.root != frontier.root().hex():
            tell(
                _name(name, checkpoint),
                f"the first {frontier.size} leaves are not those that were signed: history was rewritten",
            )


def _check_signatures(
    connection: sqlite3.Connection,
    kept: Sequence[Checkpoint],
    given: Sequence[Checkpoint],
    tell: _Findings,
) -> None:
    known, name = known_keys(connection), origin(connection)
    for place, checkpoints in (("kept in the ledger", kept), ("given", given)):
        for checkpoint in checkpoints:
            where = _name(place, checkpoint)
            if not checkpoint.is_genuine():
                tell(where, "its signature is not of its key: the checkpoint itself was changed")
            elif checkpoint.origin != name:
                tell(where, f"it is of another ledger, {checkpoint.origin}; this one is {name}")
            elif checkpoint.public_key not in known:
                tell(where, f"it is signed with a key that the log does not name, {checkpoint.public_key}")


def _name(place: str, checkpoint: Checkpoint) -> str:
    return f"checkpoint of {checkpoint.tree_size} leaves, {checkpoint.time} ({place})"
