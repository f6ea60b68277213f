"""Who rents out the weights that somebody asks to own: the third way, listed unasked. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from freehold.cli.asked import Asked
from freehold.costs import hosts_of
from freehold.costs.capacity import same_weights
from freehold.costs.decide import Host, Rented

_MOST_HOSTS = 2  # of each model: the cheapest; more are one `--rent` away


def hosts_at_hand(asked: Asked, at: datetime) -> Iterator[Host]:
    """Of every model to own the cheapest hosts in the list of prices that were not asked about anyway."""
    for model in asked.own:
        letters = "".join(letter for letter in model.lower() if letter.isalnum())[:5]
        found = hosts_of(letters, partial(same_weights, model), at=at)
        others = [(name, price) for name, price in found if name not in asked.rent]
        yield from (Host(Rented(name, price), model) for name, price in others[:_MOST_HOSTS])
