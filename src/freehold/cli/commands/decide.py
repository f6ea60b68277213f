"""Decide whether to rent or to own, from typed volumes or a trace, with intervals and a verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from freehold.cli.asked import Asked
from freehold.cli.deciding import ask
from freehold.cli.decision_screen import decision_screen
from freehold.cli.decision_shape import decision_shape
from freehold.cli.entry import DONE
from freehold.cli.guiding import guided
from freehold.cli.options import json_option
from freehold.cli.output import answer
from freehold.cli.question_options import question_options
from freehold.cli.waiting import told_while_waiting


@click.command()
@click.option("--guide", is_flag=True, help="Be asked: writes --answers FILE (answers.toml), then decides.")
@question_options
@json_option
def command(*, guide: bool, as_json: bool, **typed: Any) -> int:
    """Compare renting PROVIDER/MODEL with owning MODEL at this traffic; say which pays, and from where on.

    Traffic is typed; or read from --trace (columns t_ms, input_tokens, output_tokens), from the ledger by
    --route, or from a provider's bill by --usage, then scaled to a month of 730 hours. What is uncertain
    is an 80 % interval over drawn worlds; the rented month is exact.

    --guide asks some twenty questions and says why each matters. On a terminal it asks again what it did not
    understand; from a pipe it reads a line for each question, an empty one for what is proposed.

    --json prints an object: rent (model, usd_per_month, with --trace usd_in_trace), own (usd_per_month and
    gpus, each p10, p50, p90; the cheapest fixed fleet held for 730 hours without spares),
    break_even_requests_per_month (pairs of low and high, one for each crossing), verdict (rent, own, hybrid,
    unclear), reason, decided_by, decided_by_kind (constraint, money, preference, nothing), weighed (removed,
    to_ask, known, leaning), plan (now, measure, reopen), alternatives, swings, scenarios, assumptions,
    horizon, window (what was measured: source, requests, days, usd, repeated lines, and simulated: how many a
    sandbox answered). Money is decimal strings.
    """
    at = datetime.now(UTC)
    if guide:
        typed["answers"] = guided(typed["answers"], at)
    with told_while_waiting() as doing:
        decided = ask(Asked(**typed), at, doing=doing)
    answer(decision_shape(decided), lambda: decision_screen(decided), as_json=as_json)
    return DONE
