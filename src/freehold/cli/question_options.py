"""The options that put a question of renting or owning, spelled once for every command that asks it.

Does not know what an option leads to.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from freehold.cli.amounts import FIGURE, SHARE
from freehold.cli.facts_at_hand import facts_option
from freehold.cli.options import config_option

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def question_options(command: CommandT) -> CommandT:
    """All fields of `Asked`, under their names."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--requests-per-month", type=FIGURE, metavar="N", help="How many; 10M is ten million."),
    click.option("--input-tokens", type=FIGURE, metavar="A", help="Tokens in, a request."),
    click.option("--output-tokens", type=FIGURE, metavar="B", help="Tokens out, a request."),
    click.option("--cached-tokens", type=FIGURE, metavar="C", help="Of the tokens in, how many hit a cache."),
    click.option(
        "--peak-to-mean", type=float, metavar="R", help="Load at the peak ÷ its mean. Typed traffic: 3."
    ),
    click.option("--growth-per-year", type=SHARE, metavar="G", help="Of the traffic; 20% is a fifth more."),
    click.option(
        "--may-not-leave",
        type=SHARE,
        metavar="S",
        help="Of the requests: 20% stay at home, whatever happens.",
    ),
    click.option(
        "--trace", type=click.Path(path_type=Path), metavar="FILE", help="Parquet, CSV or JSON Lines."
    ),
    click.option(
        "--route", metavar="R", help="This route's requests: of the trace, without one of the ledger here."
    ),
    click.option(
        "--usage", type=click.Path(path_type=Path), metavar="FILE", help="A provider's bill or usage."
    ),
    click.option(
        "--usage-model",
        "usage_models",
        multiple=True,
        metavar="NAME",
        help="Of the bill, where it has several.",
    ),
    config_option,
    click.option(
        "--rent", "rent", multiple=True, metavar="PROVIDER/MODEL", help="Say it again to compare several."
    ),
    click.option(
        "--own", "own", multiple=True, metavar="MODEL", help="Open weights; say it again to compare several."
    ),
    click.option("--precision", metavar="P", help="fp16, bf16, fp8, int8, int4 …"),
    click.option(
        "--gpu", "gpus", multiple=True, metavar="NAME", help="Of the owned fleet; say it again to compare."
    ),
    click.option("--gpu-usd-per-hour", type=FIGURE, metavar="X", help="In place of the list of prices."),
    click.option(
        "--people-usd-per-month", type=FIGURE, metavar="P", help="What owning takes in people beyond renting."
    ),
    click.option(
        "--slo-ttft-p95",
        "ttft_p95_seconds",
        type=float,
        metavar="S",
        help="Seconds to the first token. Without a use case: 2.",
    ),
    click.option(
        "--slo-tpot-p95",
        "tpot_p95_seconds",
        type=float,
        metavar="S",
        help="Seconds a further token. Without a use case: 0.1.",
    ),
    facts_option,
    click.option("--batch", is_flag=True, help="Rent at batch prices."),
    click.option(
        "--profile", metavar="NAME", help="A preset of assumptions: startup, enterprise, regulated."
    ),
    click.option(
        "--use-case", metavar="NAME", help="Lengths, peak and promise of support, documents or coding."
    ),
    click.option(
        "--assumptions", type=click.Path(path_type=Path), metavar="FILE", help="Your own rows over them."
    ),
    click.option(
        "--answers",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="What you answered; typed goes first.",
    ),
    click.option(
        "--seed", type=click.IntRange(0), default=2023, show_default=True, help="Of the drawn worlds."
    ),
)
