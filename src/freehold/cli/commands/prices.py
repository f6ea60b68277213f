"""Look up what models and GPUs cost and what is known of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from freehold.cli.amounts import FIGURE
from freehold.cli.asked import NOTHING_ASKED
from freehold.cli.entry import DONE, FINDING
from freehold.cli.facts_at_hand import facts_at_hand, facts_option
from freehold.cli.finding import HERE
from freehold.cli.flips import compared, flips_screen, flips_shape
from freehold.cli.market import market
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.price_lookup import looked_up
from freehold.cli.prices import price_file
from freehold.cli.prices_screen import found_screen, found_shape
from freehold.cli.reading import settings_for_looking
from freehold.costs import PriceFile


class _Lookup(click.Group):
    """`freehold prices NAME` is `freehold prices look NAME`: whatever is no command is a name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["look", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Lookup)
def command() -> None:
    """Facts by name (`freehold prices NAME`), and which verdicts a change of them flips."""


@command.command("look")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@facts_option
@config_option
@json_option
def look(names: tuple[str, ...], facts: Path | None, config: Path | None, *, as_json: bool) -> int:
    """Look up facts by NAME: a rented model (openai/gpt-4o-mini), an open model, a GPU, a provider of GPUs.

    `gpus`, `models` and `gpu_prices` list a whole table; without a name all three are listed. Every row has
    its source and date; old ones are marked stale, those of your own files as yours. API prices come from the
    override file of the config and from genai-prices. Exit code 1 where a name is not known.

    --json prints an object of lists: api (model, input_usd_per_million, output_usd_per_million,
    cached_input_usd_per_million, batch_input_usd_per_million, batch_output_usd_per_million, source), gpus,
    gpu_prices (USD for an hour of one GPU), models, each row with its facts, source, as_of, stale and own;
    and unknown. Money is a decimal string, null is unknown.
    """
    now = datetime.now(UTC)
    found = looked_up(names, facts_at_hand(facts), _overrides(config), now)
    answer(found_shape(found), lambda: found_screen(found), as_json=as_json)
    return FINDING if found.unknown else DONE


def _overrides(config: Path | None) -> PriceFile:
    if config is None and not HERE.is_file():
        return PriceFile()
    return price_file(settings_for_looking(config))


@command.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--rent", multiple=True, default=("openai/gpt-4o-mini",), show_default=True, metavar="PROVIDER/MODEL"
)
@click.option("--own", multiple=True, default=("llama-3.1-8b",), show_default=True, metavar="MODEL")
@click.option("--gpu", "gpus", multiple=True, default=("h100",), show_default=True, metavar="NAME")
@click.option("--precision", metavar="P", help="fp16, bf16, fp8, int8, int4 …")
@click.option("--requests-per-month", type=FIGURE, default="10M", show_default=True, metavar="N")
@click.option("--use-case", metavar="NAME", help="Only this one. Without it: all that are known.")
@click.option("--profile", metavar="NAME", help="A preset of assumptions, as for `decide`.")
@click.option("--people-usd-per-month", type=FIGURE, metavar="P", help="As for `decide`.")
@json_option
def diff(old: Path, new: Path, *, as_json: bool, **typed: Any) -> int:
    """Which verdicts flip from the market OLD to NEW: files or folders of TOML. Exit code 1 if one does.

    Each holds facts as --facts takes them, a price file as the config names one, or `[retired]` with the last
    day of rented models; what it does not say is as the product knows it. Made for a scheduled job.

    --json prints a list of objects: name, old and new (the verdicts), flips, old_reason, new_reason.
    """
    asked = replace(NOTHING_ASKED, **typed)
    flips = compared(asked, market(old), market(new), datetime.now(UTC))
    answer(flips_shape(flips), lambda: flips_screen(flips), as_json=as_json)
    return FINDING if any(each.flips for each in flips) else DONE
