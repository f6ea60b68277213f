"""Look up what models and GPUs cost and what is known of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from freehold.cli.entry import DONE, FINDING
from freehold.cli.facts_at_hand import facts_at_hand, facts_option
from freehold.cli.finding import HERE
from freehold.cli.options import config_option, json_option
from freehold.cli.output import answer
from freehold.cli.price_lookup import looked_up
from freehold.cli.prices import price_file
from freehold.cli.prices_screen import found_screen, found_shape
from freehold.cli.reading import settings_for_looking
from freehold.costs import PriceFile


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@facts_option
@config_option
@json_option
def command(names: tuple[str, ...], facts: Path | None, config: Path | None, *, as_json: bool) -> int:
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
