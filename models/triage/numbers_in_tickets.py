"""Numbers as people write them: order ids in many formats, and those that are not order ids.

``x`` stands for a digit, ``L`` for a capital, ``l`` for a small letter. The sentences around them it does not
know.
"""

from __future__ import annotations

import random

import phrases

_FORMATS = phrases.load_slots("numbers")
_DATES = (
    "{d} {m}",
    "{d} {m}",
    "{m} {d}",
    "{d}/{n}",
    "{d}.{n}.",
    "202{y}-{n:02}-{d:02}",
    "{d:02}.{n:02}.202{y}",
    "the {d}th",
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Oct",
    "Nov",
    "Dec",
]
_PRICES = (
    "£{a}.{b:02}",
    "${a}.{b:02}",
    "{a},{b:02} €",
    "{a}.{b:02} EUR",
    "€{a}",
    "{a} euros",
    "£{a}",
    "{a} dollars",
    "USD {a}",
)


def pattern(rng: random.Random, formats: list[str]) -> str:
    """One of the formats with its places filled."""
    return "".join(_character(rng, place) for place in rng.choice(formats))


def _character(rng: random.Random, place: str) -> str:
    if place == "x":
        return rng.choice("0123456789")
    if place == "L":
        return rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
    return rng.choice("abcdefghijkmnoprstuvw") if place == "l" else place


def order_id(rng: random.Random) -> str:
    """An order id without a leading ``#``."""
    return pattern(rng, _FORMATS["order"])


def other(rng: random.Random, slot: str) -> str | None:
    """A number of the given kind, or None if the slot is none of these kinds."""
    if slot == "date":
        day, number, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2, 6)
        return rng.choice(_DATES).format(d=day, n=number, m=rng.choice(_MONTHS), y=year)
    if slot == "price":
        return rng.choice(_PRICES).format(
            a=rng.choice((rng.randint(2, 99), rng.randint(100, 2500))), b=rng.randint(0, 99)
        )
    return pattern(rng, _FORMATS[slot]) if slot in _FORMATS else None
