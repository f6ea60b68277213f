"""Ask both homes of a route the same, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from freehold.cli.asking import Hearing, Home, Question
from freehold.cli.completing import askable_names
from freehold.cli.entry import DONE, FINDING
from freehold.cli.errands import told_once
from freehold.cli.gateway_at_hand import client_for, gateway_url
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.shapes import record_shape
from freehold.cli.side_by_side import listen, summary
from freehold.config import Settings
from freehold.ledger import LedgerMissing, LedgerReader, Record

_FROM_THE_LEDGER = ("tenure", "label", "usage", "cost_usd", "ttft_seconds", "seconds", "slot_microseconds")


@click.command()
@click.argument("route", shell_complete=askable_names)
@click.argument("text")
@config_option
@click.option("--url", metavar="URL", help="A gateway on this machine. Without it: the one that runs here.")
@click.option("--key", envvar="FREEHOLD_KEY", metavar="KEY", help="A key of ours. Also from FREEHOLD_KEY.")
@click.option("--home", type=click.Choice(["rent", "own", "both"]), default="both", show_default=True)
@json_option
def command(
    route: str,
    text: str,
    config: Path | None,
    url: str | None,
    key: str | None,
    home: Literal["rent", "own", "both"],
    *,
    as_json: bool,
) -> int:
    """Ask the rented and the owned models of ROUTE the same TEXT, at once.

    Shows both answers with time to first token, tokens and cost from the ledger. ROUTE may also be a model's
    name. Uses the gateway that runs here, or starts one for the while. Exit code 1 where nobody answered.

    --json prints an object: route, answers; each answer has home, text, error and the fields of
    `freehold requests --json` (null where the ledger does not hold the request).
    """
    settings = settings_for_looking(config)
    hearings = [Hearing(side) for side in _sides(settings, route, home)]
    with gateway_url(settings, url) as base:
        client = client_for(settings, told_once(settings.ledger.path))
        listen(client, Question(base, route, text, key), hearings, live=not as_json)
        records = _records(settings.ledger.path, hearings)
    answers = [_shape(hearing, record) for hearing, record in zip(hearings, records, strict=True)]
    answer({"route": route, "answers": answers}, lambda: summary(hearings, records), as_json=as_json)
    return DONE if any(hearing.good for hearing in hearings) else FINDING


def _sides(settings: Settings, route: str, home: Literal["rent", "own", "both"]) -> list[Home]:
    """The homes to ask: those that the route has, as far as they were asked for."""
    known = settings.routes.get(route)
    if known is not None:
        has: dict[Home, bool] = {"rent": bool(known.rent), "own": bool(known.own)}
    elif route in settings.models:
        is_owned = settings.models[route].tenure == "owned"
        has = {"rent": not is_owned, "own": is_owned}
    else:
        names = ", ".join([*settings.routes, *settings.models])
        raise click.BadParameter(f"no route is called {route!r}; known are {names}", param_hint="ROUTE")
    sides = [side for side, there in has.items() if there and home in (side, "both")]
    if not sides:
        raise click.BadParameter(f"{route} has no model to {home}", param_hint="--home")
    return sides


def _records(ledger: Path, hearings: list[Hearing]) -> list[Record | None]:
    """What the ledger says of each; a reader never misses a request whose answer has ended."""
    try:
        with LedgerReader.open(ledger) as reader:
            return [None if h.request_id is None else reader.request(h.request_id) for h in hearings]
    except LedgerMissing:
        return [None for _ in hearings]  # --url named a gateway with another ledger


def _shape(hearing: Hearing, record: Record | None) -> dict[str, Any]:
    heard = {
        "home": hearing.home,
        "text": hearing.text,
        "error": hearing.error,
        "request_id": hearing.request_id,
        "model": hearing.model,
        "status": hearing.status,
        "simulated": hearing.simulated,
        "reason": hearing.reason,
    }
    seen = dict.fromkeys(_FROM_THE_LEDGER) if record is None else record_shape(record)
    return {**seen, **heard}
