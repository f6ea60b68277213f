"""Decide whether to rent or to own, from typed volumes or a trace, with intervals and a verdict."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from freehold.cli.amounts import FIGURE, SHARE
from freehold.cli.asked import Asked
from freehold.cli.board_report import board_report
from freehold.cli.deciding import ask
from freehold.cli.decision_screen import decision_screen, decision_shape
from freehold.cli.entry import DONE
from freehold.cli.facts_at_hand import facts_option
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.errors import ConfigError


@click.command()
@click.option("--requests-per-month", type=FIGURE, metavar="N", help="How many; 10M is ten million.")
@click.option("--input-tokens", type=FIGURE, metavar="A", help="Tokens in, a request.")
@click.option("--output-tokens", type=FIGURE, metavar="B", help="Tokens out, a request.")
@click.option("--cached-tokens", type=FIGURE, metavar="C", help="Of the tokens in, how many hit a cache.")
@click.option(
    "--peak-to-mean", type=float, metavar="R", help="Load at the peak ÷ its mean. Typed traffic: 3."
)
@click.option("--growth-per-year", type=SHARE, metavar="G", help="Of the traffic; 20% is a fifth more.")
@click.option("--trace", type=click.Path(path_type=Path), metavar="FILE", help="Parquet, CSV or JSON Lines.")
@click.option(
    "--route", metavar="R", help="This route's requests: of the trace, without one of the ledger here."
)
@click.option("--usage", type=click.Path(path_type=Path), metavar="FILE", help="A provider's bill or usage.")
@click.option(
    "--usage-model", "usage_models", multiple=True, metavar="NAME", help="Of the bill, where it has several."
)
@config_option
@click.option(
    "--rent", "rent", multiple=True, metavar="PROVIDER/MODEL", help="Say it again to compare several."
)
@click.option(
    "--own", "own", multiple=True, metavar="MODEL", help="Open weights; say it again to compare several."
)
@click.option("--precision", metavar="P", help="fp16, bf16, fp8, int8, int4 …")
@click.option(
    "--gpu", "gpus", multiple=True, metavar="NAME", help="Of the owned fleet; say it again to compare."
)
@click.option("--gpu-usd-per-hour", type=FIGURE, metavar="X", help="In place of the list of prices.")
@click.option(
    "--people-usd-per-month", type=FIGURE, metavar="P", help="What owning takes in people beyond renting."
)
@click.option(
    "--slo-ttft-p95",
    "ttft_p95_seconds",
    type=float,
    metavar="S",
    help="Seconds to the first token. Without a use case: 2.",
)
@click.option(
    "--slo-tpot-p95",
    "tpot_p95_seconds",
    type=float,
    metavar="S",
    help="Seconds a further token. Without a use case: 0.1.",
)
@facts_option
@click.option("--batch", is_flag=True, help="Rent at batch prices.")
@click.option("--profile", metavar="NAME", help="A preset of assumptions: startup, enterprise, regulated.")
@click.option("--use-case", metavar="NAME", help="Lengths, peak and promise of support, documents or coding.")
@click.option(
    "--assumptions", type=click.Path(path_type=Path), metavar="FILE", help="Your own rows over them."
)
@click.option(
    "--answers", type=click.Path(path_type=Path), metavar="FILE", help="What you answered; typed goes first."
)
@click.option("--seed", type=int, default=2023, show_default=True, help="Of the drawn worlds.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A page to send, too."
)
@json_option
def command(*, html: Path | None, as_json: bool, **typed: Any) -> int:
    """Compare renting PROVIDER/MODEL with owning MODEL at this traffic; say which pays, and from where on.

    Traffic is typed; or read from --trace (columns t_ms, input_tokens, output_tokens), from the ledger by
    --route, or from a provider's bill by --usage, then scaled to a month of 730 hours. What is uncertain
    is an 80 % interval over drawn worlds; the rented month is exact.

    --json prints an object: rent (model, usd_per_month, with --trace usd_in_trace), own (usd_per_month and
    gpus, each p10, p50, p90; the cheapest fixed fleet held for 730 hours without spares),
    break_even_requests_per_month (pairs of low and high, one for each crossing), verdict (rent, own, hybrid,
    unclear), reason, decided_by, decided_by_kind (constraint, money, preference, nothing), weighed (removed,
    to_ask, known, leaning), alternatives, swings, scenarios, assumptions, horizon, window (what was measured:
    source, requests, days, usd). Money is decimal strings.
    """
    decided = ask(Asked(**typed), datetime.now(UTC))
    if html is not None:
        again = shlex.join(["freehold", *sys.argv[1:]])
        try:
            html.write_text(board_report(decided, again), "utf-8")
        except OSError as error:
            raise ConfigError("--html", f"{html} cannot be written: {error}") from error
    answer(decision_shape(decided), lambda: decision_screen(decided), as_json=as_json)
    return DONE
