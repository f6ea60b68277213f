"""Adding money without ever rounding, in Python and inside SQLite. Does not know what is added."""

from __future__ import annotations

import decimal
import sqlite3
from collections.abc import Iterable
from decimal import Decimal

# Adding never rounds within this many digits, and raises `Inexact` rather than rounding beyond.
EXACT = decimal.Context(prec=1_000, traps=[decimal.Inexact, decimal.InvalidOperation])

# Amounts within these decimal places can be added forever without leaving those digits.
_MOST_PLACES = 300


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, never rounded."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def is_addable(amount: Decimal) -> bool:
    """Whether it is a number, and one that sums can take in whatever else they hold."""
    if not amount.is_finite():
        return False
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_PLACES and amount.adjusted() <= _MOST_PLACES


def amount_text(amount: Decimal) -> str:
    """As the roll-ups hold it. Raises `decimal.InvalidOperation` where it cannot be added up."""
    if not is_addable(amount):
        raise decimal.InvalidOperation(f"{amount} cannot be added up")
    return str(amount)


class _ExactSum:
    """SQLite's aggregate `exact_sum`: decimals as text in, their sum as text out."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, text: str | None) -> None:
        if text is not None:
            self._sum = EXACT.add(self._sum, Decimal(text))

    def finalize(self) -> str:
        return str(self._sum)


def _exact_add(one: str, other: str) -> str:
    return str(EXACT.add(Decimal(one), Decimal(other)))


def teach_adding(connection: sqlite3.Connection) -> None:
    """Give `connection` the aggregate `exact_sum(text)` and the function `exact_add(text, text)`."""
    connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]  # typeshed wants int results
    connection.create_function("exact_add", 2, _exact_add, deterministic=True)
