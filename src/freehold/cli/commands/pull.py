"""Fetch a model from a hub, checked, with its origin and licence."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from freehold.cli.calling import call
from freehold.cli.entry import DONE, INTERRUPTED
from freehold.cli.errands import ledger_of, told_once
from freehold.cli.finding import HERE
from freehold.cli.options import config_option, json_option
from freehold.cli.owning import config_lines
from freehold.cli.pulling import telling
from freehold.cli.screen import Block, Column, Screen, Table, Word, line, show, to_copy
from freehold.egress import Client
from freehold.engine.hub import DEFAULT_HUB, Hub, Pulled, Tell, gigabytes, parse_name, pull
from freehold.errors import FreeholdError, UpstreamError


@click.command()
@click.argument("model")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to put it into. Without it: models, beside the config.",
)
@config_option
@json_option
def command(model: str, into: Path | None, config: Path | None, *, as_json: bool) -> int:
    """Fetch MODEL, org/name or org/name:QUANT, from a model hub, and show how to own it.

    Takes GGUF (Q4_K_M unless another is named), else safetensors; no format that could run code. What was
    cut off goes on where it was, every file is checked against the checksum that the hub lists, and a small
    file beside it remembers where it is from and under which licence. HF_ENDPOINT and HF_TOKEN are heard.

    --json prints JSON Lines: objects with event (chosen, progress, waiting, finished), the last with event
    pulled, path, format, config (lines for freehold.toml), repo, revision, licence, quantisation, files.
    """
    path = HERE if config is None else config
    base = path.absolute().parent
    with telling(as_json=as_json) as tell:
        try:
            pulled = asyncio.run(_pull(model, base / "models" if into is None else into, tell, config))
        except KeyboardInterrupt:
            click.echo("Stopped. What has come is kept; the same command goes on from there.", err=True)
            return INTERRUPTED
    if as_json:
        sys.stdout.write(json.dumps(_shape(pulled, base), ensure_ascii=False) + "\n")
    else:
        show(_told(pulled, path, base))
    return DONE


async def _pull(model: str, into: Path, tell: Tell, config: Path | None) -> Pulled:
    name = parse_name(model)
    endpoint, client = os.environ.get("HF_ENDPOINT") or DEFAULT_HUB, Client(tell=told_once(ledger_of(config)))
    async with Hub(endpoint, os.environ.get("HF_TOKEN"), client) as hub:
        try:
            return await pull(hub, name, into, tell)
        except UpstreamError as error:
            hint = "what has come is kept; the same command goes on from there"
            raise FreeholdError(error.message, hint=hint) from error


def _shape(pulled: Pulled, base: Path) -> dict[str, Any]:
    return {
        "event": "pulled",
        "path": str(pulled.path.absolute()),
        "format": pulled.choice.format,
        "config": "\n".join(config_lines(pulled, base)),
        **asdict(pulled.provenance),
    }


def _told(pulled: Pulled, config: Path, base: Path) -> Screen:
    origin = pulled.provenance
    licence = origin.licence or "none is named: ask before you use it"
    rows = [
        (Word("from", "faint"), f"{origin.repo} at {origin.revision[:12]}"),
        (Word("licence", "faint"), f"{licence}  ({origin.page})"),
        (Word("record", "faint"), str(pulled.record)),
    ]
    what = f"{gigabytes(pulled.choice.bytes)}  {origin.quantisation or pulled.choice.format}"
    blocks: list[Block] = [
        line(Word(str(pulled.path), "strong"), f"  {what}"),
        Table((Column("", whole=True), Column("")), rows, indent=2),
        line(),
        line(Word(f"Own it: in {config}", "faint"), indent=2),
        *(to_copy(text, indent=4) for text in config_lines(pulled, base)),
        line(),
    ]
    if pulled.choice.format == "gguf":
        blocks.append(line("Next: ", Word(call("fit", str(pulled.path), config=config), "code")))
    return blocks
