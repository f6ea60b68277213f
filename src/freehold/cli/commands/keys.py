"""Make, list, rotate and revoke the keys of applications."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

import click

from freehold.access import Budget, Key, Period, Rate, bounds, create_key, list_keys, revoke_key, rotate_key
from freehold.cli.completing import model_names, route_names
from freehold.cli.figures import iso
from freehold.cli.finding import ledger_here
from freehold.cli.key_screens import listed, made, rotated
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.screen import line
from freehold.cli.shapes import key_shape
from freehold.cli.spans import Span, Until, Usd
from freehold.cli.who import who
from freehold.ledger import Ledger, Spending, spending


@click.group()
def command() -> None:
    """Keys of applications: make one for each, see them, give one a new secret, take one away.

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
@click.option("--admin", is_flag=True, help="A key for a person, which opens the page and asks no model.")
@click.option("--note", metavar="TEXT", help="What it is for.")
@click.option("--owner", metavar="TEXT", help="Whose key it is.")
@click.option("--expires", type=Until(), metavar="WHEN", help="When it ends: 90d from now, or a date, UTC.")
@click.option("--budget-usd", type=Usd(), metavar="X", help="The most that it may spend in each period.")
@click.option(
    "--budget-period",
    type=click.Choice(["day", "month", "total"]),
    default="total",
    show_default=True,
    help="How long the budget lasts: a day or a month of UTC, or all time.",
)
@click.option(
    "--requests-per-minute", type=click.IntRange(1), metavar="N", help="The most requests in any 60 seconds."
)
@click.option(
    "--tokens-per-minute",
    type=click.IntRange(1),
    metavar="N",
    help="The most tokens, in and out, in any 60 seconds.",
)
@json_option
def create(  # noqa: PLR0913 - one argument an option
    config: Path | None,
    routes: tuple[str, ...],
    models: tuple[str, ...],
    *,
    admin: bool,
    note: str | None,
    owner: str | None,
    expires: datetime | None,
    budget_usd: Decimal | None,
    budget_period: Period,
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
    as_json: bool,
) -> None:
    """Make a key and show it, once.

    With neither routes nor models named it may use all of them. A budget holds the worst case of every
    request before a model is asked, so it is never passed. With --admin it opens the page in a browser on
    another machine, and nothing else.

    --json prints an object: id, key.
    """
    limits = requests_per_minute, tokens_per_minute
    if admin and (routes or models or budget_usd is not None or limits != (None, None)):
        raise click.UsageError("an admin key asks no model, so it takes no --route, --model, budget or limit")
    from freehold.cli.reading import settings_for_looking  # noqa: PLC0415 - the other commands need no more than the ledger

    settings = settings_for_looking(config)
    _check_names(routes, settings.routes, "route")
    _check_names(models, settings.models, "model")
    ledger = settings.ledger.path
    if not ledger.exists():
        Ledger.open(ledger).close()
    key, secret = create_key(
        ledger,
        routes=routes,
        models=models,
        note=note,
        owner=owner,
        expires_at=None if expires is None else expires.timestamp(),
        budget=None if budget_usd is None else Budget(budget_usd, budget_period),
        rate=None if limits == (None, None) else Rate(*limits),
        admin=admin,
        who=who(),
    )
    answer({"id": key.id, "key": secret}, lambda: made(key, secret, settings), as_json=as_json)


@command.command(name="list")
@config_option
@json_option
def list_(config: Path | None, *, as_json: bool) -> None:
    """List the keys, the revoked ones too.

    --json prints a list of objects: id, hint (its last four characters), admin, routes, models, note, owner,
    at, expires_at, revoked, budget_usd, budget_period, spent_usd (of the budget, in the present period),
    requests_per_minute, tokens_per_minute.
    """
    ledger = ledger_here(config)
    keys = list(list_keys(ledger).values()) if ledger.exists() else []
    spent = _spent(ledger, keys)
    shapes = [key_shape(key, spent.get(key.id)) for key in keys]
    answer(shapes, lambda: listed(keys, spent), as_json=as_json)


@command.command()
@click.argument("id_", metavar="ID")
@config_option
@click.option(
    "--grace",
    type=Span(),
    default="24h",
    show_default=True,
    metavar="SPAN",
    help="How long the old secret works beside the new one; 0s ends it at once.",
)
@click.option("--why", metavar="TEXT", help="The reason, for the ledger.")
@json_option
def rotate(id_: str, config: Path | None, grace: timedelta, why: str | None, *, as_json: bool) -> None:
    """Give a key a new secret and show it, once.

    Its id stays, and with it what it may use, its limits and what it has spent.

    --json prints an object: id, key, old_until.
    """
    ledger = ledger_here(config)
    key, secret, old_until = rotate_key(ledger, id_, grace=grace, who=who(), why=why)
    shape = {"id": key.id, "key": secret, "old_until": iso(old_until)}
    answer(shape, lambda: rotated(key, secret, old_until), as_json=as_json)


@command.command()
@click.argument("id_", metavar="ID")
@config_option
@click.option("--why", metavar="TEXT", help="The reason, for the ledger.")
@json_option
def revoke(id_: str, config: Path | None, why: str | None, *, as_json: bool) -> None:
    """Take a key away. It stops working within a second.

    --json prints an object: id, revoked.
    """
    revoke_key(ledger_here(config), id_, who=who(), why=why)
    answer({"id": id_, "revoked": True}, lambda: [line(f"{id_} is revoked.")], as_json=as_json)


def _check_names(asked: Iterable[str], known: Iterable[str], kind: str) -> None:
    names = list(known)
    for name in asked:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(names)) or 'none'}"
            raise click.BadParameter(f"no {kind} is called {name!r}; {hint}", param_hint=f"--{kind}")


def _spent(ledger: Path, keys: Iterable[Key]) -> dict[str, Decimal]:
    """What each key with a budget has spent in the present period."""
    now = time.time()
    by_start: dict[float, Spending] = {}
    found = {}
    for key in keys:
        if key.budget is not None:
            start = bounds(key.budget.period, now)[0]
            if start not in by_start:
                by_start[start] = spending(ledger, "key", start)
            found[key.id] = by_start[start].of(key.id)
    return found
