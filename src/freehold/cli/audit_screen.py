"""What `freehold audit` shows a person. Does not check, count or sign anything."""

from __future__ import annotations

from collections.abc import Sequence

from freehold.audit import Checkpoint
from freehold.cli.recipients import MISSING, names, simulated_models, stands
from freehold.cli.screen import Block, Column, Screen, Table, Word, line, to_copy
from freehold.config import Settings
from freehold.ledger import LedgerDamaged, Outgoing, Proof, Verdict


def checked(verdict: Verdict) -> Screen:
    blocks: list[Block] = []
    if verdict.intact:
        blocks.append(line(Word("intact", "good"), f": {_what(verdict)}"))
    else:
        count = len(verdict.findings) + verdict.more_findings
        blocks.append(
            line(
                Word("tampered", "bad"), f": {count:,} finding{'' if count == 1 else 's'} in {_what(verdict)}"
            )
        )
        rows = [(Word(finding.where, "strong"), finding.what) for finding in verdict.findings]
        blocks.append(Table((Column("", whole=True), Column("")), rows, indent=2))
        if verdict.more_findings:
            blocks.append(line(f"and {verdict.more_findings:,} more", indent=2))
    if not verdict.checkpoints:
        blocks.append(
            line(
                Word("no checkpoint", "odd"),
                " was at hand: a history that was written anew as a whole would not be found."
                " `freehold audit checkpoint` signs one; keep it elsewhere.",
            )
        )
    return blocks


def unreadable(error: LedgerDamaged) -> Screen:
    """Of a file that cannot be read to its end."""
    return [line(Word("tampered or damaged", "bad"), f": {error.message}"), line(f"hint: {error.hint}")]


def _what(verdict: Verdict) -> str:
    return (
        f"{_counted(verdict.tree_size, 'leaf', 'leaves')}; {_counted(verdict.records, 'request')},"
        f" {_counted(verdict.sent, 'thing')} sent, {_counted(verdict.events, 'decision')},"
        f" {_counted(verdict.payloads, 'content')}, {_counted(verdict.idle, 'row')} of idle time,"
        f" {_counted(verdict.corrections, 'correction')};"
        f" {verdict.removed:,} removed for their age, {verdict.erased:,} erased;"
        f" held against {_counted(verdict.checkpoints, 'checkpoint')}"
    )


def _counted(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def signed(checkpoint: Checkpoint) -> Screen:
    return [
        Table(
            (Column("", whole=True), Column("", whole=True)),
            [(Word(name, "faint"), str(value)) for name, value in checkpoint.shape().items()],
        ),
        line(Word("Keep it where nobody who can write the ledger can write.", "faint")),
    ]


def proven(record: Proof, sent: Sequence[Proof], checkpoint: Checkpoint) -> Screen:
    rows = [
        (Word("leaf", "faint"), record.leaf.decode("utf-8", "replace")),
        (Word("place", "faint"), f"{record.index} of {record.tree_size}"),
        *((Word("beside it", "faint"), digest.hex()) for digest in record.path),
        (Word("root", "faint"), record.root.hex()),
        (Word("signed", "faint"), f"{checkpoint.time} by {checkpoint.public_key}"),
        *((Word("sent", "faint"), proof.leaf.decode("utf-8", "replace")) for proof in sent),
    ]
    return [
        Table((Column("", whole=True), Column("")), rows),
        line(
            Word(
                "--json prints it for a program; one that checks it without Freehold is in the docs:", "faint"
            )
        ),
        to_copy("freehold docs prove-what-left", indent=2),
    ]


def added_up(counted: Outgoing) -> str:
    """How the rows of what was sent come together."""
    sent = sum(there.attempts for there in counted.destinations)
    asked = f"{sent - counted.errands:,} for {_counted(counted.left, 'request')}"
    if not counted.errands:
        return f"{sent:,} sent, {asked}: each try counts."
    return (
        f"{sent:,} sent: {asked} (each try counts), and {counted.errands:,} on nobody's request, in brackets."
    )


def reported(sentence: str, counted: Outgoing, verdict: Verdict, settings: Settings) -> Screen:
    simulated = simulated_models(settings)
    good = verdict.intact and not counted.above_clearance
    blocks: list[Block] = [line(Word(sentence, "strong" if good else "bad"))]
    if counted.destinations:
        columns = (
            Column("destination", whole=True),
            Column("region"),
            Column("models"),
            Column("cleared for"),
            Column("sent", right=True),
            Column("personal or above", right=True),
            Column("above clearance", right=True),
        )
        rows = [
            (
                there.destination,
                stands(there, settings),
                names(there.models, simulated),
                ", ".join(there.clearances),
                f"{there.attempts:,}",
                f"{there.personal:,}",
                Word(f"{there.above_clearance:,}", "bad" if there.above_clearance else "good"),
            )
            for there in counted.destinations
        ]
        blocks += [line(), Table(columns, rows), line(), line(Word(added_up(counted), "faint"))]
        if any(row[1] == MISSING for row in rows):
            blocks.append(line(Word("[models.X] region says where a model's machines stand.", "faint")))
    else:
        blocks.append(line("Nothing was sent anywhere."))
    if not verdict.intact:
        blocks.append(line("`freehold audit verify` says what does not fit."))
    return blocks
