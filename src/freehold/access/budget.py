"""Budgets as hold → settle: the worst case is reserved before a model is asked, its cost counted after.

Pure: clocks and amounts are handed in. Does not know models, prices or the ledger.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from freehold.errors import Refused

Period = Literal["day", "month", "total"]

_NOTHING = Decimal(0)
_WORDS = {"day": " a day", "month": " a month", "total": " in all"}
# Sums never round: what was spent is the sum of its records to the last digit.
_EXACT = decimal.Context(prec=1_000, traps=[decimal.Inexact, decimal.InvalidOperation])
_SHOWN = decimal.Context(prec=6)
# Money that requests under way hold comes back with their end, mostly within seconds.
_HELD_COMES_BACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent in each `period`, which is a day or a month of UTC, or all time."""

    usd: Decimal
    period: Period = "total"


def bounds(period: Period, at: float) -> tuple[float, float]:
    """When the period around `at` began and when the next begins; infinite for all time. Unix seconds."""
    if period == "total":
        return -math.inf, math.inf
    now = datetime.fromtimestamp(at, UTC)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return start.timestamp(), (start + timedelta(days=1)).timestamp()
    first = start.replace(day=1)
    return first.timestamp(), (first + timedelta(days=32)).replace(day=1).timestamp()


class Term:
    """One period of one account. `spent` is settled, `held` is reserved for requests under way."""

    __slots__ = ("end", "held", "spent", "start")

    def __init__(self, start: float, end: float, spent: Decimal = _NOTHING) -> None:
        self.start = start
        self.end = end
        self.spent = spent
        self.held = _NOTHING


class Account:
    """What one key or route may spend, and what it has. `whose` names it to a client: "key key_1".

    `spent` has the ledger's corrections up to the id `corrected_to` in it.
    """

    __slots__ = ("_before", "_term", "budget", "corrected_to", "whose")

    def __init__(
        self, whose: str, budget: Budget, at: float, spent: Decimal = _NOTHING, corrected_to: int = 0
    ) -> None:
        self.whose = whose
        self.budget = budget
        self.corrected_to = corrected_to
        self._term = Term(*bounds(budget.period, at), spent)
        self._before: Term | None = None

    def term(self, at: float) -> Term:
        """The period that a request which came at `at` belongs to. One long on its way may be of the last."""
        term = self._term
        if at >= term.end:
            self._before = term
            term = self._term = Term(*bounds(self.budget.period, at))
        elif at < term.start and self._before is not None:
            return self._before
        return term

    def correct(self, at: float, usd: Decimal) -> None:
        """A request that came at `at` counts so much more, or less, than it did."""
        for term in (self._term, self._before):
            if term is not None and term.start <= at < term.end:
                term.spent = _EXACT.add(term.spent, usd)

    def check(self, term: Term, more: Decimal, needed: Decimal, now: float) -> None:
        """Raise `Refused` (429) where `more` on top of what is spent and held would pass the cap."""
        free = _EXACT.subtract(self.budget.usd, _EXACT.add(term.spent, term.held))
        if more <= free:
            return
        wait: float | None = None
        if more <= free + term.held:
            resets, wait = "Try again when some of them have ended", _HELD_COMES_BACK_SECONDS
        elif term.end == math.inf:
            resets = "It does not reset"
        else:
            moment = datetime.fromtimestamp(term.end, UTC)
            resets, wait = f"It resets at {moment:%Y-%m-%dT%H:%M:%SZ}", math.ceil(max(1.0, term.end - now))
        raise Refused(
            429,
            f"You exceeded your current quota: the budget of {self.whose} is {_usd(self.budget.usd)}"
            f"{_WORDS[self.budget.period]}; {_usd(term.spent)} are spent and {_usd(term.held)} are held for"
            f" requests under way, and this one may cost up to {_usd(needed)}. {resets}.",
            type_="insufficient_quota",
            code="insufficient_quota",
            retry_after=wait,
        )


class Hold:
    """What one request has reserved in each of its accounts, until `settle`.

    `reserve` before each call of a model, `paid` after it. Money of an attempt whose cost stays unknown is
    counted as if the worst case had come.
    """

    __slots__ = ("_accounts", "_reserved", "_settled", "counted")

    def __init__(self, accounts: Sequence[Account], at: float) -> None:
        self._accounts = [(account, account.term(at)) for account in accounts]
        self._reserved = _NOTHING
        self._settled = False
        self.counted = _NOTHING

    def reserve(self, usd: Decimal, now: float) -> None:
        """Reserve the worst case of the next call, in all accounts or in none.

        It takes the place of a reservation that nothing was paid from. Raises `Refused` (429) where it does
        not fit.
        """
        more = _EXACT.subtract(usd, self._reserved)
        for account, term in self._accounts:
            account.check(term, more, usd, now)
        self._hold(more)
        self._reserved = usd

    def paid(self, usd: Decimal | None) -> None:
        """The call that was reserved for is over and cost this much; `None` is unknown."""
        reserved, self._reserved = self._reserved, _NOTHING
        cost = reserved if usd is None else usd
        self._hold(_EXACT.subtract(cost, reserved))
        self.counted = _EXACT.add(self.counted, cost)

    @property
    def worst_usd(self) -> Decimal:
        """What the request may have cost by the end of the call that is reserved for."""
        return _EXACT.add(self.counted, self._reserved)

    def settle(self) -> None:
        """The request is over: what was paid is spent, the rest is free again. A second call does nothing."""
        if self._settled:
            return
        self._settled = True
        held = _EXACT.add(self.counted, self._reserved)
        self._reserved = _NOTHING
        for _, term in self._accounts:
            term.held = _EXACT.subtract(term.held, held)
            term.spent = _EXACT.add(term.spent, self.counted)

    def _hold(self, more: Decimal) -> None:
        for _, term in self._accounts:
            term.held = _EXACT.add(term.held, more)


def _usd(amount: Decimal) -> str:
    """Six digits are enough to understand a refusal; the ledger has them all."""
    rounded = _SHOWN.plus(amount).normalize()
    return f"{rounded:f} USD"
