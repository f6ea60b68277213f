"""Make, list and revoke the keys of applications."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import click

from freehold.access import Key, create_key, list_keys, revoke_key
from freehold.cli.completing import model_names, route_names
from freehold.cli.figures import moment
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.screen import Cell, Column, Screen, Table, Word, line
from freehold.cli.shapes import key_shape
from freehold.config import Settings
from freehold.ledger import Ledger


@click.group()
def command() -> None:
    """Keys of applications: make one for each, see them, take one away.

    A key is shown once and kept as a hash in the ledger. A running gateway follows within a second.
    """


@command.command()
@config_option
@click.option(
    "--route",
    "routes",
    multiple=True,
    metavar="R",
    shell_complete=route_names,
    help="A route that it may use. Repeatable.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="M",
    shell_complete=model_names,
    help="A model that it may name. Repeatable.",
)
@click.option("--note", metavar="TEXT", help="Whose key it is.")
@json_option
def create(
    config: Path | None,
    routes: tuple[str, ...],
    models: tuple[str, ...],
    note: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a key and show it, once.

    With neither routes nor models named it may use all of them.

    --json prints an object: id, key.
    """
    settings = settings_for_looking(config)
    _check_names(routes, settings.routes, "route")
    _check_names(models, settings.models, "model")
    ledger = settings.ledger.path
    if not ledger.exists():
        Ledger.open(ledger).close()
    key, secret = create_key(ledger, routes=routes, models=models, note=note, who=_who())
    answer({"id": key.id, "key": secret}, lambda: _made(key, secret, settings), as_json=as_json)


@command.command(name="list")
@config_option
@json_option
def list_(config: Path | None, *, as_json: bool) -> None:
    """List the keys, the revoked ones too.

    --json prints a list of objects: id, hint (its last four characters), routes, models, note, at, revoked.
    """
    ledger = settings_for_looking(config).ledger.path
    keys = list(list_keys(ledger).values()) if ledger.exists() else []
    answer([key_shape(key) for key in keys], lambda: _listed(keys), as_json=as_json)


@command.command()
@click.argument("id_", metavar="ID")
@config_option
@click.option("--why", metavar="TEXT", help="The reason, for the ledger.")
@json_option
def revoke(id_: str, config: Path | None, why: str | None, *, as_json: bool) -> None:
    """Take a key away. It stops working within a second.

    --json prints an object: id, revoked.
    """
    revoke_key(settings_for_looking(config).ledger.path, id_, who=_who(), why=why)
    answer({"id": id_, "revoked": True}, lambda: [line(f"{id_} is revoked.")], as_json=as_json)


def _check_names(asked: Iterable[str], known: Iterable[str], kind: str) -> None:
    names = list(known)
    for name in asked:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(names)) or 'none'}"
            raise click.BadParameter(f"no {kind} is called {name!r}; {hint}", param_hint=f"--{kind}")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # a container without names


def _made(key: Key, secret: str, settings: Settings) -> Screen:
    needless = [] if settings.server.require_keys else [
        line(Word("note: ", "odd"), "require_keys is false, so requests without a key are answered too")
    ]  # fmt: skip
    return [
        line(Word(secret, "strong")),
        line(f"{key.id}: may use {_may_use(key)}. It is not kept and cannot be shown again."),
        *needless,
    ]


def _may_use(key: Key) -> str:
    if not key.routes and not key.models:
        return "everything"
    routes = [f"route {name}" for name in sorted(key.routes)]
    return ", ".join([*routes, *(f"model {name}" for name in sorted(key.models))])


def _listed(keys: list[Key]) -> Screen:
    if not keys:
        return [line("There are no keys. ", Word("freehold keys create", "code"), " makes one.")]
    columns = (
        Column("id", whole=True),
        Column("ends in"),
        Column("may use"),
        Column("note"),
        Column("made (UTC)", whole=True),
        Column("state"),
    )
    return [Table(columns, [_row(key) for key in keys])]


def _row(key: Key) -> tuple[Cell, ...]:
    state = Word("revoked", "bad") if key.revoked else Word("active", "good")
    return key.id, f"…{key.hint}", _may_use(key), key.note or "", moment(key.at), state
