"""Serve in the foreground, as a service does."""

from __future__ import annotations

from pathlib import Path

import click

from freehold.cli import llama_cpp
from freehold.cli.finding import find_config
from freehold.cli.first_screen import running_shape
from freehold.cli.logs import log_to_stderr
from freehold.cli.options import config_option, json_option, listen_options
from freehold.cli.output import answer
from freehold.cli.reading import read_settings
from freehold.cli.running import Running, serve
from freehold.cli.screen import Screen, line


@click.command()
@config_option
@listen_options
@json_option
def command(config: Path | None, host: str | None, port: int | None, *, as_json: bool) -> int:
    """Serve the config in the foreground until SIGTERM or Ctrl-C.

    One line on stdout tells that it is ready (so does GET /readyz), logs go to stderr. A signal lets requests
    under way finish, a second one cuts them. A changed config is taken up without a restart.

    --json prints one object when it is ready: url, page, config, ledger, models, routes.
    """
    path = find_config(config)
    llama_cpp.require(read_settings(path))
    log_to_stderr()

    def announce(running: Running) -> None:
        answer(running_shape(running), lambda: _ready(running), as_json=as_json)

    return serve(path, host=host, port=port, announce=announce)


def _ready(running: Running) -> Screen:
    return [line(f"Freehold serves {running.url}/v1 by {running.config_path}.")]
