"""Start here: serve, with a sample config if there is none."""

from __future__ import annotations

import os
from pathlib import Path

import click

from freehold.cli import llama_cpp
from freehold.cli.finding import HERE
from freehold.cli.first_screen import first_screen, running_shape
from freehold.cli.logs import log_to_stderr
from freehold.cli.options import config_option, json_option, listen_options
from freehold.cli.output import answer
from freehold.cli.reading import read_settings
from freehold.cli.running import Running, serve
from freehold.config import render_sample


@click.command()
@config_option
@listen_options
@json_option
def command(config: Path | None, host: str | None, port: int | None, *, as_json: bool) -> int:
    """Start Freehold in this folder, in the foreground.

    Uses ./freehold.toml, and writes a sample there if there is none, with --port in it: an owned model that
    runs here under llama.cpp, and a sandbox that stands in for a rented API and says so. Then it shows what
    is running and what to try. Ctrl-C stops it.

    --json prints one object when it is ready: url, page, config, ledger, models, routes.
    """
    path = HERE if config is None else config
    is_new = not path.exists()
    if is_new:
        _write_sample(path, port)
    llama_cpp.require(read_settings(path))
    log_to_stderr()

    def announce(running: Running) -> None:
        answer(running_shape(running), lambda: first_screen(running, is_new=is_new), as_json=as_json)

    return serve(path, host=host, port=port, announce=announce)


def _write_sample(path: Path, port: int | None) -> None:
    if not llama_cpp.is_installed():
        raise llama_cpp.missing()  # before a file is written that could not be served
    seen = "OPENAI_API_KEY" in os.environ
    # A port that was asked for is this folder's from now on; any free one is of this time alone.
    sample = render_sample(openai_key_seen=seen, port=port) if port else render_sample(openai_key_seen=seen)
    path.write_text(sample, "utf-8")
