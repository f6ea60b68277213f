"""Prove what left the house, and that nobody changed the record of it."""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from freehold.audit import Checkpoint
from freehold.cli.audit_screen import checked, proven, reported, signed, unreadable
from freehold.cli.errands import told_once
from freehold.cli.figures import iso
from freehold.cli.notary import send
from freehold.cli.options import Moment, config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.recipients import simulated_models
from freehold.cli.register import register_html, register_markdown
from freehold.cli.second_places import read_checkpoints, write_down
from freehold.cli.shapes import plain
from freehold.cli.signing import signing_key
from freehold.config import Settings
from freehold.egress import Client
from freehold.errors import FreeholdError
from freehold.ledger import LedgerDamaged, Outgoing, Proof, Verdict, outgoing, prove, take_checkpoint, verify


@click.group()
def command() -> None:
    """The log of every request, every byte that left and every decision: check it, sign it, prove from it.

    Each is a leaf of a Merkle tree (RFC 6962). A checkpoint is a signature under its root; whoever keeps one
    elsewhere can tell later whether anything that it covers was changed, removed or put in.
    """


@command.command("verify")
@config_option
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A checkpoint that was kept elsewhere, as `audit checkpoint --json` prints it. Repeatable.",
)
@json_option
def verify_(config: Path | None, files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check the ledger against its log, and the log against every checkpoint at hand.

    Reads all of it: about a minute for a million requests. The checkpoints are those in the ledger, in
    [audit] checkpoint_file, and in FILE. Leaves with 1 where something does not fit, and says where.

    --json prints an object: intact, tree_size, root (hex), records, sent, events, payloads, idle,
    corrections, removed, erased, checkpoints, findings (where, what), more_findings.
    """
    settings = settings_for_looking(config)
    try:
        verdict = verify(settings.ledger.path, _elsewhere(settings, files))
    except LedgerDamaged as error:
        finding = {"where": str(settings.ledger.path), "what": error.message}
        answer({"intact": False, "findings": [finding]}, partial(unreadable, error), as_json=as_json)
        return 1
    shape = {"intact": verdict.intact, **plain(verdict)}
    del shape["newest"]
    answer(shape, lambda: checked(verdict), as_json=as_json)
    return 0 if verdict.intact else 1


@command.command()
@config_option
@json_option
def checkpoint(config: Path | None, *, as_json: bool) -> None:
    """Sign the log as it is now. Keep what this prints where the ledger's keepers cannot change it.

    The gateway does the same every [audit] checkpoint_seconds and when it stops. The checkpoint also goes
    into the ledger and to the second places of [audit].

    --json prints an object: origin, tree_size, root (hex), time, public_key (hex), signature (hex).
    """
    settings = settings_for_looking(config)
    made = take_checkpoint(settings.ledger.path, signing_key(settings))
    write_down(made, settings.audit)
    asyncio.run(_send(made, settings))
    answer(made.shape(), lambda: signed(made), as_json=as_json)


@command.command("prove")
@click.argument("request_id", metavar="REQUEST")
@config_option
@click.option(
    "--checkpoint",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Prove it against this checkpoint's tree. Without it: against the tree as it is, newly signed.",
)
@json_option
def prove_(request_id: str, config: Path | None, *, file: Path | None, as_json: bool) -> None:
    """Prove that a request is in the log, to somebody who has only a checkpoint.

    REQUEST is the answer's x-request-id. A page of Python checks the proof without Freehold:
    `freehold docs prove-what-left` has it.

    --json prints an object: leaf (base64), index, tree_size, path (hex, from leaf to root), root (hex);
    checkpoint, signed over that tree; sent, the same proof of each thing that its attempts let out.
    """
    settings = settings_for_looking(config)
    if file is None:
        made = take_checkpoint(settings.ledger.path, signing_key(settings))
    else:
        made = read_checkpoints(file)[-1]
    record, *sent = prove(settings.ledger.path, request_id, size=made.tree_size)
    if record.root.hex() != made.root:
        raise FreeholdError(
            "the log does not have the root that the checkpoint says",
            hint="`freehold audit verify --checkpoint FILE` says what does not fit",
        )
    shape = {**_proof(record), "checkpoint": made.shape(), "sent": [_proof(proof) for proof in sent]}
    answer(shape, lambda: proven(record, sent, made), as_json=as_json)


@command.command()
@config_option
@click.option("--since", type=Moment(), metavar="WHEN", help="Only from then on: 2026-11-24, or 30d.")
@click.option("--until", type=Moment(), metavar="WHEN", help="Only before then.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report with the register of processing (GDPR Art. 30) as HTML.",
)
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Likewise as Markdown.",
)
@json_option
def report(
    config: Path | None,
    *,
    since: datetime | None,
    until: datetime | None,
    html: Path | None,
    markdown: Path | None,
    as_json: bool,
) -> int:
    """Say in one sentence what left the house, and show by destination and region what.

    Counted from the leaves of the log, after checking it as `audit verify` does. Leaves with 1 where the
    ledger is not intact, or where something went to a destination without the clearance for it.

    --json prints an object: sentence, since, until, intact, checkpoint (or null), requests, personal,
    unscanned, unlabelled, left, errands, above_clearance, destinations (destination, region, models,
    clearances, attempts, personal, above_clearance), routes (route, requests, labels), simulated_models
    (those of the config that only stand in for a real one).
    """
    settings = settings_for_looking(config)
    path = settings.ledger.path
    verdict = verify(path, _elsewhere(settings, ()))
    counted = outgoing(path, _seconds(since), _seconds(until))
    known = verdict.newest
    sentence = _sentence(counted, verdict)
    simulated = simulated_models(settings)
    span = {"since": _told(since), "until": _told(until)}
    for file, render in ((html, register_html), (markdown, register_markdown)):
        if file is not None:
            _write(file, render(settings, counted, sentence, span))
    shape = {
        "sentence": sentence,
        **span,
        "intact": verdict.intact,
        "checkpoint": None if known is None else known.shape(),
        **plain(counted),
        "simulated_models": sorted(simulated),
    }
    answer(shape, lambda: reported(sentence, counted, verdict, settings), as_json=as_json)
    return 0 if verdict.intact and not counted.above_clearance else 1


def _elsewhere(settings: Settings, files: tuple[Path, ...]) -> list[Checkpoint]:
    """The checkpoints that are not in the ledger."""
    second = settings.audit.checkpoint_file
    own = [second] if second is not None and second.exists() and second.stat().st_size else []
    return [found for file in (*own, *files) for found in read_checkpoints(file)]


async def _send(made: Checkpoint, settings: Settings) -> None:
    url = settings.audit.checkpoint_url
    if url is None:
        return
    client = Client(tell=told_once(settings.ledger.path))
    try:
        await send(made, url, client)
    finally:
        await client.close()


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "leaf": base64.b64encode(proof.leaf).decode(),
        "index": proof.index,
        "tree_size": proof.tree_size,
        "path": [digest.hex() for digest in proof.path],
        "root": proof.root.hex(),
    }


def _sentence(sums: Outgoing, verdict: Verdict) -> str:
    asked = f"{sums.requests:,} request{'' if sums.requests == 1 else 's'}"
    unscanned = f" and {sums.unscanned:,} taken for secret unscanned" if sums.unscanned else ""
    counted = (
        f"{asked}, {sums.personal:,} labelled personal or above{unscanned},"
        f" {sums.above_clearance:,} of them sent to a destination without clearance"
    )
    if not verdict.intact:
        count = len(verdict.findings) + verdict.more_findings
        return f"{counted}; NOT VERIFIED: the ledger does not fit its log in {count:,} places."
    newest = verdict.newest
    if newest is None:
        return f"{counted}; the log is whole, and no checkpoint has been signed yet."
    leaves = f"{newest.tree_size:,} {'leaf' if newest.tree_size == 1 else 'leaves'}"
    return f"{counted}; verified to checkpoint {newest.root[:16]} ({leaves}, {newest.time})."


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment.timestamp())


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise FreeholdError(f"{file}: {error.strerror}") from error
