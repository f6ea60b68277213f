"""Write a commented freehold.toml, fitted to what is here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from freehold.cli import llama_cpp
from freehold.cli.calling import call
from freehold.cli.cells import SIMULATED
from freehold.cli.finding import HERE
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.screen import Block, Screen, Word, line
from freehold.config import render_sample
from freehold.engine import read_header
from freehold.errors import ConfigError

_BUILTIN = "builtin:triage"
_KEYS = ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GROQ_API_KEY")


@click.command()
@config_option
@click.option("--rent", metavar="openai|URL", help="Rent for real. Without it a sandbox stands in.")
@click.option("--rent-model", metavar="NAME", help="What the API at URL calls its model.")
@click.option(
    "--own",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="GGUF",
    help="The weights to own. Without it: a GGUF in ./models, else the small model that ships with Freehold.",
)
@json_option
def command(
    config: Path | None, rent: str | None, rent_model: str | None, own: Path | None, *, as_json: bool
) -> None:
    """Write a freehold.toml of one rented and one owned model behind one route.

    Every line of it is explained. A file that is there is never overwritten, and nothing is fetched, probed
    or rented: a key in the environment alone changes nothing.

    --json prints an object: config, rent, own (null without llama.cpp), remarks.
    """
    path = HERE if config is None else config
    if path.exists():
        raise ConfigError("", f"{path} is already there", hint="move it away, or name another with --config")
    found = _found_weights(path.absolute().parent)
    weights = _own_weights(own or next(iter(found), None), path, asked=own is not None)
    seen = [name for name in _KEYS if name in os.environ]
    text = render_sample(
        rent=rent, rent_model=rent_model, own_weights=weights, openai_key_seen="OPENAI_API_KEY" in seen
    )
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    remarks = _remarks(found[1:] if own is None else found, seen, rent=rent, owns=weights is not None)
    if rent not in (None, "openai") and rent_model is None:
        remarks.insert(
            0, f"fill in `model` in it: what {rent} calls the model is not known, and nobody was asked"
        )
    shape: dict[str, Any] = {
        "config": str(path.absolute()),
        "rent": "sandbox" if rent is None else rent,
        "own": weights,
        "remarks": remarks,
    }
    answer(shape, lambda: _told(path, shape), as_json=as_json)


def _found_weights(base: Path) -> list[Path]:
    """GGUF files in the folder `models` beside the config; later shards of a split one are part of it."""
    files = sorted((base / "models").glob("*.gguf"))
    return [file for file in files if "-of-" not in file.name or "-00001-of-" in file.name]


def _own_weights(file: Path | None, config: Path, *, asked: bool) -> str | None:
    """What to write as `weights`; `None` where nothing can run them and nobody asked."""
    if not asked and not llama_cpp.is_installed():
        return None
    if file is None:
        return _BUILTIN
    read_header(file, key="weights")  # raises where it is no GGUF
    base, absolute = config.absolute().parent, file.absolute()
    return str(absolute.relative_to(base) if absolute.is_relative_to(base) else absolute)


def _remarks(others: list[Path], keys: list[str], *, rent: str | None, owns: bool) -> list[str]:
    remarks = []
    if not llama_cpp.is_installed():
        what = "the owned model needs it to run" if owns else "so no owned model was written"
        remarks.append(f"llama.cpp is not installed, {what}: {llama_cpp.INSTALL}")
    if others:
        remarks.append(f"also found, and not used: {', '.join(file.name for file in others)}")
    if keys and rent is None:
        remarks.append(
            f"{', '.join(keys)}: set here and not used; `freehold init --rent openai` rents for real"
        )
    if rent == "openai" and "OPENAI_API_KEY" not in keys:
        remarks.append("OPENAI_API_KEY is not set here: export it before you start")
    return remarks


def _told(path: Path, shape: dict[str, Any]) -> Screen:
    rented = ("a sandbox, ", SIMULATED) if shape["rent"] == "sandbox" else (shape["rent"],)
    blocks: list[Block] = [line("Wrote ", Word(str(path), "strong"), ".")]
    blocks.append(line("rented: ", *rented, indent=2))
    if shape["own"] is not None:
        blocks.append(line("owned:  ", shape["own"], indent=2))
    blocks += [line(Word("note: ", "odd"), remark) for remark in shape["remarks"]]
    blocks.append(line("Next: ", Word(call("up", config=path), "code")))
    return blocks
